"""The laws of judging: one meaning, whoever asks and in whatever form the diff comes."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.errors import IncompleteDiff, InvalidInput, InvalidRule
from stillframe.model.diff import Diff
from stillframe.model.payload import Field, Metric, Payload, Primary
from stillframe.rules import explain_threshold, judge, judge_many, meets_threshold, parse_rule, rule_document
from tests.diff.oracle import payloads
from tests.rules.rules_to_judge import RULES, outcome

OUTCOMES = {True: "true", False: "false", None: "unknown"}


def moved(old: Any, new: Any, **rule: Any) -> bool:
    """Say whether a rule on field `v` is met by one row that went from `old` to `new`."""
    diff = compute_diff({"primary_rows": [{"id": 1, "v": old}]}, {"primary_rows": [{"id": 1, "v": new}]})
    return meets_threshold(diff, {"on_field": "v", **rule})


@settings(max_examples=120)
@given(a=payloads(), b=payloads(), documents=st.lists(RULES, min_size=1, max_size=4))
def test_everybody_who_judges_says_what_the_slow_oracle_says(
    a: Payload, b: Payload, documents: list[dict[str, Any]]
) -> None:
    """meets_threshold, judge, judge_many and explain_threshold are one decision, which the page's own words give."""
    diff = compute_diff(a, b, top_n=2)
    rules = [parse_rule(document) for document in documents]
    expected = [OUTCOMES[outcome(diff, document)] for document in documents]
    assert judge_many(diff, [*rules, *rules]) == expected * 2
    assert [judge(diff, rule) for rule in rules] == expected
    assert [explain_threshold(diff, document).outcome for document in documents] == expected
    assert [meets_threshold(diff, rule) for rule in rules] == [found == "true" for found in expected]


@settings(max_examples=120)
@given(a=payloads(), b=payloads(), document=RULES, limit=st.one_of(st.none(), st.integers(1, 2)))
def test_a_diff_judged_from_its_json_is_never_a_guess(
    a: Payload, b: Payload, document: dict[str, Any], limit: int | None
) -> None:
    """The JSON gives the same answer as the object, or says that it holds too little; both callers alike."""
    diff = compute_diff(a, b, top_n=3)
    read = json.loads(json.dumps(diff.as_dict(limit=limit)))
    try:
        met = meets_threshold(read, document)
    except IncompleteDiff:
        with pytest.raises(IncompleteDiff):
            explain_threshold(read, document)
        return
    whole, told = explain_threshold(diff, document), explain_threshold(read, document)
    assert met is meets_threshold(diff, document)
    assert told.outcome == whole.outcome


@given(a=payloads(), b=payloads(), document=RULES)
def test_the_whole_json_is_enough_for_every_rule_about_its_own_top(
    a: Payload, b: Payload, document: dict[str, Any]
) -> None:
    """Only a rule about more rows than were listed can need more than an uncut diff holds."""
    assume("top_n_reordering" not in json.dumps(document))
    diff = compute_diff(a, b)
    assert meets_threshold(diff.as_dict(), document) is meets_threshold(diff, document)


@given(payload=payloads(), document=RULES)
def test_an_empty_diff_meets_no_rule(payload: Payload, document: dict[str, Any]) -> None:
    """Silence pages nobody, a NOT included."""
    diff = compute_diff(payload, payload)
    for rule in (document, {"NOT": document}):
        assert not meets_threshold(diff, rule)
        assert judge_many(diff, [parse_rule(rule)]) == ["false"]
        assert explain_threshold(diff, rule).outcome == "false"


@given(document=RULES, a=payloads(), b=payloads())
def test_the_canonical_form_means_the_same(document: dict[str, Any], a: Payload, b: Payload) -> None:
    """Interning a rule by its canonical document changes no decision."""
    rule = parse_rule(document)
    assert parse_rule(rule_document(rule)) == rule
    assert rule_document(parse_rule(rule_document(rule))) == rule_document(rule)
    assert judge(compute_diff(a, b), parse_rule(rule_document(rule))) == judge(compute_diff(a, b), rule)


@pytest.mark.parametrize(
    ("old", "new", "rule", "met"),
    [
        (0.6, 0.54, {"value_delta_pct": 0.1}, True),
        (100, 110, {"value_delta_pct": 0.1}, True),
        (100, 109.99, {"value_delta_pct": 0.1}, False),
        (0.3, 0.1 + 0.2 + 0.3, {"value_delta_abs": 0.3}, True),
        (0, 1, {"value_delta_pct": 99}, True),
        (0, 1, {"value_delta_pct": 99, "direction": "up"}, True),
        (0, 1, {"value_delta_pct": 99, "direction": "down"}, False),
        (0, -1, {"value_delta_pct": 99, "direction": "down"}, True),
        (0.01, 0.02, {"value_delta_pct": 0.5, "min_abs": 0.05}, False),
        (0, 0.02, {"value_delta_pct": 0.5, "min_abs": 0.05}, False),
        (-1e308, 1e308, {"value_delta_pct": 1e300, "direction": "up", "min_abs": 1e300}, True),
        (-1e308, 1e308, {"value_delta_abs": 1, "direction": "down"}, False),
        (1, None, {"value_delta_abs": 0}, False),
        (1, True, {"value_delta_abs": 0}, False),
        ("1", "2", {"value_delta_abs": 0}, False),
    ],
)
def test_limits_are_inclusive_signed_and_about_numbers(old: Any, new: Any, rule: dict[str, Any], met: bool) -> None:
    """Ten per cent is ten per cent in binary too; from zero meets every limit its way; what is no number meets none."""
    assert moved(old, new, **rule) is met


def test_unknown_is_neither_true_nor_false() -> None:
    """Kleene's logic: NOT keeps unknown, AND is not true with it, OR needs another true."""
    diff = compute_diff({"primary_rows": [{"id": 1, "v": 1}]}, {"primary_rows": [{"id": 1, "v": 2}]})
    documents: dict[str, dict[str, Any]] = {
        "true": {"any_change": True},
        "false": {"set_added_min": 1},
        "unknown": {"value_delta_abs": 1, "on_field": "nothing"},
    }
    for left, right in product(documents, repeat=2):
        pair = [documents[left], documents[right]]
        both = "false" if "false" in (left, right) else "unknown" if "unknown" in (left, right) else "true"
        either = "true" if "true" in (left, right) else "unknown" if "unknown" in (left, right) else "false"
        assert explain_threshold(diff, {"AND": pair}).outcome == both
        assert explain_threshold(diff, {"OR": pair}).outcome == either
    assert explain_threshold(diff, {"NOT": documents["unknown"]}).outcome == "unknown"


def test_a_rule_on_the_top_12_is_right_on_a_diff_listed_to_the_top_10() -> None:
    """A diff keeps every rank move; its JSON does not, and says so instead of guessing."""
    ids = list(range(20))
    swapped = [*ids[:10], 11, 10, *ids[12:]]
    diff = compute_diff(
        {"primary_rows": [{"id": one} for one in ids]}, {"primary_rows": [{"id": one} for one in swapped]}
    )
    assert not diff.top_n_changes
    assert meets_threshold(diff, {"top_n_reordering": 12})
    assert not meets_threshold(diff.as_dict(), {"top_n_reordering": 10})
    with pytest.raises(IncompleteDiff):
        meets_threshold(diff.as_dict(), {"top_n_reordering": 12})
    assert not meets_threshold(diff.as_dict(), {"top_n_reordering": {"top": 12, "min_changes": 3}})
    assert meets_threshold(diff.as_dict(), {"OR": [{"top_n_reordering": 12}, {"any_change": True}]})


def test_a_handwritten_diff_without_columns_is_judged_by_what_it_holds() -> None:
    """A delta that is told counts; a field nobody told of is unknown."""
    told = {"row_value_deltas": [{"id": 1, "field": "v", "old": 1, "new": 2, "delta": 1, "delta_pct": 1.0}]}
    assert meets_threshold(told, {"value_delta_abs": 1, "on_field": "v"})
    assert explain_threshold(told, {"value_delta_abs": 1, "on_field": "w"}).outcome == "unknown"
    with pytest.raises(IncompleteDiff):
        meets_threshold({**told, "totals": {"row_value_deltas": 2}}, {"value_delta_abs": 1, "on_field": "w"})


@pytest.mark.parametrize("given_diff", ["{}", None, 3, [1]])
def test_what_is_no_diff_is_refused(given_diff: Any) -> None:
    """A diff is a Diff or a mapping."""
    with pytest.raises(InvalidInput):
        meets_threshold(given_diff, {"any_change": True})


def test_json_text_is_no_rule() -> None:
    """A rule's JSON is parsed by whoever received it, so that two readers cannot differ."""
    diff = compute_diff({"primary_rows": []}, {"primary_rows": [{"id": 1}]})
    with pytest.raises(InvalidRule):
        meets_threshold(diff, '{"any_change": true}')  # type: ignore[arg-type]  # because that is what is refused


def test_a_cut_list_of_deltas_decides_only_what_it_holds() -> None:
    """A witness in the list is enough; its absence is not, while some deltas were cut."""
    rows = [{"id": place, "v": 100, "w": 1} for place in range(4)]
    after = [*({**row, "v": 101} for row in rows[:3]), {**rows[3], "v": 200}]
    cut = compute_diff({"primary_rows": rows}, {"primary_rows": after}).as_dict(limit=2)
    assert meets_threshold(cut, {"value_delta_abs": 1, "on_field": "v"})
    for field in ("v", "w"):
        with pytest.raises(IncompleteDiff):
            meets_threshold(cut, {"value_delta_abs": 50, "on_field": field})


def test_many_rules_judged_at_once_are_no_guess_either() -> None:
    """One rule that needs more than the JSON holds is told, whatever the others say; one that has enough is judged."""
    rows = [{"id": place, "v": 100} for place in range(3)]
    after = [{"id": place, "v": 101 + place} for place in range(3)]
    cut = Diff.from_dict(compute_diff({"primary_rows": rows}, {"primary_rows": after}).as_dict(limit=1))
    enough, too_little = ({"value_delta_abs": limit, "on_field": "v"} for limit in (1, 50))
    assert judge_many(cut, [parse_rule(enough)]) == ["true"]
    with pytest.raises(IncompleteDiff):
        judge_many(cut, [parse_rule(enough), parse_rule(too_little)])


def test_a_metric_within_its_tolerance_moved_for_no_rule() -> None:
    """Values within the tolerance are equal, for a limit of nothing too, and also where something else changed."""
    a, b = (
        Payload(
            panels={"m": Metric(value=value, field=Field(tolerance=1)), "n": Metric(value=value)},
            primary=Primary(metric="m"),
        )
        for value in (1, 2)
    )
    for diff in (compute_diff(a, b), compute_diff(a, b).as_dict()):
        assert not meets_threshold(diff, {"metric_delta_abs": 0, "on_metric": "m"})
        assert not meets_threshold(diff, {"primary_metric_delta_pct": 0})
        assert meets_threshold(diff, {"metric_delta_abs": 1, "on_metric": "n"})
