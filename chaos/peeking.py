"""Looking at the outbox from outside, by SQL of its own, while somebody else runs: what is leased, what is due."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from chaos.oracle import Lease
from stillframe.store.connect import SQLITE

_LEASED = "SELECT id,lease_token,due_at,attempts FROM outbox WHERE state='pending' AND unsettled>0 AND due_at>{now}"
_DUE = "SELECT count(*) FROM outbox WHERE state='pending' AND due_at<={now}"
_HELD = "SELECT count(*) FROM outbox WHERE state='pending' AND unsettled>0"


class Peek:
    """A connection of its own to the database of an installation."""

    def __init__(self, target: str) -> None:
        self._connection: Any = (
            psycopg.connect(target, autocommit=True)
            if "://" in target
            else SQLITE.connect(target, timeout=10, isolation_level=None, check_same_thread=False)
        )

    def leased(self) -> dict[tuple[str, int], Lease]:
        """Return the lease of each claim, by delivery and token."""
        rows = self._rows(_LEASED.format(now=_now()))
        return {(row[0], row[1]): Lease(ends_at=row[2] / 1000, attempt=row[3]) for row in rows}

    def due(self) -> int:
        """Return how many deliveries are due and claimed by nobody."""
        return int(self._rows(_DUE.format(now=_now()))[0][0])

    def held(self) -> int:
        """Return how many deliveries were claimed and not settled, also where the lease has ended."""
        return int(self._rows(_HELD)[0][0])

    def run(self, statement: str) -> None:
        """Carry out a statement."""
        self._connection.execute(statement)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _rows(self, statement: str) -> list[Any]:
        return list(self._connection.execute(statement).fetchall())


def _now() -> int:
    return int(time.time() * 1000)
