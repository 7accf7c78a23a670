"""Suppressions: what a reviewer must say to answer for a finding, and which of them hold for a project now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from stillframe.errors import Fault, InvalidInput
from stillframe.model.gate import Suppression
from stillframe.model.times import milliseconds

LONGEST_FINDING_ID: Final = 512
LONGEST_REASON: Final = 2_000
LONGEST_TICKET: Final = 200
LONGEST_DAYS: Final = 365


def new_suppression(
    *,
    id: str,  # noqa: A002  # because the member is called so
    project_name: str,
    finding_id: str,
    reason: str,
    expires_at: datetime | None,
    created_by: str,
    now: datetime,
    ticket: str | None = None,
) -> Suppression:
    """
    Return a suppression that begins now.

    Shape   `reason` and `ticket` are kept without the blanks around them; a blank ticket is none.
    Errors  InvalidInput with every fault found: `$.finding_id` of 1 to 512 characters, `$.reason` of 1 to 2000,
            `$.ticket` of at most 200, `$.expires_at` in the future and at most 365 days away.
    Source  docs/reference/release-profiles.md, "Suppressions".
    """
    faults = [
        *_text_faults("finding_id", finding_id.strip(), most=LONGEST_FINDING_ID),
        *_text_faults("reason", reason.strip(), most=LONGEST_REASON),
        *_text_faults("ticket", (ticket or "").strip(), most=LONGEST_TICKET, required=False),
        *_expiry_faults(expires_at, now),
    ]
    if faults or expires_at is None:
        raise InvalidInput(faults=faults)
    return Suppression(
        id=id,
        project_name=project_name,
        finding_id=finding_id.strip(),
        reason=reason.strip(),
        ticket=(ticket or "").strip() or None,
        created_by=created_by,
        created_at=milliseconds(now),
        expires_at=milliseconds(expires_at),
    )


def holding(
    suppressions: Iterable[Suppression], *, now: datetime, project_name: str | None = None
) -> dict[str, Suppression]:
    """
    Return the suppressions that hold now, by the finding that each is for; of two for one finding the longer.

    Shape   `project_name`: those of other projects count for nothing; without it all of them are taken to be of the one
            project that is asked about.
    """
    found: dict[str, Suppression] = {}
    for one in suppressions:
        if not one.is_active(now) or project_name not in (None, one.project_name):
            continue
        other = found.get(one.finding_id)
        if other is None or (other.expires_at, other.id) < (one.expires_at, one.id):
            found[one.finding_id] = one
    return found


def _text_faults(member: str, text: str, *, most: int, required: bool = True) -> list[Fault]:
    path = f"$.{member}"
    if required and not text.strip():
        return [Fault(path=path, message=f"is required: 1 to {most} characters that are not all blank")]
    if len(text) > most:
        return [Fault(path=path, message=f"has {len(text)} characters, and at most {most} are allowed")]
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        return [Fault(path=path, message="holds a NUL or a lone surrogate, which is no character; leave it out")]
    return []


def _expiry_faults(expires_at: datetime | None, now: datetime) -> list[Fault]:
    latest = f"at most {LONGEST_DAYS} days from now"
    if expires_at is None:
        message = f"is required: when it ends by itself, in the future and {latest}"
    elif expires_at.tzinfo is None:
        message = f"needs a zone; it is a time in the future and {latest}"
    elif expires_at <= now:
        message = f"is not in the future; it must be, and {latest}"
    elif expires_at - now > timedelta(days=LONGEST_DAYS):
        message = f"is more than {LONGEST_DAYS} days from now; it must be {latest}"
    else:
        return []
    return [Fault(path="$.expires_at", message=message)]
