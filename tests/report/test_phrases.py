"""Phrases for single changes: no name is cut short of meaning, no missing value is called worse."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.diff import compute_diff
from stillframe.model.delta import MetricDelta, SchemaChange
from stillframe.model.moves import TopNChange
from stillframe.report.phrases import (
    CELL_MOST,
    TITLE_MOST,
    dimension_phrase,
    label,
    metric_phrase,
    rank_phrase,
    schema_phrase,
    title,
    value_phrase,
)
from tests.report.pictures import picture, row


def metric(**given: Any) -> MetricDelta:
    plain = {"name": "papers", "old": 1, "new": 1, "delta": 0, "delta_pct": 0.0, "better": "higher"}
    return MetricDelta(**({**plain, "state": "unchanged", "presence": "both"} | given))


@pytest.mark.parametrize(
    ("given", "phrase"),
    [
        ({"old": 15_025, "new": 15_661, "delta": 636, "delta_pct": 0.0423}, "Papers up 4.2 % to 15,661"),
        ({"old": 2, "new": 1, "delta": -1, "delta_pct": -0.5}, "Papers down 50 % to 1"),
        ({"old": None, "new": 1, "presence": "only_b"}, "Papers is new at 1"),
        ({"old": 1, "new": None, "presence": "only_a"}, "Papers is gone (was 1)"),
        ({"old": 1, "new": None}, "Papers has no value (was 1)"),
        ({"old": None, "new": 1}, "Papers has a value again: 1"),
        ({"old": "good", "new": "bad"}, "Papers changed from good to bad"),
        ({"old": 0, "new": 3, "delta": 3, "delta_pct": None, "from_zero": True}, "Papers up from 0 to 3"),
        (
            {"name": "sca.critical_findings", "old": 1, "new": 3, "delta": 2, "delta_pct": 2.0},
            "SCA critical findings up 200 % to 3",
        ),
    ],
)
def test_a_metric_says_which_way_it_went_and_where_it_is(given: dict[str, Any], phrase: str) -> None:
    """Missing is said as missing, from zero has no percentage, and text is not up or down."""
    assert metric_phrase(metric(**given)) == phrase


def test_a_dimension_shows_its_scores_where_both_are_known() -> None:
    """The crossing is visible, or not claimed."""
    score = metric(name="sca.score", old=88, new=71)
    assert dimension_phrase("sca", "regressed", score=score) == "SCA regressed (88 → 71)"
    assert dimension_phrase("sca", "regressed", score=metric(old=None, new=71)) == "SCA regressed"
    assert dimension_phrase("quality", "improved", score=None) == "Quality improved"


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        (TopNChange("UA", 2, 5, "moved"), "United fell from 2nd to 5th"),
        (TopNChange("UA", 12, 3, "entered"), "United rose from 12th to 3rd"),
        (TopNChange("UA", None, 3, "entered"), "United is new at 3rd"),
        (TopNChange("UA", 3, None, "left"), "United is gone (was 3rd)"),
    ],
)
def test_a_rank_move_names_both_ranks(change: TopNChange, phrase: str) -> None:
    """True ranks, also beyond the edge of the list."""
    assert rank_phrase(change, {"UA": "United"}) == phrase


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        (SchemaChange(panel="t", column="elo", change="added", old=None, new="number"), "column elo of t added"),
        (
            SchemaChange(panel="t", column="elo", change="retyped", old="number", new="text"),
            "column elo of t was number, is text",
        ),
        (SchemaChange(panel="t", column=None, change="removed", old="table", new=None), "panel t removed"),
        (SchemaChange(panel="t", column=None, change="rekeyed", old="id", new="slug"), "key of t is now slug"),
    ],
)
def test_a_change_of_shape_names_what_changed(change: SchemaChange, phrase: str) -> None:
    """Panel or column, and what it is now."""
    assert schema_phrase(change) == phrase


@pytest.mark.parametrize(
    ("old", "new", "phrase"),
    [
        (0.6, 0.54, "on_time of UA fell 10 % to 0.54"),
        (None, 0.5, "on_time of UA changed from none to 0.5"),
        (True, False, "on_time of UA changed from true to false"),
    ],
)
def test_a_value_says_whose_it_is(old: Any, new: Any, phrase: str) -> None:
    """Field, row, and old and new where no percentage exists."""
    diff = compute_diff(picture([row("UA", on_time=old)]), picture([row("UA", on_time=new)]))
    assert value_phrase(diff.row_value_deltas[0], {}) == phrase


def test_long_names_are_cut_with_a_sign_that_they_were() -> None:
    """A cut name is told from a short one."""
    assert title("x" * 100, {}) == "x" * (TITLE_MOST - 1) + "…"
    assert title("k", {"k": "y" * 100}, most=CELL_MOST) == "y" * (CELL_MOST - 1) + "…"
    assert label("z" * 100, most=5) == "Zzzz…"
