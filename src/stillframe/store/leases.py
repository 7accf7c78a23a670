"""Leases, which one holder has at a time, and the heartbeats of workers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, delete, func, select, update

from stillframe.store.tables import LEASES, WORKERS
from stillframe.store.work import Work

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Leases:
    """
    Named leases. A token only rises, also when a lease is taken from a holder that died.

    Source  docs/reference/semantics.md, "The newest frame": an optimisation and a queue, never what keeps data right.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def acquire(self, name: str, holder: str, now: datetime, *, seconds: float) -> int | None:
        """Return a token if the lease was free or had ended, else None; not even its holder gets it twice."""
        until = now + timedelta(seconds=seconds)
        row = {"name": name, "holder": holder, "token": 1, "until": until}
        taking = self._work.insert(LEASES).on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "token": LEASES.c.token + 1, "until": until},
            where=LEASES.c.until <= now,
        )
        taken = self._work.row(taking.values(row).returning(LEASES.c.token))
        return None if taken is None else taken.token

    def renew(self, name: str, token: int, *, now: datetime, seconds: float) -> bool:
        """Hold on to a lease, and say whether this token still has it; one that ended unnoticed may be renewed."""
        mine = and_(LEASES.c.name == name, LEASES.c.token == token)
        return self._work.run(update(LEASES).where(mine).values(until=now + timedelta(seconds=seconds))) == 1

    def release(self, name: str, token: int) -> None:
        """Give a lease back; under another token nothing happens."""
        self._work.run(update(LEASES).where(LEASES.c.name == name, LEASES.c.token == token).values(until=_LONG_AGO))


class Workers:
    """Who is alive."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def beat(self, worker_id: str, kind: str, now: datetime) -> None:
        """Note that a worker is alive."""
        row = {"id": worker_id, "kind": kind, "beat_at": now}
        self._work.run(
            self._work.insert(WORKERS)
            .values(row)
            .on_conflict_do_update(index_elements=["id"], set_={"kind": kind, "beat_at": now})
        )

    def youngest_beat(self, kind: str) -> datetime | None:
        """Return when a worker of this kind was last alive."""
        row = self._work.row(select(func.max(WORKERS.c.beat_at).label("beat_at")).where(WORKERS.c.kind == kind))
        return row.beat_at if row else None

    def forget_older(self, before: datetime) -> None:
        """Forget those that were last alive before a time: they were killed, and said no goodbye."""
        self._work.run(delete(WORKERS).where(WORKERS.c.beat_at < before))

    def forget(self, worker_id: str) -> None:
        self._work.run(delete(WORKERS).where(WORKERS.c.id == worker_id))
