"""Where a subscriber is: checked, and parted into what may be shown and what only the vault may keep."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from stillframe.errors import AddressRefused, Fault, InvalidInput
from stillframe.flows.services import Services
from stillframe.model.delivery import SubscriberKind
from stillframe.notify import CheckedURL, check_url, receiver_digest, shown_address

_EMAIL = re.compile(r"[^@\s\x00-\x1f,;<>\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a subscriber is: what may be shown of it, and what only the vault may keep."""

    shown: str
    receiver: str | None = None
    secret_part: str | None = field(default=None, repr=False)


def address_of(services: Services, kind: SubscriberKind, subscriber_id: str) -> Address:
    """
    Return where a subscriber is.

    Shape   `subscriber_id`: a persona's slug, a webhook's URL, an email address, or a channel's name.
    Errors  InvalidInput, AddressRefused at `$.subscriber_id`.
    """
    match kind:
        case "persona":
            return Address(shown=subscriber_id)
        case "email":
            if not _EMAIL.fullmatch(subscriber_id):
                raise InvalidInput.at("$.subscriber_id", "write one email address: ana@example.org")
            return Address(shown=subscriber_id, receiver=receiver_digest(subscriber_id, services.receiver_key))
        case "channel":
            return Address(shown=subscriber_id, receiver=f"channel:{subscriber_id}")
        case "webhook":
            checked = _checked(services, subscriber_id)
            digest = receiver_digest(checked.text, services.receiver_key)
            return Address(shown=shown_address(checked.text, digest), receiver=digest, secret_part=checked.text)


def _checked(services: Services, url: str) -> CheckedURL:
    try:
        return check_url(url, policy=services.address_policy)
    except AddressRefused as error:
        raise AddressRefused(faults=[Fault(path="$.subscriber_id", message=error.message)]) from None
