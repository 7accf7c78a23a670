"""Evaluations: what became of a calm subscription at a snapshot, where the verdict alone does not say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, select

from stillframe.store.answers import EvaluationNote
from stillframe.store.tables import EVALUATIONS
from stillframe.store.types import PackedId, TimeMillis, pack_id, to_millis
from stillframe.store.work import Work

_NAMES = tuple(EvaluationNote.__slots__)
_COLUMNS = ",".join(_NAMES)
_INSERT = {
    dialect: f"INSERT INTO evaluations({_COLUMNS}) VALUES({','.join([mark] * len(_NAMES))}) ON CONFLICT DO NOTHING"
    for dialect, mark in (("sqlite", "?"), ("postgresql", "%s"))
}
_SELECT: Select[Any] = select(*(EVALUATIONS.c[name] for name in _NAMES)).where(
    EVALUATIONS.c.subscription_id == bindparam("wanted")
)
_SNAPSHOTS: BindParameter[str] = bindparam("snapshots", expanding=True, type_=PackedId())
_AT = _SELECT.where(EVALUATIONS.c.snapshot_id.in_(_SNAPSHOTS)).order_by(EVALUATIONS.c.at)
_COUNTED = _SELECT.where(
    EVALUATIONS.c.reason == "digest", EVALUATIONS.c.at > bindparam("since", type_=TimeMillis())
).order_by(EVALUATIONS.c.at)


class Evaluations:
    """
    One row for what was held back, counted for a digest, or over.

    Nothing is written of a rule that was not true, of one that was told plainly, or of a subscription without calm:
    their verdicts, by rule, and the outbox say all there is to say.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def add_many(self, notes: Sequence[EvaluationNote]) -> None:
        """
        Keep what became of subscriptions; the first word about one at one time stays.

        The driver is given the rows as it keeps them: turned one by one on the way, a thousand take longer than all
        that was judged.
        """
        if not notes:
            return
        packed = pack_id if self._work.is_sqlite else str
        rows = [
            (
                note.subscription_id,
                packed(note.snapshot_id),
                packed(note.baseline_snapshot_id),
                note.rule_id,
                to_millis(note.at),
                note.outcome,
                note.reason,
                note.detail,
            )
            for note in notes
        ]
        self._work.connection.exec_driver_sql(_INSERT["sqlite" if self._work.is_sqlite else "postgresql"], rows)

    def at_snapshots(self, subscription_id: str, snapshot_ids: Sequence[str]) -> list[EvaluationNote]:
        """Return what is noted of a subscription at some snapshots, in the order in which it was judged."""
        if not snapshot_ids:
            return []
        rows = self._work.rows(_AT, {"wanted": subscription_id, "snapshots": list(snapshot_ids)})
        return list(map(_from_row, rows))

    def counted_since(self, subscription_id: str, since: datetime) -> list[EvaluationNote]:
        """Return what was counted for a digest after a moment, oldest first."""
        return list(map(_from_row, self._work.rows(_COUNTED, {"wanted": subscription_id, "since": since})))


def _from_row(row: Row[Any]) -> EvaluationNote:
    return EvaluationNote(**row._asdict())
