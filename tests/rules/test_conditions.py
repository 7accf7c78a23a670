"""Rules as values."""

from __future__ import annotations

import pytest

from stillframe.rules import parse_rule
from stillframe.rules.conditions import AnyOf, Not, SetChanged, TopNReordering


def test_rules_that_say_the_same_are_equal_and_count_once() -> None:
    """A rule is its content, so that rules can be interned."""
    spelled = parse_rule({"or": [{"top_n_reordering": {"top": 3}}, {"NOT": {"set_added_min": 1}}]})
    assert spelled == AnyOf(rules=(TopNReordering(top=3), Not(rule=SetChanged(side="added", minimum=1))))
    assert len({spelled, parse_rule({"OR": [{"top_n_reordering": 3}, {"not": {"set_added_min": 1}}]})}) == 1


def test_a_rule_cannot_be_changed() -> None:
    """A verdict speaks of the rule that was judged."""
    with pytest.raises(AttributeError):
        TopNReordering(top=3).top = 4  # type: ignore[misc]  # because that is what is refused
