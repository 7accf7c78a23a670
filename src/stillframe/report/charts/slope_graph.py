"""The slope graph: the ranks of two snapshots side by side, and a line for each row from one to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from stillframe.model.payload import RowId
from stillframe.report.charts.canvas import (
    DOWN,
    INK,
    MUTED,
    PAPER,
    QUIET,
    SMALL,
    TEXT,
    UP,
    WIDTH,
    Chart,
    Layer,
    boxes,
    chart,
    note,
    points,
    rules,
    texts,
)
from stillframe.report.charts.lettering import fitted, width_of
from stillframe.report.charts.words import ENGLISH, ChartWords
from stillframe.report.figures import name

DEPTH_MOST: Final = 30
"""So many ranks are drawn at most: a picture that needs scrolling shows nothing at a glance."""
_DEPTH_LEAST: Final = 10
_BEYOND: Final = 1.5
"""A rule's top is drawn with half as many ranks below it, so that the cut is seen from both sides."""
_TOLD_MOST: Final = 5
_SAID_MOST: Final = 60

_STEP: Final = 23
_TOP: Final = 27
_GAP: Final = 14
_FOOT: Final = 26
_STUB: Final = 46
_NAME_SHARE: Final = 0.27

Way: TypeAlias = Literal["up", "down", "same", "entered", "left"]

_LOOKS: Final[Mapping[Way, dict[str, Any]]] = {
    "same": {"stroke": QUIET, "strokeWidth": 1},
    "down": {"stroke": DOWN, "strokeWidth": 2, "strokeDash": [7, 3]},
    "up": {"stroke": UP, "strokeWidth": 2.25},
    "left": {"stroke": DOWN, "strokeWidth": 1.75, "strokeDash": [1.5, 3]},
    "entered": {"stroke": UP, "strokeWidth": 1.75, "strokeDash": [1.5, 3]},
}
"""In the order in which they are drawn: what moved lies above what did not."""
_SIGNS: Final[Mapping[Way, str]] = {"up": "▲", "down": "▼", "same": "–"}
_COLOURS: Final[Mapping[Way, str]] = {"same": QUIET, "down": DOWN, "up": UP, "left": DOWN, "entered": UP}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One row that is drawn; a rank is None where the row does not exist, and may be beyond what is drawn."""

    name: str
    rank_a: int | None
    rank_b: int | None
    way: Way


def slope_graph(
    before: Sequence[RowId],
    after: Sequence[RowId],
    *,
    titles: Mapping[RowId, str],
    top_n: int,
    words: ChartWords = ENGLISH,
    width: int = WIDTH,
) -> Chart:
    """
    Return the ranks of A on the left, of B on the right, and a line for each row.

    Up, down and unmoved differ by colour, stroke and arrow. A row that is in only one of the two pictures, or whose
    other place is not drawn, hangs off its edge and says where it came from or went to. The line of the first `top_n`
    is drawn where both its sides are.

    Shape   `before`, `after`: row ids, best first, each at most once. `titles`: what rows are called, else their key.
    Units   `width` in pixels.
    """
    longest = max(len(before), len(after))
    depth = min(longest, max(round(top_n * _BEYOND), _DEPTH_LEAST), DEPTH_MOST)
    rows = _rows(before, after, titles=titles, depth=depth)
    place = _Places(width=width, cut=top_n if 0 < top_n < depth else None, words=words)
    layers = [
        place.heads(),
        *place.cut(),
        *(rules([place.line(row) for row in rows if row.way == way], **look) for way, look in _LOOKS.items()),
        *(
            points([dot for row in rows if row.way == way for dot in place.dots(row)], fill=colour)
            for way, colour in _COLOURS.items()
        ),
        *place.stub_labels(rows),
        *place.labels(rows),
    ]
    total = len({*before, *after})
    height = place.y(depth) + _STEP / 2 + 6
    if len(rows) < total:
        height += _FOOT
        layers.append(note([words.shown(len(rows), total)], x=8, y=height - 12))
    if not rows:
        height += _STEP
        layers.append(texts([{"x": width / 2, "y": height - _STEP, "text": words.nothing}], fill=MUTED))
    return chart(layers, width=width, height=height, alt=_alt(rows, words))


def _rows(before: Sequence[RowId], after: Sequence[RowId], *, titles: Mapping[RowId, str], depth: int) -> list[_Row]:
    ranks_a = {row_id: rank for rank, row_id in enumerate(before, 1)}
    ranks_b = {row_id: rank for rank, row_id in enumerate(after, 1)}
    return [
        _Row(
            name=titles.get(row_id) or str(row_id),
            rank_a=ranks_a.get(row_id),
            rank_b=ranks_b.get(row_id),
            way=_way(ranks_a.get(row_id), ranks_b.get(row_id), depth=depth),
        )
        for row_id in dict.fromkeys([*after[:depth], *before[:depth]])
    ]


def _way(rank_a: int | None, rank_b: int | None, *, depth: int) -> Way:
    if rank_a is None or rank_a > depth:
        return "entered"
    if rank_b is None or rank_b > depth:
        return "left"
    return "same" if rank_a == rank_b else "up" if rank_b < rank_a else "down"


class _Places:
    """Where everything stands: two columns of names and ranks, and the slopes between them."""

    def __init__(self, *, width: int, cut: int | None, words: ChartWords) -> None:
        self._names = width * _NAME_SHARE
        self._left, self._right = self._names + 34, width - self._names - 66
        self._width = width
        self._cut = cut
        self._words = words

    def y(self, rank: int | None) -> float:
        """Return where a rank stands; below the cut there is room for its label."""
        rank = rank or 0
        return _TOP + (rank - 0.5) * _STEP + (_GAP if self._cut and rank > self._cut else 0)

    def heads(self) -> Layer | None:
        room = self._width / 2 - 40
        places = ((self._left, self._words.before), (self._right, self._words.after))
        rows = [{"x": x, "y": 12, "text": fitted(text, width=room, size=SMALL)} for x, text in places]
        return texts(rows, fontSize=SMALL, fill=MUTED, align="center", fontWeight="bold")

    def cut(self) -> Iterator[Layer | None]:
        """Return the line below the first rows, which a rule is about, with its name."""
        if self._cut is None:
            return
        y, end = self.y(self._cut) + (_STEP + _GAP) / 2, self._width - 8
        yield rules([{"x": 8, "y": y, "x2": end, "y2": y}], stroke=QUIET, strokeDash=[2, 2])
        said = [{"x": end, "y": y - 7, "text": self._words.top(self._cut)}]
        yield texts(said, align="right", fill=MUTED, fontSize=SMALL - 1)

    def line(self, row: _Row) -> dict[str, Any]:
        here, there = self.y(row.rank_a), self.y(row.rank_b)
        if row.way == "entered":
            return {"x": self._right - _STUB, "y": there, "x2": self._right, "y2": there}
        if row.way == "left":
            return {"x": self._left, "y": here, "x2": self._left + _STUB, "y2": here}
        return {"x": self._left, "y": here, "x2": self._right, "y2": there}

    def dots(self, row: _Row) -> Iterator[dict[str, Any]]:
        said = f"{name(row.name, most=_SAID_MOST)}: {_move(row, self._words)}"
        if row.way != "entered":
            yield {"x": self._left, "y": self.y(row.rank_a), "said": said}
        if row.way != "left":
            yield {"x": self._right, "y": self.y(row.rank_b), "said": said}

    def labels(self, rows: Sequence[_Row]) -> Iterator[Layer | None]:
        """Return names and ranks of both sides, and by how much each row moved."""
        here = [row for row in rows if row.way != "entered"]
        there = [row for row in rows if row.way != "left"]
        room = self._names - 12
        sides = (
            (self._left - 34, "right", INK, [(row.rank_a, fitted(row.name, width=room, size=TEXT)) for row in here]),
            (self._left - 12, "right", MUTED, [(row.rank_a, str(row.rank_a)) for row in here]),
            (self._right + 12, "left", MUTED, [(row.rank_b, str(row.rank_b)) for row in there]),
            (self._right + 66, "left", INK, [(row.rank_b, fitted(row.name, width=room, size=TEXT)) for row in there]),
        )
        for x, align, colour, said in sides:
            yield texts([self._label(rank, x, text) for rank, text in said], align=align, fill=colour)
        for way, sign in _SIGNS.items():
            moved = [(row.rank_b, abs((row.rank_a or 0) - (row.rank_b or 0)) or "") for row in there if row.way == way]
            marks = [self._label(rank, self._right + 34, f"{sign}{by}") for rank, by in moved]
            yield texts(marks, align="left", fill=_COLOURS[way], fontSize=SMALL, fontWeight="bold")

    def stub_labels(self, rows: Sequence[_Row]) -> Iterator[Layer | None]:
        """Return where each row that hangs off an edge came from or went to, on paper of its own above the slopes."""
        came = [(row.rank_b, _origin(row, self._words)) for row in rows if row.way == "entered"]
        went = [(row.rank_a, _destination(row, self._words)) for row in rows if row.way == "left"]
        for said, x, side in ((came, self._right - _STUB - 6, -1), (went, self._left + _STUB + 6, 1)):
            papers = [
                {
                    "x": x - 2 * side,
                    "x2": x + side * (width_of(text, size=SMALL) + 3),
                    "y": self.y(rank) - 7,
                    "y2": self.y(rank) + 7,
                }
                for rank, text in said
            ]
            yield boxes(papers, fill=PAPER)
            align, colour = ("right", UP) if side < 0 else ("left", DOWN)
            yield texts([self._label(rank, x, text) for rank, text in said], align=align, fill=colour, fontSize=SMALL)

    def _label(self, rank: int | None, x: float, text: str) -> dict[str, Any]:
        return {"x": x, "y": self.y(rank), "text": text}


def _origin(row: _Row, words: ChartWords) -> str:
    return words.new if row.rank_a is None else words.came_from(row.rank_a)


def _destination(row: _Row, words: ChartWords) -> str:
    return words.gone if row.rank_b is None else words.went_to(row.rank_b)


def _move(row: _Row, words: ChartWords) -> str:
    before = words.new if row.rank_a is None else str(row.rank_a)
    after = words.gone if row.rank_b is None else str(row.rank_b)
    return words.moved(before, after)


def _alt(rows: Sequence[_Row], words: ChartWords) -> str:
    """Say the largest moves, the largest first."""
    moved = sorted((row for row in rows if row.way != "same"), key=_distance, reverse=True)
    said = [f"{name(row.name, most=_SAID_MOST)} {_move(row, words)}" for row in moved[:_TOLD_MOST]]
    if len(moved) > _TOLD_MOST:
        said.append(words.shown(_TOLD_MOST, len(moved)))
    return "; ".join(said) or (words.unchanged if rows else words.nothing)


def _distance(row: _Row) -> float:
    if row.rank_a is None or row.rank_b is None:
        return float(DEPTH_MOST)
    return abs(row.rank_a - row.rank_b)
