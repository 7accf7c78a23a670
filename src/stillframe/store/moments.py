"""Finds in the histories of many dashboards at once where a list stands, by looking up moments and counting no rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from stillframe.store.types import json_text
from stillframe.store.work import Work

ENDLESS = 2**62


class Place(NamedTuple):
    """A place in the order of lists, newest first: by time, then the dashboard's number, then the sequence."""

    time: int
    dashboard: int
    sequence: int


FRONT = Place(ENDLESS, ENDLESS, 0)
"""Before the newest record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """
    The health dashboards that a list is of, by number.

    Shape   `whole`: all of their records; None: of every health dashboard there is. `partly`: of these only the records
            with one of the member lists that `pairs` names, as `DASHBOARD:LIST`.
    """

    whole: Sequence[int] | None
    partly: Sequence[int] = ()
    pairs: Sequence[str] = ()


class Tip(NamedTuple):
    """The time of a record of a dashboard, some way back from where the list stands."""

    time: int
    dashboard: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """
    What of chosen dashboards is not newer than a time.

    Shape   `sequences`: of each dashboard the last such record's, whatever is chosen of it. `records`: how many are, of
            what is chosen.
    """

    time: int
    sequences: Mapping[int, int]
    records: int


class Moments:
    """
    What can be known of chosen dashboards without reading their records one by one.

    Inside a dashboard times never fall as sequences rise, and sequences have no gaps: so the sequence of the newest
    record up to a time is how many there are up to it, one look-up in an index, whether there are ten or a million.
    """

    def __init__(self, work: Work, chosen: Chosen) -> None:
        self._work = work
        self._chosen = chosen
        self._parameters = parameters_of(chosen, is_sqlite=work.is_sqlite)

    def tips(self, *, after: Place, back: int, most: int) -> list[Tip]:
        """
        Return of each dashboard the time of a record, newest first, at most `most`; those without one are left out.

        Shape   The record is the one `back` places behind the first that comes after a place in the list.
        """
        if after == FRONT and not back and not self._chosen.partly:
            rows = self._rows(_HEADS, most=most)
        else:
            rows = self._rows(_TIPS, **after._asdict(), back=back, most=most)
        return [Tip(row.tip, row.key) for row in rows]

    def cut(self, time: int) -> Cut:
        """Return what is not newer than a time."""
        plain = time == ENDLESS and not self._chosen.partly
        rows = self._rows(_LAST) if plain else self._rows(_CUT, time=time)
        return Cut(
            time=time,
            sequences={key: sequence for key, sequence, _ in rows},
            records=sum(sequence if records is None else records for _, sequence, records in rows),
        )

    def times_of(self, places: Sequence[tuple[int, int]]) -> list[int]:
        """Return the times of records by dashboard and sequence, in no order."""
        if self._work.is_sqlite:
            given: dict[str, Any] = {"places": json_text(places)}
        else:
            given = {"keys": [key for key, _ in places], "sequences": [sequence for _, sequence in places]}
        return [time for (time,) in self._work.rows(_TIMES[self._work.is_sqlite], given)]

    def _rows(self, words: str, **parameters: int) -> Sequence[Any]:
        everything = self._chosen.whole is None
        statement = _statement(words, is_sqlite=self._work.is_sqlite, everything=everything)
        return self._work.rows(statement, {**self._parameters, **parameters})


def parameters_of(chosen: Chosen, *, is_sqlite: bool) -> dict[str, Any]:
    """Return the parameters by which a statement knows what is chosen."""
    given: dict[str, Any] = {"partly": list(chosen.partly), "pairs": list(chosen.pairs)}
    if chosen.whole is not None:
        given["whole"] = list(chosen.whole)
    return {name: json_text(found) for name, found in given.items()} if is_sqlite else given


def spoken(words: str, *, is_sqlite: bool, everything: bool = False) -> str:
    """
    Return a statement in the words of one database.

    Shape   `words` may say `@chosen`: rows (key, partly) under that name, all health dashboards with `everything`;
            `@listed`: snapshots `s` by the index of lists; `@theirs`: that `s` belongs to a row `k` of `chosen`;
            `@after`: that it comes after a place in the list.
    """
    known = _WORDS | (_SQLITE if is_sqlite else _POSTGRES) | ({"@whole": _EVERYTHING} if everything else {})
    for mark, said in known.items():
        words = words.replace(mark, said)
    return words


@cache
def _statement(words: str, *, is_sqlite: bool, everything: bool) -> TextClause:
    return text(spoken(words, is_sqlite=is_sqlite, everything=everything))


_WORDS = {
    "@chosen": "chosen(key,partly) AS (@whole UNION ALL @partly)",
    "@theirs": "s.dashboard=k.key AND s.scope IS NOT NULL AND (k.partly=0 OR @pair)",
    "@after": "s.timestamp<=CASE WHEN k.key>:dashboard THEN :time-1 ELSE :time END"
    " AND (k.key<>:dashboard OR s.timestamp<:time OR s.sequence<:sequence)",
}
"""What both databases say alike; the marks in it are the others'."""
_EVERYTHING = "SELECT key,0 FROM dashboards WHERE kind='health'"
_SQLITE = {
    "@whole": "SELECT value,0 FROM json_each(:whole)",
    "@partly": "SELECT value,1 FROM json_each(:partly)",
    "@pair": "k.key||':'||s.members IN (SELECT value FROM json_each(:pairs))",
    "@listed": "snapshots s INDEXED BY snapshots_listed",
}
_POSTGRES = {
    "@whole": "SELECT unnest(CAST(:whole AS BIGINT[])),0",
    "@partly": "SELECT unnest(CAST(:partly AS BIGINT[])),1",
    "@pair": "k.key||':'||s.members=ANY(CAST(:pairs AS TEXT[]))",
    "@listed": "snapshots s",
}
_HEADS = """WITH @chosen SELECT h.dashboard AS key,h.last_timestamp AS tip FROM chosen k
JOIN heads h ON h.dashboard=k.key WHERE h.last_timestamp IS NOT NULL
ORDER BY h.last_timestamp DESC,h.dashboard DESC LIMIT :most"""
_TIPS = """WITH @chosen,tips AS MATERIALIZED (SELECT k.key,(SELECT s.timestamp FROM @listed WHERE @theirs AND @after
ORDER BY s.timestamp DESC,s.sequence DESC LIMIT 1 OFFSET :back) AS tip FROM chosen k)
SELECT key,tip FROM tips WHERE tip IS NOT NULL ORDER BY tip DESC,key DESC LIMIT :most"""
_LAST = "WITH @chosen SELECT k.key,h.last_sequence,NULL FROM chosen k JOIN heads h ON h.dashboard=k.key"
_CUT = """WITH @chosen SELECT k.key,COALESCE((SELECT s.sequence FROM @listed
WHERE s.dashboard=k.key AND s.scope IS NOT NULL AND s.timestamp<=:time
ORDER BY s.timestamp DESC,s.sequence DESC LIMIT 1),0) AS sequence,CASE k.partly WHEN 0 THEN NULL
ELSE (SELECT COUNT(*) FROM @listed WHERE @theirs AND s.timestamp<=:time) END AS records FROM chosen k"""
_TIMES = {
    True: text(
        "SELECT s.timestamp FROM json_each(:places) p CROSS JOIN snapshots s "
        "ON s.dashboard=json_extract(p.value,'$[0]') AND s.sequence=json_extract(p.value,'$[1]')"
    ),
    False: text(
        "SELECT s.timestamp FROM unnest(CAST(:keys AS BIGINT[]),CAST(:sequences AS BIGINT[])) p(key,sequence) "
        "JOIN snapshots s ON s.dashboard=p.key AND s.sequence=p.sequence"
    ),
}
"""By whether the database is SQLite."""
