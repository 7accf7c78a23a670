"""Suppressions: a reviewer answers for a finding until a day, and no gate is silent about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stillframe.errors import Conflict, Forbidden, InvalidInput, NotFound
from stillframe.flows.auditing import list_audit
from stillframe.flows.suppressions import SuppressionRequest, lift_suppression, list_suppressions, suppress
from stillframe.model.gate import Suppression
from stillframe.model.identity import Caller
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, check, profile, statuses
from tests.flows.room import Room

NONE_HIGH = profile({"findings": "high", "within": ["audit"], "at_most": 0})


@pytest.fixture(autouse=True)
def _teams(room: Room) -> None:
    scoped.settle_in(room)


def rita() -> Caller:
    return Caller(user_id="u-rita", name="rita", role="reviewer")


def answer_for(room: Room, finding_id: str, *, days: float = 30, who: Caller | None = None, **said: str) -> Suppression:
    expires = room.clock() + timedelta(days=days)
    asked = SuppressionRequest(
        **{"project_name": PROJECT, "finding_id": finding_id, "reason": "only constants reach it", **said},
        expires_at=expires,
    )
    return suppress(room.services, who or rita(), request=asked)


def finding(room: Room) -> str:
    """Return the id of the one high finding, as the failing gate tells it."""
    [witness] = check(room, bandit(high=1), profile=NONE_HIGH).document["checks"][0]["witnesses"]
    return str(witness["id"])


def test_a_suppressed_blocker_is_never_a_silent_pass(room: Room) -> None:
    """The gate passes, and says of the check that it was suppressed, by whom, why and until when."""
    answer_for(room, finding(room), ticket="SEC-12")
    answer = check(room, bandit(high=1), profile=NONE_HIGH)
    assert (answer.decision, statuses(answer)) == ("pass", {"check-0": "suppressed"})
    [told] = answer.document["suppressions"]
    assert (told["created_by"], told["ticket"], told["state"]) == ("rita", "SEC-12", "active")


def test_a_suppression_ends_by_itself_or_is_lifted(room: Room) -> None:
    """Nobody has to remember: the day after, the finding counts again; so it does once it is taken back."""
    name = finding(room)
    answer_for(room, name, days=2)
    room.clock.move(days=2)
    assert check(room, bandit(high=1), profile=NONE_HIGH).decision == "fail"
    again = answer_for(room, name)
    assert check(room, bandit(high=1), profile=NONE_HIGH).decision == "pass"
    assert lift_suppression(room.services, rita(), suppression_id=again.id).lifted_by == "rita"
    assert check(room, bandit(high=1), profile=NONE_HIGH).decision == "fail"
    with pytest.raises(Conflict):
        lift_suppression(room.services, rita(), suppression_id=again.id)


def test_only_a_reviewer_may_suppress_and_lift(room: Room) -> None:
    """Whoever builds the release does not say which of its findings count; a stranger learns nothing."""
    made = answer_for(room, "B307:src/app.py")
    for who in (room.alice, room.bob):
        with pytest.raises(Forbidden):
            answer_for(room, "B999", who=who)
        with pytest.raises(Forbidden):
            lift_suppression(room.services, who, suppression_id=made.id)
    with pytest.raises(NotFound):
        answer_for(room, "B999", who=room.charlie)
    with pytest.raises(NotFound) as hidden:
        lift_suppression(room.services, room.charlie, suppression_id=made.id)
    with pytest.raises(NotFound) as absent:
        lift_suppression(room.services, room.charlie, suppression_id="nothing")
    assert hidden.value.message == absent.value.message


def test_a_suppression_needs_an_end_a_reason_and_a_finding(room: Room) -> None:
    """Without an end it would be forgotten; each fault names its member."""
    asked = SuppressionRequest(project_name=PROJECT, finding_id="", reason=" ", expires_at=None)
    with pytest.raises(InvalidInput) as refusal:
        suppress(room.services, rita(), request=asked)
    assert {fault.path for fault in refusal.value.faults} == {"$.finding_id", "$.reason", "$.expires_at"}
    for days in (-1, 0, 366):
        with pytest.raises(InvalidInput, match="expires_at"):
            answer_for(room, "B307", days=days)


def test_a_finding_is_suppressed_once_at_a_time(room: Room) -> None:
    """Two ends for one finding would be two answers."""
    answer_for(room, "B307")
    with pytest.raises(Conflict):
        answer_for(room, "B307", days=60)


def test_lists_show_what_holds_and_on_request_what_has_ended(room: Room) -> None:
    """Newest first, of one project or of all that the caller may see."""
    first = answer_for(room, "B1", days=1)
    room.clock.move(minutes=1)
    second = answer_for(room, "B2")
    room.clock.move(days=1)

    def listed(who: Caller, **said: object) -> list[str]:
        page = list_suppressions(room.services, who, limit=10, **said)  # type: ignore[arg-type]  # because tests name any option
        return [found.id for found in page.items]

    assert listed(room.bob, project_name=PROJECT) == [second.id]
    assert listed(room.bob, include_ended=True) == [second.id, first.id]
    assert listed(room.charlie, include_ended=True) == []


def test_the_audit_log_says_who_answered_for_what(room: Room) -> None:
    """Each suppression and each lifting is a line, and so is every gate."""
    made = answer_for(room, "B307")
    lift_suppression(room.services, rita(), suppression_id=made.id)
    check(room, bandit(high=1))
    lines = list_audit(room.services, room.root, limit=20).items
    told = {line.action: line for line in lines}
    assert (told["suppression.create"].actor, told["suppression.create"].detail["finding_id"]) == ("rita", "B307")
    assert told["suppression.lift"].object == f"suppression:{made.id}"
    assert told["release.check"].detail["decision"] == "pass"
