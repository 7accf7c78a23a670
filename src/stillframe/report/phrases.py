"""Phrases for single changes: a rank move, a metric, a value, a change of shape; headlines are made of them."""

from __future__ import annotations

from collections.abc import Mapping

from stillframe.model.delta import MetricDelta, SchemaChange, ValueDelta
from stillframe.model.moves import TopNChange
from stillframe.model.payload import RowId
from stillframe.report.figures import is_number
from stillframe.report.languages import ENGLISH, Language

TITLE_MOST = 36
FIELD_MOST = 18
CELL_MOST = 12


def title(row_id: RowId, titles: Mapping[RowId, str], *, most: int = TITLE_MOST, language: Language = ENGLISH) -> str:
    """Return what a row is called, on one line of at most `most` characters; its key where nobody named it."""
    return language.name(titles.get(row_id) or str(row_id), most=most)


def label(identifier: str, *, most: int = TITLE_MOST, language: Language = ENGLISH) -> str:
    """
    Return the id of a panel, a dimension or a measure as words that can open a sentence.

    >>> label("open_papers"), label("sca"), label("sca.critical_findings")
    ('Open papers', 'SCA', 'SCA critical findings')
    """
    return language.label(identifier, most=most)


def rank_phrase(change: TopNChange, titles: Mapping[RowId, str], *, language: Language = ENGLISH) -> str:
    """
    Return one rank move in words.

    >>> rank_phrase(TopNChange("UA", 2, 5, "moved"), {"UA": "United"})
    'United fell from 2nd to 5th'
    >>> rank_phrase(TopNChange("VX", 4, None, "left"), {})
    'VX is gone (was 4th)'
    """
    called = title(change.id, titles, language=language)
    if change.rank_b is None:
        return language.say("rank.gone", who=called, old=language.ordinal(change.rank_a or 0))
    if change.rank_a is None:
        return language.say("rank.new", who=called, new=language.ordinal(change.rank_b))
    went = "rank.rose" if change.rank_b < change.rank_a else "rank.fell"
    return language.say(went, who=called, old=language.ordinal(change.rank_a), new=language.ordinal(change.rank_b))


def metric_phrase(metric: MetricDelta, *, language: Language = ENGLISH) -> str:
    """Return what a metric did in words: `Papers up 4.2 % to 15,661`."""
    called = label(metric.name, language=language)
    old, new = language.cells_apart(metric.old, metric.new, most=CELL_MOST)
    if metric.presence == "only_a":
        return language.say("metric.gone", what=called, old=old)
    if metric.presence == "only_b":
        return language.say("metric.new", what=called, new=new)
    if metric.new is None:
        return language.say("metric.empty", what=called, old=old)
    if metric.old is None:
        return language.say("metric.again", what=called, new=new)
    return _went("metric", metric, language, what=called)


def dimension_phrase(dimension: str, state: str, *, score: MetricDelta | None, language: Language = ENGLISH) -> str:
    """Return the state of a dimension in words, with its scores where both are known: `SCA regressed (88 → 71)`."""
    called = label(dimension, most=FIELD_MOST, language=language)
    text = language.say("dimension.state", what=called, state=language.known("state", state))
    if score is None or not (is_number(score.old) and is_number(score.new)):
        return text
    old, new = language.figures_apart(score.old, score.new)
    return language.say("dimension.scores", said=text, old=old, new=new)


def value_phrase(change: ValueDelta, titles: Mapping[RowId, str], *, language: Language = ENGLISH) -> str:
    """Return what one value of one row did in words: `on_time of United fell 10 % to 0.54`."""
    field = language.name(change.field, most=FIELD_MOST)
    row = title(change.id, titles, most=2 * CELL_MOST, language=language)
    return _went("value", change, language, field=field, row=row)


def schema_phrase(change: SchemaChange, *, language: Language = ENGLISH) -> str:
    """
    Return one change of shape in words.

    >>> schema_phrase(SchemaChange(panel="papers", column=None, change="added", old=None, new="metric"))
    'panel papers added'
    """
    panel = language.name(change.panel, most=FIELD_MOST)
    old, new = (language.name(kind or "", most=FIELD_MOST) for kind in (change.old, change.new))
    if change.change == "rekeyed":
        return language.say("schema.rekeyed", panel=panel, new=new)
    if change.column is None:
        what = language.say("schema.panel", panel=panel)
    else:
        column = language.name(change.column, most=FIELD_MOST)
        what = language.say("schema.column", column=column, panel=panel)
    if change.change == "retyped":
        return language.say("schema.retyped", what=what, old=old, new=new)
    return language.say(f"schema.{change.change}", what=what)


def _went(family: str, change: MetricDelta | ValueDelta, language: Language, **named: str) -> str:
    """Return what a number did; `family` says which sentences tell it, `named` of what they speak."""
    old, new = language.cells_apart(change.old, change.new, most=CELL_MOST)
    if not (is_number(change.old) and is_number(change.new)):
        return language.say(f"{family}.changed", old=old, new=new, **named)
    direction = "up" if change.new > change.old else "down"
    if change.delta_pct is None:
        return language.say(f"{family}.{direction}_from", old=old, new=new, **named)
    return language.say(f"{family}.{direction}", by=language.percent(change.delta_pct), new=new, **named)
