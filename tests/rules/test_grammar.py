"""The grammar: what a rule may say, and the path and the advice of every refusal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from stillframe.errors import InvalidRule
from stillframe.rules import parse_rule, rule_document
from stillframe.rules.conditions import AnyOf
from stillframe.rules.grammar import CONDITION_KEYS, MAX_DEPTH, MAX_NODES
from tests.rules.rules_to_judge import RULES

VALUE = {"value_delta_pct": 0.1, "on_field": "elo"}


def nested(depth: int) -> dict[str, Any]:
    """Return a rule so many levels deep."""
    rule: dict[str, Any] = {"any_change": True}
    for _ in range(depth - 1):
        rule = {"NOT": rule}
    return rule


@pytest.mark.parametrize(
    ("document", "path", "advice"),
    [
        ({}, "$", "holds no condition"),
        ([], "$", "JSON object"),
        ("any_change", "$", "JSON object"),
        (None, "$", "null"),
        ({"value_delta_pc": 0.1, "on_field": "elo"}, "$.value_delta_pc", "did you mean 'value_delta_pct'"),
        ({**VALUE, "on_feld": "x"}, "$.on_feld", "did you mean 'on_field'"),
        ({**VALUE, "on_metric": "x"}, "$.on_metric", "does not go with value_delta_pct"),
        ({**VALUE, "set_added_min": 1}, "$", "use AND"),
        ({"AND": [VALUE], "and": [VALUE]}, "$", "use AND"),
        ({"value_delta_pct": -0.1, "on_field": "elo"}, "$.value_delta_pct", "0 or more"),
        ({"value_delta_pct": float("nan"), "on_field": "elo"}, "$.value_delta_pct", "0 or more"),
        ({"value_delta_abs": float("inf"), "on_field": "elo"}, "$.value_delta_abs", "0 or more"),
        ({"value_delta_abs": 10**400, "on_field": "elo"}, "$.value_delta_abs", "0 or more"),
        ({"value_delta_pct": "0.1", "on_field": "elo"}, "$.value_delta_pct", "text '0.1'"),
        ({"value_delta_pct": True, "on_field": "elo"}, "$.value_delta_pct", "true"),
        ({"value_delta_pct": 0.1}, "$", "'on_field'"),
        ({"value_delta_pct": 0.1, "on_field": 3}, "$.on_field", "a name"),
        ({"metric_delta_pct": 0.1}, "$", "'on_metric'"),
        ({**VALUE, "min_abs": -1}, "$.min_abs", "0 or more"),
        ({**VALUE, "direction": "left"}, "$.direction", "any, up, down"),
        ({**VALUE, "rows": {"top": 0}}, "$.rows.top", "1 or more"),
        ({**VALUE, "rows": {"ids": []}}, "$.rows.ids", "one or more"),
        ({**VALUE, "rows": {"ids": [True]}}, "$.rows.ids", "text or an integer"),
        ({**VALUE, "rows": {"top": 1, "ids": ["a"]}}, "$.rows", "top"),
        ({"top_n_reordering": 0}, "$.top_n_reordering", "1 or more"),
        ({"top_n_reordering": 3.0}, "$.top_n_reordering", "whole number"),
        ({"top_n_reordering": True}, "$.top_n_reordering", "true"),
        ({"top_n_reordering": {"top": 3, "min_change": 2}}, "$.top_n_reordering.min_change", "'min_changes'"),
        ({"top_n_reordering": {}}, "$.top_n_reordering.top", "null"),
        ({"set_added_min": 0}, "$.set_added_min", "1 or more"),
        ({"set_removed_min": None}, "$.set_removed_min", "null"),
        ({"dimension_state": "worse"}, "$.dimension_state", "improved, regressed, unchanged"),
        ({"any_change": False}, "$.any_change", "must be true"),
        ({"any_change": 1}, "$.any_change", "must be true"),
        ({"AND": []}, "$.AND", "an empty list"),
        ({"or": {}}, "$.or", "an object"),
        ({"NOT": [VALUE]}, "$.NOT", "JSON object"),
        ({"AND": [VALUE, {"OR": [{}]}]}, "$.AND[1].OR[0]", "holds no condition"),
        ({"AND": [VALUE], "panel": "x"}, "$.panel", "unknown key"),
        (nested(MAX_DEPTH + 1), "$" + ".NOT" * MAX_DEPTH, "too deep"),
        ({"OR": [VALUE] * MAX_NODES}, f"$.OR[{MAX_NODES - 1}]", "too large"),
        ({3: 4}, "$[3]", "unknown key"),
    ],
)
def test_every_refusal_names_its_path_and_what_is_allowed_there(document: Any, path: str, advice: str) -> None:
    """A rule is refused when it is written, with enough said to mend it."""
    with pytest.raises(InvalidRule) as refused:
        parse_rule(document)
    (fault, *_) = [fault for fault in refused.value.faults if fault.path == path]
    assert advice in fault.message


def test_all_faults_are_told_at_once() -> None:
    """Whoever mends a rule mends it once."""
    with pytest.raises(InvalidRule) as refused:
        parse_rule({"AND": [{"set_added_min": 0}, {"value_delta_abs": -1, "direction": "x"}]})
    assert [fault.path for fault in refused.value.faults] == [
        "$.AND[0].set_added_min",
        "$.AND[1].value_delta_abs",
        "$.AND[1]",
        "$.AND[1].direction",
    ]


def test_the_largest_rule_that_is_allowed_is_read() -> None:
    """Both limits are inclusive."""
    parse_rule(nested(MAX_DEPTH))
    assert (MAX_DEPTH, MAX_NODES) == (8, 64)
    largest = parse_rule({"OR": [VALUE] * (MAX_NODES - 1)})
    assert largest == AnyOf(rules=(parse_rule(VALUE),) * (MAX_NODES - 1))


@given(document=RULES)
def test_a_rule_and_its_canonical_document_are_one(document: dict[str, Any]) -> None:
    """Reading, writing and reading again changes nothing."""
    rule = parse_rule(document)
    canonical = rule_document(rule)
    assert parse_rule(canonical) == rule
    assert rule_document(parse_rule(canonical)) == canonical


def test_defaults_and_case_are_written_one_way() -> None:
    """Rules that mean the same by default intern to one text."""
    spelled = {"and": [{**VALUE, "direction": "any", "min_abs": 0, "rows": {"ids": ["b", 1, "a", "b"]}}]}
    assert rule_document(parse_rule(spelled)) == {"AND": [{**VALUE, "rows": {"ids": [1, "a", "b"]}}]}
    assert rule_document(parse_rule({"top_n_reordering": {"top": 3}})) == {"top_n_reordering": 3}


def test_every_condition_of_the_page_is_known() -> None:
    """Ten conditions, no more and no fewer."""
    assert set(CONDITION_KEYS) == {
        "top_n_reordering",
        "value_delta_pct",
        "value_delta_abs",
        "set_added_min",
        "set_removed_min",
        "primary_metric_delta_pct",
        "metric_delta_pct",
        "metric_delta_abs",
        "dimension_state",
        "any_change",
    }
