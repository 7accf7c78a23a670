"""What one subscription was told of: its deliveries, found by what caused them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, select

from stillframe.model.delivery import DeliveryKind, DeliveryState
from stillframe.store.tables import OUTBOX
from stillframe.store.types import TimeMillis
from stillframe.store.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """
    One delivery to one subscription, without its tries.

    Shape   `cause`: a snapshot, or a decision. `baseline_snapshot_id`: of a snapshot, what it was compared with.
    """

    id: str
    cause: str
    kind: DeliveryKind
    state: DeliveryState
    baseline_snapshot_id: str
    rule_id: int
    created_at: datetime
    said: Any = None


_NAMES = tuple(Telling.__slots__)
_OF: Select[Any] = select(*(OUTBOX.c[name] for name in _NAMES)).where(
    OUTBOX.c.subscription_id == bindparam("wanted"), OUTBOX.c.kind != "confirm"
)
_CAUSES: BindParameter[str] = bindparam("causes", expanding=True)
_AT = _OF.where(OUTBOX.c.cause.in_(_CAUSES)).order_by(OUTBOX.c.key)
_LAST = _OF.where(OUTBOX.c.created_at < bindparam("moment", type_=TimeMillis())).order_by(OUTBOX.c.key.desc()).limit(1)


class Tellings:
    """Deliveries as an explanation needs them; the whole of one is the outbox's."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def at(self, subscription_id: str, causes: Sequence[str]) -> list[Telling]:
        """Return what a subscription was told for these reasons, in the order of the promises."""
        if not causes:
            return []
        return list(map(_from_row, self._work.rows(_AT, {"wanted": subscription_id, "causes": list(causes)})))

    def last_before(self, subscription_id: str, moment: datetime) -> Telling | None:
        """Return what a subscription was told last before a moment."""
        row = self._work.row(_LAST, {"wanted": subscription_id, "moment": moment})
        return None if row is None else _from_row(row)


def _from_row(row: Row[Any]) -> Telling:
    return Telling(**row._asdict())
