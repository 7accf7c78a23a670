"""Explanations: plain words, at most five witnesses, and no rounding that hides a crossing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.payload import Payload
from stillframe.model.verdict import MAX_WITNESSES, Verdict
from stillframe.rules import explain_many, explain_threshold, parse_rule
from tests.diff.oracle import payloads
from tests.rules.rules_to_judge import RULES

BEFORE = [{"id": f"h-{place}", "score": 0.6, "elo": 0} for place in range(8)]


def explained(after: list[dict[str, Any]], rule: dict[str, Any], **more: Any) -> Verdict:
    """Explain a rule on eight rows that became these."""
    before = {"primary_rows": BEFORE, **({"primary_metric": 100} if more else {})}
    return explain_threshold(compute_diff(before, {"primary_rows": after, **more}), rule)


def with_first(**cells: Any) -> list[dict[str, Any]]:
    """Return the eight rows, the first with other cells."""
    return [{**BEFORE[0], **cells}, *BEFORE[1:]]


@pytest.mark.parametrize(
    ("after", "rule", "sentence"),
    [
        (
            with_first(score=0.54),
            {"value_delta_pct": 0.1, "on_field": "score"},
            "score of h-0 went from 0.6 to 0.54 (-10.0 %), limit 10 %",
        ),
        (
            with_first(score=0.5401),
            {"value_delta_pct": 0.1, "on_field": "score"},
            "no score moved so far; most: score of h-0 went from 0.6 to 0.5401 (-9.98 %), limit 10 %",
        ),
        (
            with_first(elo=3),
            {"value_delta_pct": 0.1, "on_field": "elo", "min_abs": 2},
            "elo of h-0 went from 0 to 3 (from zero), limit 10 % and at least 2",
        ),
        (with_first(elo=3), {"value_delta_abs": 3, "on_field": "elo"}, "elo of h-0 went from 0 to 3 (+3), limit 3"),
        (BEFORE[::-1], {"top_n_reordering": 3}, "6 rows changed place in the first 3, limit 1"),
        (BEFORE[:-1], {"set_removed_min": 1}, "1 row was removed, limit 1"),
        (
            with_first(elo=1),
            {"value_delta_abs": 1, "on_field": "nothing"},
            "neither snapshot has a field 'nothing'",
        ),
        (with_first(elo=1), {"value_delta_abs": 1, "on_field": "score"}, "no score changed, limit 1"),
        (with_first(elo=1), {"NOT": {"set_added_min": 1}}, "0 rows were added, limit 1, so its opposite holds"),
        (
            with_first(elo=1),
            {"AND": [{"any_change": True}, {"set_added_min": 1}]},
            "1 of 2 conditions hold, all must: 0 rows were added, limit 1",
        ),
        (BEFORE, {"any_change": True}, "nothing changed, and an empty diff meets no rule"),
    ],
)
def test_a_verdict_says_why_in_one_plain_sentence(
    after: list[dict[str, Any]], rule: dict[str, Any], sentence: str
) -> None:
    """What was seen, from what to what, and the limit."""
    assert explained(after, rule).sentence == sentence


def test_a_metric_is_explained_with_its_name() -> None:
    """The headline's move is told as any other."""
    verdict = explained(BEFORE, {"primary_metric_delta_pct": 0.05}, primary_metric=95)
    assert verdict.sentence == "primary_metric went from 100 to 95 (-5.0 %), limit 5 %"
    assert (verdict.limit, verdict.observed, verdict.outcome) == (0.05, -0.05, "true")


def test_at_most_five_witnesses_are_named_strongest_first() -> None:
    """A notice is not the diff: it names who made the rule true."""
    after = [{**row, "elo": place + 1} for place, row in enumerate(BEFORE)]
    verdict = explained(after, {"value_delta_abs": 1, "on_field": "elo"})
    assert [witness["id"] for witness in verdict.witnesses] == ["h-7", "h-6", "h-5", "h-4", "h-3"]
    assert len(verdict.witnesses) == MAX_WITNESSES
    assert verdict.sentence.endswith("so did 7 more rows")


@given(a=payloads(), b=payloads(), rule=RULES)
def test_a_verdict_survives_its_json(a: Payload, b: Payload, rule: dict[str, Any]) -> None:
    """Every verdict is JSON, reads back the same, has a sentence in each node, and witnesses only where it is true."""
    verdict = explain_threshold(compute_diff(a, b), rule)
    assert Verdict.from_dict(json.loads(json.dumps(verdict.as_dict(), allow_nan=False))) == verdict
    nodes = [verdict]
    while nodes:
        node = nodes.pop()
        assert node.sentence
        assert len(node.witnesses) <= MAX_WITNESSES
        assert node.met or not node.witnesses
        nodes.extend(node.children)


@given(before=payloads(), after=payloads(), documents=st.lists(RULES, max_size=4))
def test_many_rules_are_explained_as_each_alone(
    before: Payload, after: Payload, documents: list[dict[str, Any]]
) -> None:
    """What they share is found once and changes no word."""
    diff = compute_diff(before, after)
    rules = [parse_rule(document) for document in documents]
    assert explain_many(diff, rules) == [explain_threshold(diff, rule) for rule in rules]
