"""Finds in the histories of many dashboards at once where a list stands, by looking up moments and counting no rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from stillframe.store.work import Work

_SLACK_ROWS = 200
"""A moment is near enough when so few rows, or one for each dashboard, lie between it and what is looked for."""
_BISECT_EVERY = 3
"""Dashboards that fell silent bend the line that a guess follows; halving now and then ends the search all the same."""
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
        self.parameters = parameters_of(work, chosen)

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
        span = self._rows(_SPAN, time=ENDLESS)[0]
        total = int(span.older or 0)
        if rows >= total:
            return None
        near = max(_SLACK_ROWS, span.dashboards)
        (late, passed), (early, too_many) = (int(span.newest), 0), (int(span.oldest) - 1, total)
        step = 0
        while rows - passed > near and late - early > 1:
            step += 1
            share = 0.5 if step % _BISECT_EVERY == 0 else (rows - near / 2 - passed) / (too_many - passed)
            time = min(max(late - round((late - early) * share), early + 1), late - 1)
            newer = total - int(self._rows(_OLDER, time=time)[0].older or 0)
            if newer <= rows:
                late, passed = time, newer
            else:
                early, too_many = time, newer
        return Place(late, ENDLESS, 0), rows - passed

    def _rows(self, words: str, **parameters: int) -> Sequence[Any]:
        everything = self._chosen.whole is None
        statement = _statement(words, is_sqlite=self._work.is_sqlite, everything=everything)
        return self._work.rows(statement, {**self.parameters, **parameters})


def parameters_of(work: Work, chosen: Chosen) -> Mapping[str, Any]:
    """Return what `chosen_words` needs."""
    given: dict[str, Any] = {"partly": list(chosen.partly), "pairs": list(chosen.pairs)}
    if chosen.whole is not None:
        given["whole"] = list(chosen.whole)
    return {name: json_text(found) for name, found in given.items()} if work.is_sqlite else given


def chosen_words(words: str, *, is_sqlite: bool, everything: bool) -> str:
    """
    Return a statement in the words of one database.

    Shape   `words` may say `@chosen`, for rows (key, partly) under the name `chosen`; `@listed`, for the snapshots by
            the index of lists; `@theirs`, for those of `s` that belong to the row `k` of `chosen`; `@after`, for those
            that come after a place in the list.
    """
    spoken = {**_WORDS[is_sqlite], "@whole": _EVERYTHING if everything else _WORDS[is_sqlite]["@whole"]}
    for _ in range(2):
        for mark, said in spoken.items():
            words = words.replace(mark, said)
    return words


@cache
def _statement(words: str, *, is_sqlite: bool, everything: bool) -> TextClause:
    return text(chosen_words(words, is_sqlite=is_sqlite, everything=everything))
