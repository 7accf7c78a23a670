"""Deliveries: what was promised to whom, the letter that a channel sends, and how a try ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

SubscriberKind: TypeAlias = Literal["persona", "webhook", "email"]
DeliveryKind: TypeAlias = Literal["alert", "resolved", "digest", "gate"]
DeliveryState: TypeAlias = Literal[
    "pending", "sent", "gave_up", "deferred", "expired", "cancelled", "withheld", "parked"
]
"""`pending` is due now or at `due_at`, or being sent under a lease; all others are ends, of which `deferred`, `gave_up`
and `parked` can be replayed."""


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
    """The URL in clear; often a credential, so never shown."""
    secrets: tuple[str, ...] = field(repr=False)
    """Signing secrets in force, newest first (`whsec_…`)."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The receiver took it."""

    status: int


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
    """How one try of one letter ended."""

    letter: Letter
    result: Result
    started_at: datetime
    finished_at: datetime
