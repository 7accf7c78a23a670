"""Lists over many dashboards: the newest records first, as fast among a million as among a thousand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache, partial
from math import ceil
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, column, select, text

from stillframe.errors import InvalidInput
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store.answers import Page
from stillframe.store.depths import find_stretch
from stillframe.store.moments import ENDLESS, FRONT, Chosen, Moments, Place, parameters_of, spoken
from stillframe.store.records import RECORD_COLUMNS, RECORDS, from_rows, with_pointed_at
from stillframe.store.tables import DASHBOARDS, HEADS, SNAPSHOTS
from stillframe.store.texts import Texts
from stillframe.store.types import PackedId, to_millis
from stillframe.store.work import Work, bad_cursor, bounded, page_of

_WALKED_MOST = 1_000
"""Rows of an offset that are passed over one by one; a longer way is found by looking up moments."""
_MERGED_MOST = 4_000
"""Index entries that may be merged for a page before it is worth asking how far back they have to reach."""
_PAGE = {
    True: """WITH @chosen SELECT s.dashboard,s.sequence FROM chosen k CROSS JOIN @listed ON @theirs AND @after
AND s.timestamp>=COALESCE((SELECT s.timestamp FROM @listed WHERE @theirs AND @after AND s.timestamp>=:edge
ORDER BY s.timestamp DESC,s.sequence DESC LIMIT 1 OFFSET :rows-1),:edge)
ORDER BY s.timestamp DESC,s.dashboard DESC,s.sequence DESC LIMIT :taken OFFSET :passed""",
    False: """WITH @chosen SELECT s.dashboard,s.sequence FROM chosen k CROSS JOIN LATERAL (
SELECT s.dashboard,s.sequence,s.timestamp FROM @listed WHERE @theirs AND @after AND s.timestamp>=:edge
ORDER BY s.timestamp DESC,s.sequence DESC LIMIT :rows) s
ORDER BY s.timestamp DESC,s.dashboard DESC,s.sequence DESC LIMIT :taken OFFSET :passed""",
}
"""By whether the database is SQLite, which has no LATERAL. `= ANY` would read whole years past a silent dashboard."""
_STRETCH = {
    True: """WITH @chosen SELECT s.dashboard,s.sequence FROM chosen k CROSS JOIN @listed ON @theirs AND @after
AND s.timestamp>=:edge
ORDER BY s.timestamp DESC,s.dashboard DESC,s.sequence DESC LIMIT :taken OFFSET :passed""",
    False: _PAGE[False],
}
"""A page of a stretch that is known to hold few other rows."""
_KEYS: Select[Any] = select(DASHBOARDS.c.id, DASHBOARDS.c.key).where(
    DASHBOARDS.c.id.in_(bindparam("wanted", expanding=True))
)
_PLACE: Select[Any] = select(SNAPSHOTS.c.dashboard, SNAPSHOTS.c.timestamp, SNAPSHOTS.c.sequence).where(
    SNAPSHOTS.c.id == bindparam("wanted", type_=PackedId())
)


class Listing:
    """Records of many dashboards in one order: newest first, then by dashboard, then by sequence."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._texts = Texts(work)

    def newest(
        self,
        dashboards: Sequence[str] | None,
        *,
        lists: Mapping[str, Collection[int]] | None = None,
        limit: int,
        offset: int = 0,
        cursor: str | None = None,
    ) -> Page[SnapshotRecord]:
        """
        Return the newest records of some dashboards, or of every health dashboard there is.

        Shape   `dashboards`: ids; one alone may be a live one. `lists`: of these dashboards only the records of one of
                these member lists. `offset`: how many to pass over; a `cursor` says where to go on instead.
        Errors  InvalidInput for a cursor that no such list gave out, and for one together with an offset.
        """
        if cursor is not None and offset:
            raise InvalidInput.at("$.cursor", "a cursor says where the list goes on; leave offset out")
        most = bounded(limit)
        chosen = self._chosen(dashboards, lists or {})
        after = FRONT if cursor is None else self._place(cursor, chosen)
        if chosen.whole is not None and len(chosen.whole) == 1 and not chosen.partly:
            rows = self._of_one(chosen.whole[0], after, offset=offset, taken=most + 1)
        else:
            rows = self._of_many(chosen, after, offset=offset, taken=most + 1)
        return page_of(from_rows(rows, self._texts), limit=most, cursor=lambda record: record.id)

    def _of_one(self, key: int, after: Place, *, offset: int, taken: int) -> Sequence[Any]:
        wanted = RECORDS.where(SNAPSHOTS.c.dashboard == key).order_by(SNAPSHOTS.c.sequence.desc()).limit(taken)
        if after != FRONT:
            wanted = wanted.where(SNAPSHOTS.c.sequence < after.sequence)
        elif offset:
            last = select(HEADS.c.last_sequence).where(HEADS.c.dashboard == key).scalar_subquery()
            wanted = wanted.where(SNAPSHOTS.c.sequence <= last - offset)
        return self._work.rows(wanted)

    def _of_many(self, chosen: Chosen, after: Place, *, offset: int, taken: int) -> Sequence[Any]:
        moments = Moments(self._work, chosen)
        if offset > _WALKED_MOST:
            return self._deep(chosen, moments, offset=offset, taken=taken)
        rows = offset + taken
        tips = moments.tips(after=after, back=0, most=rows)
        near = _only(chosen, [tip.dashboard for tip in tips])
        edge = tips[-1].time if len(tips) == rows else -ENDLESS
        if len(tips) * rows > _MERGED_MOST:
            edge = max(edge, self._nearer_edge(near, after, dashboards=len(tips), rows=rows))
        parameters = parameters_of(near, is_sqlite=self._work.is_sqlite) | after._asdict()
        limits = {"edge": edge, "rows": rows, "taken": taken, "passed": offset}
        return self._work.rows(_picked(_PAGE[self._work.is_sqlite], self._work.is_sqlite), parameters | limits)

    def _deep(self, chosen: Chosen, moments: Moments, *, offset: int, taken: int) -> Sequence[Any]:
        found = find_stretch(moments, offset=offset, taken=taken)
        if found is None:
            return ()
        parameters = parameters_of(_only(chosen, found.dashboards), is_sqlite=self._work.is_sqlite)
        rows = found.passed + taken
        limits = {"edge": found.edge, "rows": rows, "taken": taken, "passed": found.passed}
        return self._work.rows(
            _picked(_STRETCH[self._work.is_sqlite], self._work.is_sqlite), parameters | found.after._asdict() | limits
        )

    def _nearer_edge(self, near: Chosen, after: Place, *, dashboards: int, rows: int) -> int:
        """Return a time since when there are enough records, if half of the dashboards speak about equally often."""
        back = ceil(2 * rows / dashboards)
        deeper = Moments(self._work, near).tips(after=after, back=back - 1, most=ceil(rows / back))
        return deeper[-1].time if len(deeper) * back >= rows else -ENDLESS

    def _chosen(self, dashboards: Sequence[str] | None, lists: Mapping[str, Collection[int]]) -> Chosen:
        if dashboards is None:
            return Chosen(whole=None)
        keys = self._keys(dashboards)
        partly = {key: lists[dashboard] for dashboard, key in keys.items() if dashboard in lists}
        return Chosen(
            whole=[key for key in keys.values() if key not in partly],
            partly=list(partly),
            pairs=[f"{key}:{number}" for key, numbers in partly.items() for number in numbers],
        )

    def _keys(self, dashboards: Sequence[str]) -> dict[str, int]:
        known = self._work.memory.keys
        found = {dashboard: key for dashboard in dashboards if (key := known.get(dashboard)) is not None}
        missing = [dashboard for dashboard in dashboards if dashboard not in found]
        for row in self._work.rows(_KEYS, {"wanted": missing}) if missing else ():
            found[row.id] = row.key
            self._work.remember(partial(known.put, row.id, row.key))
        return found

    def _place(self, cursor: str, chosen: Chosen) -> Place:
        row = self._work.row(_PLACE, {"wanted": cursor})
        if row is None or not (chosen.whole is None or row.dashboard in {*chosen.whole, *chosen.partly}):
            raise bad_cursor(cursor)
        return Place(to_millis(row.timestamp), row.dashboard, row.sequence)


def _only(chosen: Chosen, keys: Collection[int]) -> Chosen:
    """Return what is chosen among some dashboards."""
    partly = set(chosen.partly)
    return Chosen(
        whole=[key for key in keys if key not in partly],
        partly=[key for key in keys if key in partly],
        pairs=chosen.pairs,
    )


@cache
def _picked(words: str, is_sqlite: bool) -> Select[Any]:
    said = text(spoken(words, is_sqlite=is_sqlite))
    page = said.columns(column("dashboard", BigInteger), column("sequence", BigInteger)).subquery("page")
    picked = page.join(
        SNAPSHOTS, (SNAPSHOTS.c.dashboard == page.c.dashboard) & (SNAPSHOTS.c.sequence == page.c.sequence)
    )
    order = (SNAPSHOTS.c.timestamp.desc(), SNAPSHOTS.c.dashboard.desc(), SNAPSHOTS.c.sequence.desc())
    return select(*RECORD_COLUMNS).select_from(with_pointed_at(picked)).order_by(*order)
