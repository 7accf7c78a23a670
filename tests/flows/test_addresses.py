"""Addresses: what is shown of one never opens it, and what is wrong with one is said before it is kept."""

from __future__ import annotations

import pytest

from stillframe.errors import AddressRefused, InvalidInput
from stillframe.flows.addresses import address_of
from tests.flows.room import Room


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
