"""Idempotency keys: the same request twice is carried out once."""

from __future__ import annotations

import threading
from datetime import timedelta

from stillframe.store import AnswerState, Fresh, Mismatch, Replay, Running, Store
from tests.store.cast import NOON


def test_a_key_goes_from_fresh_to_answered_and_ages(store: Store) -> None:
    """Running, then the stored answer; another body never; after 48 hours as if new."""
    ask = {"body_sha256": b"a" * 32, "now": NOON}
    with store.write() as unit:
        keys = unit.idempotency
        assert keys.begin("alice", "POST /x", "k", **ask) == Fresh()
        assert keys.begin("alice", "POST /x", "k", **ask) == Running()
        assert keys.begin("alice", "POST /x", "k", **ask | {"body_sha256": b"b" * 32}) == Mismatch()
        assert keys.begin("bob", "POST /x", "k", **ask) == Fresh()
        assert keys.begin("alice", "POST /y", "k", **ask) == Fresh()
        keys.answer("alice", "POST /x", "k", status=201, answer=b"sealed")
        keys.free("alice", "POST /x", "k")
        assert keys.begin("alice", "POST /x", "k", **ask) == Replay(status=201, answer=b"sealed")
        keys.free("bob", "POST /x", "k")
        assert keys.begin("bob", "POST /x", "k", **ask) == Fresh()
        assert keys.begin("alice", "POST /x", "k", body_sha256=b"c", now=NOON + timedelta(hours=48)) == Fresh()
        assert keys.prune(NOON + timedelta(hours=49)) == 2


def test_a_request_that_died_lets_its_key_go(store: Store) -> None:
    """A process that was killed answers nobody; its key is not held for two days."""
    with store.write() as unit:
        unit.idempotency.begin("alice", "r", "k", body_sha256=b"a", now=NOON)
        assert unit.idempotency.begin("alice", "r", "k", body_sha256=b"a", now=NOON + timedelta(minutes=10)) == Fresh()


def test_of_two_requests_at_once_one_is_fresh(store: Store) -> None:
    """One conditional write decides."""
    seen: list[AnswerState] = []
    begin = threading.Barrier(6)

    def ask() -> None:
        begin.wait()
        with store.write() as unit:
            seen.append(unit.idempotency.begin("alice", "r", "k", body_sha256=b"a", now=NOON))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(repr, seen)) == ["Fresh()"] + ["Running()"] * 5
