"""Idempotency keys: who used which key for what, and what was answered."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, update

from stillframe.store.answers import AnswerState, Fresh, Mismatch, Replay, Running
from stillframe.store.tables import IDEMPOTENCY
from stillframe.store.work import Work

KEPT = timedelta(hours=48)
RUNNING_MOST = timedelta(minutes=10)
"""After this long a request without an answer is taken for dead, and its key for free."""


class Idempotency:
    """Keys are unique for a caller and a route, and kept for 48 hours."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def begin(self, caller: str, route: str, key: str, *, body_sha256: bytes, now: datetime) -> AnswerState:
        """
        Take a key for a request, or say why it cannot be had.

        One conditional write decides, so of two requests at the same time exactly one is `Fresh`.
        """
        row = {"caller": caller, "route": route, "key": key, "body_sha256": body_sha256, "began_at": now}
        dead = and_(IDEMPOTENCY.c.status.is_(None), IDEMPOTENCY.c.began_at <= now - RUNNING_MOST)
        taking = self._work.insert(IDEMPOTENCY).on_conflict_do_update(
            index_elements=["caller", "route", "key"],
            set_={"body_sha256": body_sha256, "began_at": now, "status": None, "answer": None},
            where=dead | (IDEMPOTENCY.c.began_at <= now - KEPT),
        )
        if self._work.run(taking.values(row)):
            return Fresh()
        found = self._work.row(IDEMPOTENCY.select().where(_is(caller, route, key)))
        assert found is not None
        if not hmac.compare_digest(bytes(found.body_sha256), body_sha256):
            return Mismatch()
        return Running() if found.status is None else Replay(status=found.status, answer=bytes(found.answer))

    def answer(self, caller: str, route: str, key: str, *, status: int, answer: bytes) -> None:
        """Keep what the request was answered; part of the transaction that carried it out."""
        self._work.run(update(IDEMPOTENCY).where(_is(caller, route, key)).values(status=status, answer=answer))

    def free(self, caller: str, route: str, key: str) -> None:
        """Let go of a key whose request was refused or failed; an answered one stays."""
        self._work.run(delete(IDEMPOTENCY).where(_is(caller, route, key), IDEMPOTENCY.c.status.is_(None)))

    def prune(self, now: datetime) -> int:
        """Remove keys older than 48 hours, and return how many."""
        return self._work.run(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.began_at <= now - KEPT))


def _is(caller: str, route: str, key: str) -> ColumnElement[bool]:
    return and_(IDEMPOTENCY.c.caller == caller, IDEMPOTENCY.c.route == route, IDEMPOTENCY.c.key == key)
