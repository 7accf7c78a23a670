"""Finds in the histories of many dashboards at once where a list stands, by looking up moments and counting no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from stillframe.store.types import json_text
from stillframe.store.work import Work

_SLACK_ROWS = 200
"""A moment is near enough when so few rows, or two for each dashboard, lie between it and what is looked for."""
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

    def skip(self, rows: int) -> tuple[Place, int] | None:
        """
        Return a place that is a few rows before the one with so many rows in front of it, and how few.

        None if there are not so many rows.
        """
        total, dashboards = self._rows(_OLDER, time=ENDLESS)[0]
        if not total or rows >= total:
            return None
        near = max(_SLACK_ROWS, 2 * dashboards)
        (late, passed), (early, too_many) = (ENDLESS, 0), (-ENDLESS, int(total))
        halves = False
        while rows - passed > near and late - early > 1:
            share = 0.5 if halves else (rows - near / 2 - passed) / (too_many - passed)
            halves = not halves
            time = min(max(self._pivot(early, late, share), early + 1), late - 1)
            newer = int(total) - int(self._rows(_OLDER, time=time)[0].older)
            if newer <= rows:
                late, passed = time, newer
            else:
                early, too_many = time, newer
        return Place(late, ENDLESS, 0), rows - passed

    def _pivot(self, early: int, late: int, share: float) -> int:
        """
        Return a time after `early` and up to `late` that has about so large a share of the records between them behind
        it: the weighted median of what each dashboard alone would say.

        With a half as the share at least a quarter of the records lies on either side, whatever the histories are like.
        """
        found = sorted(self._rows(_SHARES, early=early, late=late, share=share), key=lambda row: -row.moment)
        half = sum(row.records for row in found) / 2
        for row in found:
            half -= row.records
            if half <= 0:
                break
        return int(row.moment)

    def _rows(self, words: str, **parameters: float) -> Sequence[Any]:
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
            `@after`: that it comes after a place in the list; `@older`: how many are not newer than a time.
    """
    known = _WORDS | (_SQLITE if is_sqlite else _POSTGRES) | ({"@whole": _EVERYTHING} if everything else {})
    for mark, said in known.items():
        words = words.replace(mark, said)
    return words


@cache
def _statement(words: str, *, is_sqlite: bool, everything: bool) -> TextClause:
    return text(spoken(words, is_sqlite=is_sqlite, everything=everything))


_WORDS = {
    "@older": """SUM(CASE k.partly WHEN 0 THEN COALESCE((SELECT s.sequence FROM @listed WHERE s.dashboard=k.key
AND s.scope IS NOT NULL AND s.timestamp<=:time ORDER BY s.timestamp DESC,s.sequence DESC LIMIT 1),0)
ELSE (SELECT COUNT(*) FROM @listed WHERE @theirs AND s.timestamp<=:time) END) AS older""",
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
_OLDER = "WITH @chosen SELECT @older,COUNT(*) AS dashboards FROM chosen k"
_SHARES = """WITH @chosen,spans AS MATERIALIZED (SELECT k.key,
COALESCE((SELECT s.sequence FROM @listed WHERE s.dashboard=k.key AND s.scope IS NOT NULL AND s.timestamp<=:early
ORDER BY s.timestamp DESC,s.sequence DESC LIMIT 1),0) AS low,
COALESCE((SELECT s.sequence FROM @listed WHERE s.dashboard=k.key AND s.scope IS NOT NULL AND s.timestamp<=:late
ORDER BY s.timestamp DESC,s.sequence DESC LIMIT 1),0) AS high FROM chosen k)
SELECT p.high-p.low AS records,s.timestamp AS moment FROM spans p
JOIN snapshots s ON s.dashboard=p.key AND s.sequence=p.high-CAST(ROUND((p.high-p.low-1)*:share) AS BIGINT)
WHERE p.high>p.low"""
