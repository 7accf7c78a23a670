"""Clauses: everything that a headline could say about a diff, each with how much it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import TABLE_LISTS, Diff
from stillframe.model.moves import TopNChange
from stillframe.model.payload import RowId
from stillframe.report.phrases import (
    counted,
    dimension_phrase,
    label,
    metric_phrase,
    rank_phrase,
    schema_phrase,
    value_phrase,
)

SCORE = ".score"
_SCORE_MOST = 100


class Tier(IntEnum):
    """What is said before what: the lower first."""

    DIMENSIONS = 0
    PICTURE = 1
    """What a reader sees at the top: ranks, the set of rows, the primary metric."""
    METRICS = 2
    VALUES = 3
    REST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """
    One thing that a headline can say.

    Units   `share`: how much of its kind changed, from 0; the larger is said first within its tier.
    """

    tier: Tier
    share: float
    text: str
    others: str = ""
    """What else of the same kind happened: said right after, if there is room."""


def clauses_of(diff: Diff, titles: Mapping[RowId, str]) -> list[Clause]:
    """Return every clause of a diff, the largest change first."""
    return sorted(_clauses(diff, titles), key=lambda clause: (clause.tier, -clause.share))


def _clauses(diff: Diff, titles: Mapping[RowId, str]) -> Iterator[Clause]:
    main = max(diff.top_n_changes, key=lambda change: _distance(change, diff.top_n), default=None)
    yield from _dimensions(diff)
    yield from _ranks(diff, main, titles)
    yield from _sets(diff, main)
    yield from _metrics(diff)
    yield from _values(diff, titles)
    yield from _panels(diff)
    yield from _schema(diff)


def _dimensions(diff: Diff) -> Iterator[Clause]:
    scores = {metric.name: metric for metric in diff.metric_deltas}
    for dimension, state in diff.dimension_states.items():
        if state != "unchanged":
            score = scores.get(dimension + SCORE)
            share = abs((score.delta if score else None) or 0) / _SCORE_MOST + (state == "regressed")
            yield Clause(tier=Tier.DIMENSIONS, share=share, text=dimension_phrase(dimension, state, score=score))


def _ranks(diff: Diff, main: TopNChange | None, titles: Mapping[RowId, str]) -> Iterator[Clause]:
    moved = diff.rank_changes_total
    if moved is None:
        moved = sum(change.rank_a is not None and change.rank_b is not None for change in diff.top_n_changes)
    if main is not None:
        others = moved - (main.rank_a is not None and main.rank_b is not None)
        text = f"{counted(others, 'other', 'others')} moved" if others > 0 else ""
        yield Clause(tier=Tier.PICTURE, share=_reach(main, diff.top_n), text=rank_phrase(main, titles), others=text)
    elif moved:
        text = f"{counted(moved, 'row', 'rows')} moved below the top {diff.top_n:,}"
        yield Clause(tier=Tier.PICTURE, share=0.0, text=text)


def _sets(diff: Diff, main: TopNChange | None) -> Iterator[Clause]:
    """Say how many rows were added and removed, apart from the one that the clause about ranks names."""
    new = main is not None and main.rank_a is None
    gone = main is not None and main.rank_b is None
    added, removed = diff.total("id_set_added") - new, diff.total("id_set_removed") - gone
    said = ((added, "more added" if new else "added"), (removed, "more removed" if gone else "removed"))
    text = ", ".join(f"{count:,} {word}" for count, word in said if count > 0)
    if text:
        share = min((added + removed) / max(diff.top_n, 1), 1.0)
        after_its_row = _reach(main, diff.top_n) if main and (new or gone) else share
        yield Clause(tier=Tier.PICTURE, share=min(share, after_its_row), text=text)


def _metrics(diff: Diff) -> Iterator[Clause]:
    told = {dimension + SCORE for dimension, state in diff.dimension_states.items() if state != "unchanged"}
    primary = diff.primary_metric
    if primary is not None:
        told.add(primary.name)
        if primary.differs:
            yield Clause(tier=Tier.PICTURE, share=_share(primary), text=metric_phrase(primary))
    for metric in diff.metric_deltas:
        if metric.differs and metric.name not in told:
            yield Clause(tier=Tier.METRICS, share=_share(metric), text=metric_phrase(metric))


def _values(diff: Diff, titles: Mapping[RowId, str]) -> Iterator[Clause]:
    main = _largest(diff.row_value_deltas)
    if main is not None:
        others = diff.total("row_value_deltas") - 1
        text = f"{counted(others, 'other value', 'other values')} changed" if others else ""
        yield Clause(tier=Tier.VALUES, share=_share(main), text=value_phrase(main, titles), others=text)


def _panels(diff: Diff) -> Iterator[Clause]:
    for panel, table in diff.panels.items():
        if not table.is_empty:
            changes = sum(table.total(member) for member in TABLE_LISTS) or table.rank_changes_total or 0
            yield Clause(tier=Tier.REST, share=1.0, text=f"{label(panel)}: {counted(changes, 'change', 'changes')}")


def _schema(diff: Diff) -> Iterator[Clause]:
    if diff.schema_changes:
        others = diff.total("schema_changes") - 1
        text = f"{counted(others, 'other change', 'other changes')} of shape" if others else ""
        yield Clause(tier=Tier.REST, share=0.5, text=schema_phrase(diff.schema_changes[0]), others=text)


def _distance(change: TopNChange, top_n: int) -> int:
    if change.rank_a is not None and change.rank_b is not None:
        return abs(change.rank_a - change.rank_b)
    return max(top_n + 1 - (change.rank_a or change.rank_b or top_n), 1)


def _reach(change: TopNChange, top_n: int) -> float:
    return min(_distance(change, top_n) / max(top_n, 1), 1.0)


def _largest(changes: Iterable[ValueDelta]) -> ValueDelta | None:
    """Return the first change of the largest share; there may be one for every cell, so without a call for each."""
    largest, greatest = None, -1.0
    for change in changes:
        fraction = change.delta_pct
        share = _share(change) if fraction is None else fraction if fraction >= 0 else -fraction
        if share > greatest:
            largest, greatest = change, share
            if share >= 1:
                break
    return largest


def _share(change: MetricDelta | ValueDelta) -> float:
    if change.delta_pct is not None:
        return min(abs(change.delta_pct), 1.0)
    return 1.0 if change.from_zero or change.overflow else 0.5
