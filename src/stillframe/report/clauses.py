"""Clauses: everything that a headline could say about a diff, each with how much it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import TABLE_LISTS, Diff, TableDiff
from stillframe.model.moves import TopNChange
from stillframe.model.payload import RowId
from stillframe.model.scope import DIMENSIONS_PANEL, FINDINGS_PANEL, HEALTH_PANEL, HEALTH_SCORE
from stillframe.report.languages import ENGLISH, Language
from stillframe.report.phrases import (
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


def clauses_of(diff: Diff, titles: Mapping[RowId, str], *, language: Language = ENGLISH) -> list[Clause]:
    """Return every clause of a diff, the largest change first."""
    told = _Telling(diff=diff, titles=titles, language=language)
    return sorted(told.clauses(), key=lambda clause: (clause.tier, -clause.share))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """One diff told in one language."""

    diff: Diff
    titles: Mapping[RowId, str]
    language: Language

    def clauses(self) -> Iterator[Clause]:
        top_n = self.diff.top_n
        main = max(self.diff.top_n_changes, key=lambda change: _distance(change, top_n), default=None)
        yield from self._dimensions()
        yield from self._ranks(main)
        yield from self._sets(main)
        yield from self._metrics()
        yield from self._values()
        yield from self._panels()
        yield from self._schema()

    def _dimensions(self) -> Iterator[Clause]:
        scores = {metric.name: metric for metric in self.diff.metric_deltas}
        for dimension, state in self.diff.dimension_states.items():
            if state != "unchanged":
                score = scores.get(dimension + SCORE)
                share = abs((score.delta if score else None) or 0) / _SCORE_MOST + (state == "regressed")
                text = dimension_phrase(dimension, state, score=score, language=self.language)
                yield Clause(tier=Tier.DIMENSIONS, share=share, text=text)

    def _ranks(self, main: TopNChange | None) -> Iterator[Clause]:
        moved, top_n = self.diff.rank_changes_total, self.diff.top_n
        if moved is None:
            moved = sum(change.rank_a is not None and change.rank_b is not None for change in self.diff.top_n_changes)
        if main is not None:
            others = moved - (main.rank_a is not None and main.rank_b is not None)
            said = self.language.count("headline.others_moved", others) if others > 0 else ""
            text = rank_phrase(main, self.titles, language=self.language)
            yield Clause(tier=Tier.PICTURE, share=_reach(main, top_n), text=text, others=said)
        elif moved:
            text = self.language.count("headline.moved_below", moved, top=self.language.whole(top_n))
            yield Clause(tier=Tier.PICTURE, share=0.0, text=text)

    def _sets(self, main: TopNChange | None) -> Iterator[Clause]:
        """Say how many rows were added and removed, apart from the one that the clause about ranks names."""
        diff = self.diff
        new = main is not None and main.rank_a is None
        gone = main is not None and main.rank_b is None
        added, removed = diff.total("id_set_added") - new, diff.total("id_set_removed") - gone
        said = ((added, "more_added" if new else "added"), (removed, "more_removed" if gone else "removed"))
        text = ", ".join(self.language.count(f"headline.{word}", count) for count, word in said if count > 0)
        if text:
            share = min((added + removed) / max(diff.top_n, 1), 1.0)
            after_its_row = _reach(main, diff.top_n) if main and (new or gone) else share
            yield Clause(tier=Tier.PICTURE, share=min(share, after_its_row), text=text)

    def _metrics(self) -> Iterator[Clause]:
        told = {dimension + SCORE for dimension, state in self.diff.dimension_states.items() if state != "unchanged"}
        primary = self.diff.primary_metric
        if primary is not None:
            told.add(primary.name)
            # A project's primary metric is the score of a dimension, which was told already.
            if primary.differs and not (primary.name == HEALTH_PANEL and HEALTH_SCORE in told):
                text = metric_phrase(primary, language=self.language)
                yield Clause(tier=Tier.PICTURE, share=_share(primary), text=text)
        for metric in self.diff.metric_deltas:
            if metric.differs and metric.name not in told:
                text = metric_phrase(metric, language=self.language)
                yield Clause(tier=Tier.METRICS, share=_share(metric), text=text)

    def _values(self) -> Iterator[Clause]:
        main = _largest(self.diff.row_value_deltas)
        # The cells of a project's table are the scores of its dimensions.
        told = self.diff.primary.rows == DIMENSIONS_PANEL and any(
            state != "unchanged" for state in self.diff.dimension_states.values()
        )
        if main is not None and not told:
            others = self.diff.total("row_value_deltas") - 1
            said = self.language.count("headline.other_values", others) if others else ""
            text = value_phrase(main, self.titles, language=self.language)
            yield Clause(tier=Tier.VALUES, share=_share(main), text=text, others=said)

    def _panels(self) -> Iterator[Clause]:
        for panel, table in self.diff.panels.items():
            if panel == FINDINGS_PANEL and (table.id_set_added or table.id_set_removed):
                yield self._findings(table)
            elif not table.is_empty:
                changes = sum(table.total(member) for member in TABLE_LISTS) or table.rank_changes_total or 0
                text = self.language.say(
                    "panel.changes",
                    panel=label(panel, language=self.language),
                    changes=self.language.count("headline.changes", changes),
                )
                yield Clause(tier=Tier.REST, share=1.0, text=text)

    def _findings(self, table: TableDiff) -> Clause:
        """Say how many findings came and how many were resolved: where one stands in their list says nothing."""
        counts = (("findings_added", table.total("id_set_added")), ("findings_resolved", table.total("id_set_removed")))
        said = [self.language.count(f"headline.{word}", count) for word, count in counts if count]
        return Clause(tier=Tier.REST, share=1.0, text=", ".join(said))

    def _schema(self) -> Iterator[Clause]:
        if self.diff.schema_changes:
            others = self.diff.total("schema_changes") - 1
            said = self.language.count("headline.other_shapes", others) if others else ""
            text = schema_phrase(self.diff.schema_changes[0], language=self.language)
            yield Clause(tier=Tier.REST, share=0.5, text=text, others=said)


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
