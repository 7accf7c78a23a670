"""Where a subscriber is: checked, and parted into what may be shown and what only the vault may keep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from stillframe.errors import AddressRefused, Fault, InvalidInput, nearest
from stillframe.flows.permission import require
from stillframe.flows.services import Services
from stillframe.model.delivery import SubscriberKind
from stillframe.model.identity import Caller
from stillframe.model.subscription import Subscription
from stillframe.notify import CheckedURL, check_url, mail_address, receiver_digest, shown_address
from stillframe.rules.access import may


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
            mailbox = _mailbox(subscriber_id)
            # However its letters are written, one mailbox is one receiver: it is asked and told in one turn.
            return Address(shown=mailbox, receiver=receiver_digest(mailbox.casefold(), services.receiver_key))
        case "channel":
            return Address(shown=subscriber_id, receiver=f"channel:{subscriber_id}")
        case "webhook":
            checked = _checked(services, subscriber_id)
            digest = receiver_digest(checked.text, services.receiver_key)
            return Address(shown=shown_address(checked.text, digest), receiver=digest, secret_part=checked.text)


def as_shown_to(caller: Caller, subscription: Subscription) -> Subscription:
    """
    Return a subscription as it is listed: of a mail address that somebody else subscribed, where it is and not whose.

    `ana@example.org` is `a…@example.org`, enough to know it again for who knows it already.
    """
    if subscription.subscriber_kind != "email" or subscription.owner_id == caller.user_id:
        return subscription
    local, _, domain = subscription.subscriber_id.rpartition("@")
    return replace(subscription, subscriber_id=f"{local[:1]}…@{domain}")


def require_channel(services: Services, caller: Caller, name: str, *, group_id: str | None) -> None:
    """
    Let a subscription name only a channel that exists and is the caller's to use.

    Shape   `group_id`: the group that its dashboard belongs to, whose editors may name what the operator gave it.
    Errors  InvalidInput with the nearest channel for those who may know them; Forbidden for the others.
    """
    if not is_channel_given(services, name, group_id):
        require(caller, "channel.use")
    if name not in services.channels:
        hint = nearest(name, sorted(services.channels))
        raise InvalidInput.at("$.subscriber_id", f"no channel is named {name[:80]!r} in the configuration{hint}")


def may_use_channel(services: Services, caller: Caller, name: str, *, group_id: str | None) -> bool:
    """
    Say whether a subscription of the caller may still be told by a channel.

    One that is not in the configuration any more may come back, so nobody loses a subscription for it.
    """
    is_known = name in services.channels
    return not is_known or is_channel_given(services, name, group_id) or may(caller, "channel.use").allowed


def is_channel_given(services: Services, name: str, group_id: str | None) -> bool:
    """Say whether the configuration lets the dashboards of a group use a channel."""
    return group_id is not None and group_id in services.channels.get(name, frozenset())


def _mailbox(text: str) -> str:
    try:
        return mail_address(text)
    except ValueError as error:
        raise InvalidInput.at("$.subscriber_id", str(error)) from None


def _checked(services: Services, url: str) -> CheckedURL:
    try:
        return check_url(url, policy=services.address_policy)
    except AddressRefused as error:
        raise AddressRefused(faults=[Fault(path="$.subscriber_id", message=error.message)]) from None
