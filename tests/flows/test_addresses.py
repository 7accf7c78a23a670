"""Addresses: what is shown of one never opens it, and what is wrong with one is said before it is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillframe.errors import AddressRefused, Forbidden, InvalidInput
from stillframe.flows.addresses import address_of, as_shown_to, is_channel_given, require_channel
from stillframe.flows.subscriptions import (
    SubscriptionRequest,
    get_subscription,
    list_subscriptions,
    subscribe,
)
from tests.flows.room import ANY, Room


def test_a_webhook_shows_its_host_and_hides_its_path(room: Room) -> None:
    """A path is often the credential; the digest tells two of one host apart."""
    first = address_of(room.services, "webhook", "https://hooks.example.org/T0/secret")
    second = address_of(room.services, "webhook", "https://hooks.example.org/T0/other")
    assert "secret" not in first.shown
    assert "hooks.example.org" in first.shown
    assert first.receiver != second.receiver
    assert first.secret_part == "https://hooks.example.org/T0/secret"
    assert "secret" not in repr(first)


def test_a_persona_and_a_mail_address_are_shown_as_they_are(room: Room) -> None:
    """There is nothing in them to seal."""
    for kind, name in (("persona", "bob"), ("email", "ana@example.org")):
        found = address_of(room.services, kind, name)  # type: ignore[arg-type]  # because the table holds kinds
        assert (found.shown, found.secret_part) == (name, None)


def test_a_mail_address_has_one_spelling(room: Room) -> None:
    """The domain is the same however it is written; what stands before the @ is the other side's own."""
    for typed in ("Ana@Bücher.Example", "Ana@xn--bcher-kva.EXAMPLE"):
        assert address_of(room.services, "email", typed).shown == "Ana@xn--bcher-kva.example"


def test_somebody_elses_mail_address_is_not_listed(room: Room) -> None:
    """Editors and administrators see that somebody is told, and not their address; its owner sees it whole."""
    board = room.board()
    asked = SubscriptionRequest(subscriber_kind="email", subscriber_id="ana@example.org", threshold=ANY)
    made = subscribe(room.services, room.alice, dashboard_ref=board.id, request=asked).subscription
    shown = {}
    for caller in (room.alice, room.root):
        (listed,) = list_subscriptions(room.services, caller, dashboard_ref=board.id)
        found = get_subscription(room.services, caller, dashboard_ref=board.id, subscription_id=made.id)
        shown[caller.name] = {listed.subscriber_id, found.subscriber_id, as_shown_to(caller, made).subscriber_id}
    assert list(shown.values()) == [{"ana@example.org"}, {"a…@example.org"}]


@pytest.mark.parametrize("name", ["ana", "ana@", "ana@a,b", "a b@example.org", "ana@example.org\nBcc: x@y.org"])
def test_what_is_no_mail_address_is_refused(room: Room, name: str) -> None:
    """A line break in it would be a header of somebody's making."""
    with pytest.raises(InvalidInput, match="subscriber_id"):
        address_of(room.services, "email", name)


def test_an_address_that_is_not_allowed_is_refused_at_its_member(room: Room) -> None:
    """Every address that a user typed passes the check."""
    with pytest.raises(AddressRefused) as refusal:
        address_of(room.services, "webhook", "ftp://hooks.example.org/")
    assert refusal.value.faults[0].path == "$.subscriber_id"


def test_a_channel_of_the_group_is_its_editors_to_name(room: Room) -> None:
    """The operator gives a chat to a group; whose dashboard is elsewhere asks an administrator."""
    services = replace(room.services, channels={"ops": frozenset({"team"}), "pager": frozenset()})
    require_channel(services, room.alice, "ops", group_id="team")
    for name, group_id in (("ops", "other"), ("ops", None), ("pager", "team"), ("unknown", "team")):
        with pytest.raises(Forbidden, match=r"channel\.use"):
            require_channel(services, room.alice, name, group_id=group_id)
        assert not is_channel_given(services, name, group_id)


def test_an_administrator_may_name_every_channel_that_there_is(room: Room) -> None:
    """A name that is none is said with the nearest, to those alone who may know the names."""
    services = replace(room.services, channels={"ops": frozenset(), "pager": frozenset()})
    require_channel(services, room.root, "pager", group_id=None)
    with pytest.raises(InvalidInput, match=r"\$\.subscriber_id: no channel is named 'oops'.*did you mean 'ops'"):
        require_channel(services, room.root, "oops", group_id="team")
