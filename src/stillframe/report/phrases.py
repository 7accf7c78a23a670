"""Phrases for single changes: a rank move, a metric, a value, a change of shape; headlines are made of them."""

from __future__ import annotations

from collections.abc import Mapping

from stillframe.model.delta import MetricDelta, SchemaChange, ValueDelta
from stillframe.model.moves import TopNChange
from stillframe.model.payload import RowId
from stillframe.report.figures import cells_apart, figures_apart, is_number, name, ordinal, percent

TITLE_MOST = 36
FIELD_MOST = 18
CELL_MOST = 12

_ABBREVIATIONS = frozenset({"sca"})


def title(row_id: RowId, titles: Mapping[RowId, str], *, most: int = TITLE_MOST) -> str:
    """Return what a row is called, on one line of at most `most` characters; its key where nobody named it."""
    return name(titles.get(row_id) or str(row_id), most=most)


def label(identifier: str, *, most: int = TITLE_MOST) -> str:
    """
    Return the id of a panel, a dimension or a measure as words that can open a sentence.

    >>> label("open_papers"), label("sca"), label("sca.critical_findings")
    ('Open papers', 'SCA', 'SCA critical findings')
    """
    first, dot, measure = identifier.partition(".")
    words = first.upper() if first in _ABBREVIATIONS else first.replace("_", " ")
    words = name(f"{words} {measure.replace('_', ' ')}" if dot else words, most=most)
    return words[:1].upper() + words[1:]


def counted(count: int, one: str, many: str) -> str:
    """
    Return a count with its noun.

    >>> counted(1, "row", "rows"), counted(1200, "row", "rows")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {one if count == 1 else many}"


def rank_phrase(change: TopNChange, titles: Mapping[RowId, str]) -> str:
    """
    Return one rank move in words.

    >>> rank_phrase(TopNChange("UA", 2, 5, "moved"), {"UA": "United"})
    'United fell from 2nd to 5th'
    >>> rank_phrase(TopNChange("VX", 4, None, "left"), {})
    'VX is gone (was 4th)'
    """
    called = title(change.id, titles)
    if change.rank_b is None:
        return f"{called} is gone (was {ordinal(change.rank_a or 0)})"
    if change.rank_a is None:
        return f"{called} is new at {ordinal(change.rank_b)}"
    verb = "rose" if change.rank_b < change.rank_a else "fell"
    return f"{called} {verb} from {ordinal(change.rank_a)} to {ordinal(change.rank_b)}"


def metric_phrase(metric: MetricDelta) -> str:
    """Return what a metric did in words: `Papers up 4.2 % to 15,661`."""
    called = label(metric.name)
    old, new = cells_apart(metric.old, metric.new, most=CELL_MOST)
    if metric.presence == "only_a":
        return f"{called} is gone (was {old})"
    if metric.presence == "only_b":
        return f"{called} is new at {new}"
    if metric.new is None:
        return f"{called} has no value (was {old})"
    if metric.old is None:
        return f"{called} has a value again: {new}"
    return f"{called} {_went(metric, up='up', down='down')}"


def dimension_phrase(dimension: str, state: str, *, score: MetricDelta | None) -> str:
    """Return the state of a dimension in words, with its scores where both are known: `SCA regressed (88 → 71)`."""
    text = f"{label(dimension, most=FIELD_MOST)} {state}"
    if score is None or not (is_number(score.old) and is_number(score.new)):
        return text
    return f"{text} ({' → '.join(figures_apart(score.old, score.new))})"


def value_phrase(change: ValueDelta, titles: Mapping[RowId, str]) -> str:
    """Return what one value of one row did in words: `on_time of United fell 10 % to 0.54`."""
    field, row = name(change.field, most=FIELD_MOST), title(change.id, titles, most=2 * CELL_MOST)
    return f"{field} of {row} {_went(change, up='rose', down='fell')}"


def schema_phrase(change: SchemaChange) -> str:
    """
    Return one change of shape in words.

    >>> schema_phrase(SchemaChange(panel="papers", column=None, change="added", old=None, new="metric"))
    'panel papers added'
    """
    panel, new = name(change.panel, most=FIELD_MOST), name(change.new or "", most=FIELD_MOST)
    if change.change == "rekeyed":
        return f"key of {panel} is now {new}"
    what = f"panel {panel}" if change.column is None else f"column {name(change.column, most=FIELD_MOST)} of {panel}"
    if change.change == "retyped":
        return f"{what} was {name(change.old or '', most=FIELD_MOST)}, is {new}"
    return f"{what} {change.change}"


def _went(change: MetricDelta | ValueDelta, *, up: str, down: str) -> str:
    old, new = cells_apart(change.old, change.new, most=CELL_MOST)
    if not (is_number(change.old) and is_number(change.new)):
        return f"changed from {old} to {new}"
    by = f"from {old}" if change.delta_pct is None else percent(change.delta_pct)
    return f"{up if change.new > change.old else down} {by} to {new}"
