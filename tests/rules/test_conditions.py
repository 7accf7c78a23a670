"""Rules as values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillframe.rules import parse_rule
from stillframe.rules.conditions import (
    AnyOf,
    MetricMoved,
    Not,
    SetChanged,
    TopNReordering,
    TopRows,
    ValueMoved,
    least_size,
)


def test_rules_that_say_the_same_are_equal_and_count_once() -> None:
    """A rule is its content, so that rules can be interned."""
    spelled = parse_rule({"or": [{"top_n_reordering": {"top": 3}}, {"NOT": {"set_added_min": 1}}]})
    assert spelled == AnyOf(rules=(TopNReordering(top=3), Not(rule=SetChanged(side="added", minimum=1))))
    assert len({spelled, parse_rule({"OR": [{"top_n_reordering": 3}, {"not": {"set_added_min": 1}}]})}) == 1


def test_what_a_condition_works_out_once_is_no_part_of_what_it_says() -> None:
    """The least size, what is looked up and whether the greatest move decides follow from the rule's own members."""
    rule = parse_rule({"value_delta_pct": 0.1, "on_field": "elo", "direction": "up", "panel": "board"})
    assert isinstance(rule, ValueMoved)
    assert 0 < 0.1 - rule.least < 1e-9
    assert rule.asked == ("board", "elo", "pct", "up")
    assert rule.is_plain
    assert not replace(rule, min_abs=2).is_plain
    assert replace(rule, min_abs=2).least_abs == least_size(2)
    assert not replace(rule, rows=TopRows(top=3)).is_plain
    assert replace(rule, field="cost").asked == ("board", "cost", "pct", "up")
    assert "least" not in repr(rule)
    moved = MetricMoved(measure="abs", limit=5, metric="papers", min_abs=1)
    assert (moved.least, moved.least_abs) == (least_size(5), least_size(1))
    assert replace(moved, limit=6) == MetricMoved(measure="abs", limit=6, metric="papers", min_abs=1)


def test_a_rule_cannot_be_changed() -> None:
    """A verdict speaks of the rule that was judged."""
    with pytest.raises(AttributeError):
        TopNReordering(top=3).top = 4  # type: ignore[misc]  # because that is what is refused
