"""Deliveries: what was promised to whom, the letter that a channel sends, and how a try ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from stillframe.model.times import time_text

SubscriberKind: TypeAlias = Literal["persona", "webhook", "email", "channel"]
DeliveryKind: TypeAlias = Literal["alert", "resolved", "digest", "gate", "confirm"]
"""`confirm`: the mail that asks whether an address wants to be told."""
DeliveryState: TypeAlias = Literal[
    "pending", "sent", "gave_up", "deferred", "expired", "cancelled", "withheld", "parked", "unknown"
]
"""
`pending` is due now or at `due_at`, or being sent under a lease; all others are ends.

`deferred`: there is no way to send it yet, and it becomes pending when there is. `expired`: deferred for too long.
`withheld`: its subscription's owner may no longer see what it tells. `parked`: its subscription was paused, or its
workers died of it. `unknown`: it may have arrived, and is not sent again by itself. `gave_up`, `parked`, `unknown`,
`withheld` and `sent` can be replayed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """
    One message ready to be sent once, under a lease.

    Units   `attempt` counts from 1.
    """

    delivery_id: str
    """Stable over every try: the receiver's key for telling a repeat (`webhook-id`)."""
    lease_token: int
    attempt: int
    receiver: str
    """Digest of the address: sends to one receiver share a limit, and a receiver with an open send is busy."""
    address: str = field(repr=False)
    """In clear: a webhook's URL, which is often a credential and so never shown; a mail address; a channel's name."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Of a webhook the signing secrets in force, newest first (`whsec_…`)."""
    body: bytes = field(repr=False)
    """What goes out, the same on every try: the JSON of a webhook, a whole mail, or a channel's document."""
    channel: SubscriberKind = "webhook"
    """By which channel it goes."""
    key: int = 0
    """Its row in the outbox; a test send has none."""
    promised_at: datetime | None = None
    """When its promise was committed, for saying how long it took."""
    request_id: str | None = None
    """The request in whose time it is sent, for the log; None where a worker sends it by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """
    The receiver took it.

    Shape   `status`: of HTTP or SMTP, None where a channel has none.
    """

    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The receiver did not take it. `detail` names the cause without the address."""

    detail: str
    status: int | None = None
    retry_after_seconds: float | None = None
    permanent: bool = False
    """True when another try cannot help (410 Gone, an address that is refused)."""
    unknown: bool = False
    """True when the receiver may have taken it all the same: the request was out and no whole answer came back."""


Result: TypeAlias = Sent | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    How one try of one letter ended.

    Shape   `begun`: False when nothing was sent, because its turn did not come or its lease was gone; `result` then
            says which, and the delivery goes back as if it had not been claimed.
    """

    letter: Letter
    result: Result
    started_at: datetime
    finished_at: datetime
    begun: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """
    How a test send ended; it is no delivery, and evidence of none.

    Shape   `outcome`: `sent`, `failed`, or `unknown` when it may have arrived. `sent_by`: the name of whoever asked.
    """

    subscription_id: str
    sent_by: str
    at: datetime
    outcome: str
    status: int | None = None
    detail: str | None = None

    def as_dict(self) -> dict[str, Any]:
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return document | {"at": time_text(self.at)}
