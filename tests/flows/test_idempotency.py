"""A key is running, answered, of another body, or free; and what it keeps is sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.errors import ConfigurationError, Conflict, InvalidInput
from stillframe.flows.idempotency import KeptAnswer, Receipt, begin
from stillframe.model.identity import Caller
from tests.flows.room import Room

ROUTE = "POST /api/dashboards"
BODY = b'{"title": "Board"}'


def fresh(room: Room, key: str = "k", body: bytes = BODY, *, caller: Caller | None = None) -> Receipt:
    """Take a key that must be free."""
    found = begin(room.services, caller or room.alice, route=ROUTE, key=key, body=body)
    assert isinstance(found, Receipt)
    return found


def answer(room: Room, receipt: Receipt, text: str) -> None:
    """Answer a request."""
    with room.services.store.write() as unit:
        receipt.answer(room.services, unit, status=201, document={"secret": text})


def test_a_second_request_waits_for_the_first(room: Room) -> None:
    """While it is running nobody knows its answer: try again soon."""
    fresh(room)
    with pytest.raises(Conflict) as refused:
        begin(room.services, room.alice, route=ROUTE, key="k", body=BODY)
    assert refused.value.retry_after_seconds


def test_an_answered_request_is_answered_again(room: Room, tmp_path: Path) -> None:
    """The same words to the same body; another body is a mistake of the caller's. What is kept is sealed."""
    answer(room, fresh(room), "whsec_canary")
    found = begin(room.services, room.alice, route=ROUTE, key="k", body=BODY)
    assert found == KeptAnswer(status=201, document={"secret": "whsec_canary"})
    with pytest.raises(Conflict, match="another body"):
        begin(room.services, room.alice, route=ROUTE, key="k", body=b"{}")
    room.services.store.close()
    assert b"whsec_canary" not in b"".join(path.read_bytes() for path in tmp_path.glob("stillframe.db*"))


def test_a_request_that_failed_frees_its_key(room: Room) -> None:
    """The next try may be another body; but an answer that was kept stays."""
    receipt = fresh(room)
    receipt.free(room.services)
    answer(room, fresh(room, body=b"{}"), "x")
    receipt.free(room.services)
    assert isinstance(begin(room.services, room.alice, route=ROUTE, key="k", body=b"{}"), KeptAnswer)


def test_a_key_is_its_callers_and_its_routes_own(room: Room) -> None:
    """Two people may use the same key, and so may one person on two routes."""
    fresh(room)
    fresh(room, caller=room.bob)
    assert isinstance(begin(room.services, room.alice, route="POST /api/tokens", key="k", body=BODY), Receipt)


def test_a_kept_answer_opens_under_its_own_key_only(room: Room) -> None:
    """A row that somebody moved says nothing."""
    receipt, other = fresh(room), fresh(room, "other")
    sealed = room.services.vault.seal("{}", row_id=receipt._row_id)
    assert receipt.opened(room.services, sealed) == {}
    with pytest.raises(ConfigurationError):
        other.opened(room.services, sealed)


def test_keys_are_kept_for_two_days_and_a_dead_request_is_given_up(room: Room) -> None:
    """A process that was killed in the middle does not hold a key for ever."""
    fresh(room, "dead")
    answer(room, fresh(room, "kept"), "x")
    room.clock.move(minutes=11)
    fresh(room, "dead")
    room.clock.move(hours=47)
    assert isinstance(begin(room.services, room.alice, route=ROUTE, key="kept", body=BODY), KeptAnswer)
    room.clock.move(hours=1)
    fresh(room, "kept", b"another body")


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "é", "a\x00"])
def test_a_key_is_printable_and_short(room: Room, key: str) -> None:
    """Anything else is refused before it is stored."""
    with pytest.raises(InvalidInput):
        begin(room.services, room.alice, route=ROUTE, key=key, body=BODY)
