"""The bump chart: which rows held the first places over many frames, one line a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stillframe.model.payload import RowId
from stillframe.report.charts.canvas import (
    ACCENT,
    DOWN,
    HAIR,
    INK,
    MUTED,
    QUIET,
    SMALL,
    TEXT,
    UP,
    WIDTH,
    Chart,
    Layer,
    chart,
    lines,
    note,
    points,
    rules,
    texts,
)
from stillframe.report.charts.lettering import fitted
from stillframe.report.charts.timeline import Timeline, timeline
from stillframe.report.charts.words import ENGLISH, ChartWords
from stillframe.report.figures import name

DEPTH_MOST: Final = 30
_FRAMES_MOST: Final = 200
_ROWS_MOST: Final = 60
_TOLD_MOST: Final = 5
_NAME_MOST: Final = 60

_STEP: Final = 22
_TOP: Final = 8
_LEFT: Final = 34
_AXIS: Final = 24
_NAME_SHARE: Final = 0.26

Frame = Mapping[RowId, int]
"""The rank of each row in one frame, from 1; rows that tie have the same."""


def bump_chart(
    times: Sequence[int],
    frames: Sequence[Frame],
    *,
    titles: Mapping[RowId, str],
    top_n: int,
    words: ChartWords = ENGLISH,
    width: int = WIDTH,
) -> Chart:
    """
    Return the ranks of the first `top_n` over time.

    A line that rose from its first place to its last is drawn as up, one that fell as down, the others grey; the newest
    leader is drawn in the accent. A line has a gap where its row was not among the first. Of more than 200 frames 200
    are drawn, evenly spread, the newest always among them.

    Shape   `times`: oldest first, one for each frame. `titles`: what rows are called, else their key.
    Units   `times` in milliseconds since 1970, `width` in pixels.
    """
    depth = min(max(top_n, 1), DEPTH_MOST)
    kept = _kept(len(times))
    times, frames = [times[place] for place in kept], [frames[place] for place in kept]
    seen = _rows(frames, depth=depth)
    shown = seen[:_ROWS_MOST]
    axis = timeline(times, start=_LEFT, end=width * (1 - _NAME_SHARE) - 30)
    deepest = max((rank for frame in frames for rank in frame.values() if rank <= depth), default=1)
    foot = _TOP + deepest * _STEP
    layers = [*axis.axis(words, top=_TOP, foot=foot)] if times else []
    layers += _places(deepest, axis)
    layers += _drawn(shown, axis, times, frames=frames, depth=depth, titles=titles)
    layers += _names(axis, frames[-1] if frames else {}, titles=titles, depth=depth, room=width * _NAME_SHARE)
    height = foot + _AXIS
    if len(shown) < len(seen):
        layers.append(note([words.shown(len(shown), len(seen))], x=_LEFT, y=height + 6))
        height += 18
    if not shown:
        layers.append(texts([{"x": width / 2, "y": foot - 8, "text": words.nothing}], fill=MUTED))
    return chart(layers, width=width, height=height, alt=_alt(frames, titles, depth=depth, words=words))


def _kept(count: int) -> list[int]:
    if count <= _FRAMES_MOST:
        return list(range(count))
    return [round(place * (count - 1) / (_FRAMES_MOST - 1)) for place in range(_FRAMES_MOST)]


def _rows(frames: Sequence[Frame], *, depth: int) -> list[RowId]:
    """Return the rows that were ever among the first: those of the newest frame in its order, then the latest seen."""
    found: dict[RowId, None] = {}
    for frame in reversed(frames):
        inside = [row_id for row_id, rank in frame.items() if rank <= depth and row_id not in found]
        found.update(dict.fromkeys(sorted(inside, key=lambda row_id: frame[row_id])))
    return list(found)


def _drawn(
    rows: Sequence[RowId],
    axis: Timeline,
    times: Sequence[int],
    *,
    frames: Sequence[Frame],
    depth: int,
    titles: Mapping[RowId, str],
) -> Iterator[Layer | None]:
    looks: dict[str, tuple[dict[str, Any], list[list[dict[str, Any]]]]] = {
        "same": ({"stroke": QUIET, "strokeWidth": 1.25}, []),
        "down": ({"stroke": DOWN, "strokeWidth": 1.75, "strokeDash": [6, 3]}, []),
        "up": ({"stroke": UP, "strokeWidth": 2}, []),
        "leader": ({"stroke": ACCENT, "strokeWidth": 2.5}, []),
    }
    for number, row_id in enumerate(rows):
        ranks = [rank if (rank := frame.get(row_id, depth + 1)) <= depth else None for frame in frames]
        called = name(titles.get(row_id) or str(row_id), most=_NAME_MOST)
        runs = list(_runs(ranks, axis, times, row=number, called=called))
        looks[_way(ranks)][1].extend(runs)
    for look, runs in looks.values():
        yield lines([point for run in runs if len(run) > 1 for point in run], interpolate="monotone", **look)
        dots = [run[0] for run in runs if len(run) == 1] + [run[-1] for run in runs if len(run) > 1]
        yield points(dots, fill=look["stroke"], size=26)


def _way(ranks: Sequence[int | None]) -> str:
    known = [rank for rank in ranks if rank is not None]
    if ranks[-1] == 1:
        return "leader"
    return "same" if known[0] == known[-1] else "up" if known[-1] < known[0] else "down"


def _runs(
    ranks: Sequence[int | None], axis: Timeline, times: Sequence[int], *, row: int, called: str
) -> Iterator[list[dict[str, Any]]]:
    """Give the stretches during which a row was among the first."""
    run: list[dict[str, Any]] = []
    for number, (moment, rank) in enumerate(zip(times, ranks, strict=True)):
        if rank is None:
            if run:
                yield run
            run = []
        else:
            start = run[0]["line"] if run else f"{row}/{number}"
            run.append({"x": axis(moment), "y": _y(rank), "line": start, "row": row, "said": f"{called}: {rank}"})
    if run:
        yield run


def _places(deepest: int, axis: Timeline) -> Iterator[Layer | None]:
    spots = [{"x": axis.start, "x2": axis.end, "y": _y(rank), "y2": _y(rank)} for rank in range(1, deepest + 1)]
    yield rules(spots, stroke=HAIR, strokeDash=[1, 3])
    said = [{"x": axis.start - 12, "y": _y(rank), "text": str(rank)} for rank in range(1, deepest + 1)]
    yield texts(said, fontSize=SMALL, fill=MUTED, align="right")


def _names(
    axis: Timeline, newest: Frame, *, titles: Mapping[RowId, str], depth: int, room: float
) -> Iterator[Layer | None]:
    """Return what the newest frame's rows are called, beside their ends; those that tie on one line."""
    tied: dict[int, list[str]] = {}
    for row_id, rank in newest.items():
        if rank <= depth:
            tied.setdefault(rank, []).append(titles.get(row_id) or str(row_id))
    said = [
        {"x": axis.end + 12, "y": _y(rank), "text": fitted(", ".join(called), width=room, size=TEXT)}
        for rank, called in tied.items()
    ]
    yield texts(said, align="left", fill=INK)


def _y(rank: int) -> float:
    return _TOP + (rank - 0.5) * _STEP


def _alt(frames: Sequence[Frame], titles: Mapping[RowId, str], *, depth: int, words: ChartWords) -> str:
    """Say who holds the first places in the newest frame, and from where they came in the oldest."""
    if not frames or not any(frames):
        return words.nothing
    oldest, newest = frames[0], frames[-1]
    first = sorted((row_id for row_id, rank in newest.items() if rank <= depth), key=lambda row_id: newest[row_id])
    said = []
    for row_id in first[:_TOLD_MOST]:
        before = str(oldest[row_id]) if row_id in oldest else words.new
        moved = words.moved(before, str(newest[row_id]))
        said.append(f"{name(titles.get(row_id) or str(row_id), most=_NAME_MOST)} {moved}")
    if len(first) > _TOLD_MOST:
        said.append(words.shown(_TOLD_MOST, len(first)))
    return "; ".join(said) or words.nothing
