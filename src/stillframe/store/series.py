"""Metric series: one narrow row for each snapshot, packed, which outlives the payload it came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import select

from stillframe.diff.metrics import readings
from stillframe.diff.numbers import is_number
from stillframe.model.payload import Payload
from stillframe.model.series import Column, SeriesBlock
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store.answers import SeriesPoint
from stillframe.store.packing import PACKED_MOST, pack, unpack_columns
from stillframe.store.tables import SERIES, SNAPSHOTS
from stillframe.store.texts import Texts
from stillframe.store.types import to_millis
from stillframe.store.work import Work

_BLOCK = (
    "SELECT as_of,sequence,layout,packed FROM series WHERE dashboard={0} AND as_of>={0} AND as_of<={0} "
    "ORDER BY as_of,sequence"
)
_BLOCK_OF = {True: _BLOCK.format("?"), False: _BLOCK.format("%s")}
"""By whether the database is SQLite."""
_EARLIEST, _LATEST = -(2**62), 2**62
_OF_SNAPSHOT = (SNAPSHOTS.c.dashboard == SERIES.c.dashboard) & (SNAPSHOTS.c.sequence == SERIES.c.sequence)
_Names: TypeAlias = tuple[str, ...]


class Series:
    """What each metric was at each snapshot that may be shown as how things were."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._texts = Texts(work)

    def values(
        self, dashboard_id: str, name: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[SeriesPoint]:
        """
        Return a metric's values by the time that they describe, oldest first; empty captures are not in it.

        Shape   `name`: a metric panel's id, `SUMMARY.score` or `SUMMARY.MEASURE`. `since` and `until` are included;
                None leaves that side open. A snapshot that did not have the metric has no point.
        """
        wanted = (
            select(SNAPSHOTS.c.id, SERIES.c.sequence, SERIES.c.as_of, SERIES.c.layout, SERIES.c.packed)
            .join(SNAPSHOTS, _OF_SNAPSHOT)
            .where(SERIES.c.dashboard == self._work.dashboard_key(dashboard_id))
            .order_by(SERIES.c.as_of, SERIES.c.sequence)
        )
        wanted = wanted if since is None else wanted.where(SERIES.c.as_of >= since)
        wanted = wanted if until is None else wanted.where(SERIES.c.as_of <= until)
        rows = self._work.rows(wanted)
        layouts = read_layouts(self._texts, {row.layout for row in rows})
        return [
            SeriesPoint(
                snapshot_id=row.id,
                sequence=row.sequence,
                as_of=row.as_of,
                value=unpack_columns([row.packed], count=len(names), places=[names.index(name)])[0][0],
            )
            for row in rows
            if name in (names := layouts[row.layout])
        ]

    def block(
        self,
        dashboard_id: str,
        names: Collection[str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> SeriesBlock:
        """
        Return what metrics were at every snapshot, by the time that it describes, oldest first.

        Shape   `names`: as `values` takes one; None: all that a snapshot of this time had. `since` and `until` are
                included; None leaves that side open.
        """
        from_time = _EARLIEST if since is None else to_millis(since)
        to_time = _LATEST if until is None else to_millis(until)
        parameters = (self._work.dashboard_key(dashboard_id), from_time, to_time)
        rows = self._work.driver_rows(_BLOCK_OF[self._work.is_sqlite], parameters)
        if not rows:
            return SeriesBlock(as_of=(), sequences=(), values=dict.fromkeys(names or (), ()))
        times, sequences, layouts, packed = (list(map(itemgetter(place), rows)) for place in range(4))
        places: Sequence[int] = range(len(rows))
        if len(set(layouts)) > 1:
            moments = list(zip(times, sequences, strict=True))
            number = {moment: place for place, moment in enumerate(dict.fromkeys(moments))}
            places = [number[moment] for moment in moments]
            times, sequences = [time for time, _ in number], [sequence for _, sequence in number]
        columns = _Columns(len(times), names)
        names_of = read_layouts(self._texts, set(layouts))
        for layout, at, found in _runs(layouts, places, packed):
            columns.fill(names_of[layout], at, found)
        return SeriesBlock(as_of=times, sequences=sequences, values=columns.values)

    def names(self, dashboard_id: str) -> frozenset[str]:
        """Return every metric that any snapshot of a dashboard had."""
        distinct = (
            select(SERIES.c.layout).where(SERIES.c.dashboard == self._work.dashboard_key(dashboard_id)).distinct()
        )
        layouts = read_layouts(self._texts, {row.layout for row in self._work.rows(distinct)})
        return frozenset(name for names in layouts.values() for name in names)


def write_series(work: Work, texts: Texts, *, dashboard_key: int, record: SnapshotRecord, payload: Payload) -> None:
    """Write every number among a snapshot's metric panels, scores and measures; nothing if it has none."""
    values = {
        name: found.value for name, found in readings(payload).items() if found.value is None or is_number(found.value)
    }
    if values:
        keys = texts.keys_of(values)
        rows = packed_rows(texts, {keys[name]: value for name, value in values.items()})
        moment = {"dashboard": dashboard_key, "as_of": record.as_of, "sequence": record.sequence}
        work.run(work.insert_once(SERIES), [moment | row for row in rows])


def packed_rows(texts: Texts, values: Mapping[int, float | None]) -> list[dict[str, Any]]:
    """
    Return the rows of one snapshot, without what they have in common.

    Shape   `values` by the number of the metric's name. A row says by its layout which numbers it holds.
    """
    names, numbers = list(values), list(values.values())
    parts = [slice(start, start + PACKED_MOST) for start in range(0, len(names), PACKED_MOST)]
    layouts = [",".join(map(str, names[part])) for part in parts]
    keys = texts.keys_of(layouts)
    return [
        {"layout": keys[layout], "packed": pack(numbers[part])} for layout, part in zip(layouts, parts, strict=True)
    ]


def read_layouts(texts: Texts, keys: Iterable[int]) -> dict[int, _Names]:
    """Return the names of the metrics that rows of each layout hold, in order."""
    numbers = {key: tuple(map(int, text.split(","))) for key, text in texts.texts_of(keys).items()}
    words = texts.texts_of({number for found in numbers.values() for number in found})
    return {key: tuple(words[number] for number in found) for key, found in numbers.items()}


def _runs(
    layouts: Sequence[int], places: Sequence[int], packed: Sequence[bytes]
) -> Iterator[tuple[int, Sequence[int], Sequence[bytes]]]:
    """Yield the rows of one layout together, with the places of their snapshots."""
    if len(set(layouts)) == 1:
        yield layouts[0], places, packed
        return
    runs: defaultdict[int, tuple[list[int], list[bytes]]] = defaultdict(lambda: ([], []))
    for layout, place, row in zip(layouts, places, packed, strict=True):
        at, found = runs[layout]
        at.append(place)
        found.append(row)
    for layout, (at, found) in runs.items():
        yield layout, at, found


class _Columns:
    """The columns of a block while rows come in."""

    def __init__(self, length: int, names: Collection[str] | None) -> None:
        self._length = length
        self._all = names is None
        self.values: dict[str, Column] = {name: [None] * length for name in names or ()}

    def fill(self, names: _Names, places: Sequence[int], packed: Sequence[bytes]) -> None:
        """Put the values of some snapshots into the columns that are wanted."""
        wanted = [place for place, name in enumerate(names) if self._all or name in self.values]
        for place, column in zip(wanted, unpack_columns(packed, count=len(names), places=wanted), strict=True):
            whole = len(places) == self._length
            self.values[names[place]] = column if whole else self._merged(names[place], places, column)

    def _merged(self, name: str, places: Sequence[int], column: Column) -> Column:
        merged = list(self.values.get(name) or [None] * self._length)
        for place, value in zip(places, column, strict=True):
            merged[place] = value
        return merged
