"""Where the limits of a rule stand, how far a diff reached towards them, and the same rule with another one."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.payload import Payload
from stillframe.rules import explain_threshold, judge, parse_rule, rule_document
from stillframe.rules.facts import Facts
from stillframe.rules.limits import limit_nodes, reaches_of, share_of, sways_of, with_limit
from tests.diff.oracle import payloads
from tests.rules.rules_to_judge import RULES

BEFORE = {"primary_rows": [{"id": "a", "elo": 100}, {"id": "b", "elo": 50}, {"id": "c", "elo": 0}]}
AFTER = {"primary_rows": [{"id": "b", "elo": 55}, {"id": "a", "elo": 92}, {"id": "d", "elo": 7}]}
FACTS = Facts(compute_diff(BEFORE, AFTER))


def share(document: dict[str, Any]) -> float:
    return round(share_of(FACTS, parse_rule(document)), 6)


@given(rule=RULES)
def test_every_limit_is_found_where_a_verdict_has_it(rule: dict[str, Any]) -> None:
    """The paths are those of the tree that people read."""
    parsed = parse_rule(rule)
    tree = explain_threshold(compute_diff(BEFORE, AFTER), parsed)
    paths = set()

    def walk(node: Any) -> None:
        paths.add(node.path)
        for child in node.children:
            walk(child)

    walk(tree)
    assert {node.path for node in limit_nodes(parsed)} <= paths


@given(rule=RULES, limit=st.integers(1, 9))
def test_another_limit_changes_that_one_alone(rule: dict[str, Any], limit: int) -> None:
    """Everything else in the rule's JSON stays, and the same limit gives the same rule."""
    parsed = parse_rule(rule)
    nodes = limit_nodes(parsed)
    for place, node in enumerate(nodes):
        assert with_limit(parsed, node.path, node.limit) == parsed
        changed = limit_nodes(with_limit(parsed, node.path, limit))
        assert [one.limit for one in changed] == [limit if at == place else one.limit for at, one in enumerate(nodes)]
        assert parse_rule(rule_document(with_limit(parsed, node.path, limit))) == with_limit(parsed, node.path, limit)


def test_a_limit_that_is_not_there_cannot_be_changed() -> None:
    """A path that names nothing is an error, not a rule left as it was."""
    with pytest.raises(KeyError):
        with_limit(parse_rule({"any_change": True}), "$", 3)


@given(a=payloads(), b=payloads(), rule=RULES, limit=st.sampled_from([1, 2, 3, 0.05, 0.5]))
def test_a_reach_is_the_greatest_limit_that_is_met(a: Payload, b: Payload, rule: dict[str, Any], limit: float) -> None:
    """With any other limit the condition says what comparing it with the reach says; by that limits are suggested."""
    parsed, diff = parse_rule(rule), compute_diff(a, b)
    facts = Facts(diff)
    sways = sways_of(facts, parsed)
    for node, reach, sway in zip(limit_nodes(parsed), reaches_of(facts, parsed), sways, strict=True):
        tried = int(limit) or 1 if node.counts else limit
        met = reach is not None and reach >= tried * (1 - 1e-9)
        expected = sway == "always" or (sway == "if_met" and met) or (sway == "unless_met" and not met)
        assume(reach is not None)
        assert (judge(diff, with_limit(parsed, node.path, tried)) == "true") is expected


def test_what_came_from_zero_reaches_every_limit() -> None:
    """No fraction says how far it went."""
    facts = Facts(compute_diff({"primary_rows": [{"id": 1, "v": 0}]}, {"primary_rows": [{"id": 1, "v": 2}]}))
    assert reaches_of(facts, parse_rule({"value_delta_pct": 5, "on_field": "v"})) == (inf,)
    assert reaches_of(facts, parse_rule({"value_delta_abs": 5, "on_field": "v"})) == (2,)
    assert reaches_of(facts, parse_rule({"value_delta_abs": 5, "on_field": "w"})) == (None,)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"value_delta_pct": 0.1, "on_field": "elo"}, 1.0),
        ({"value_delta_pct": 0.2, "on_field": "elo"}, 0.5),
        ({"value_delta_abs": 10, "on_field": "elo"}, 0.8),
        ({"value_delta_abs": 10, "on_field": "elo", "direction": "up"}, 0.5),
        ({"value_delta_pct": 0.1, "on_field": "elo", "min_abs": 20}, 0.4),
        ({"value_delta_pct": 0.2, "on_field": "elo", "rows": {"ids": ["a"]}}, 0.4),
        ({"set_added_min": 4}, 0.25),
        ({"top_n_reordering": {"top": 3, "min_changes": 8}}, 0.5),
        ({"AND": [{"value_delta_abs": 10, "on_field": "elo"}, {"set_added_min": 4}]}, 0.25),
        ({"OR": [{"value_delta_abs": 10, "on_field": "elo"}, {"set_added_min": 4}]}, 0.8),
        ({"AND": [{"value_delta_abs": 10, "on_field": "elo"}, {"set_added_min": 1}]}, 0.8),
        ({"NOT": {"any_change": True}}, 0.0),
        ({"value_delta_abs": 1, "on_field": "nothing"}, 0.0),
        ({"dimension_state": "regressed"}, 0.0),
        ({"primary_metric_delta_pct": 0.1}, 0.0),
    ],
)
def test_a_share_says_how_close_it_was(rule: dict[str, Any], expected: float) -> None:
    """Of AND the condition that was farthest off, of OR the nearest; a floor counts as a limit does."""
    assert share(rule) == expected


@given(a=payloads(), b=payloads(), rule=RULES)
def test_a_share_is_whole_exactly_where_the_rule_is_met(a: Payload, b: Payload, rule: dict[str, Any]) -> None:
    """A near miss is always a miss, however the numbers are rounded."""
    diff, parsed = compute_diff(a, b), parse_rule(rule)
    found = share_of(Facts(diff), parsed)
    assert 0 <= found <= 1
    if judge(diff, parsed) == "true":
        assert found == 1


def test_a_metric_comes_as_close_as_it_moved() -> None:
    """Half of the way is a share of one half."""
    before, after = ({"primary_rows": [{"id": 1}], "primary_metric": value} for value in (100, 105))
    facts = Facts(compute_diff(before, after))
    assert round(share_of(facts, parse_rule({"primary_metric_delta_pct": 0.1})), 6) == 0.5
    assert share_of(facts, parse_rule({"primary_metric_delta_pct": 0.1, "direction": "down"})) == 0


def test_nothing_comes_close_where_nothing_changed() -> None:
    """An empty diff meets no rule, and is nearly nothing."""
    facts = Facts(compute_diff(BEFORE, BEFORE))
    rule = parse_rule({"NOT": {"set_added_min": 1}})
    assert (share_of(facts, rule), sways_of(facts, rule)) == (0, ("never",))
