"""Judging with only the columns that rules speak of is judging."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.payload import Payload, Table
from stillframe.rules import explain_threshold, judge, parse_rule
from stillframe.rules.facts import Facts
from stillframe.rules.focus import Focus, fields_in
from stillframe.rules.judge import judge_facts
from tests.diff.oracle import payloads
from tests.rules.histories import snapshot_of
from tests.rules.rules_to_judge import RULES


@given(a=payloads(), b=payloads(), rules=st.lists(RULES, min_size=1, max_size=3))
def test_every_rule_says_of_the_focus_what_it_says_of_the_whole(
    a: Payload, b: Payload, rules: list[dict[str, Any]]
) -> None:
    """The outcome, and where it is not true also the reason, whichever other rules share the focus."""
    parsed = [parse_rule(rule) for rule in rules]
    focus = Focus(fields_in(parsed), top_n=3)
    before, after = (snapshot_of(payload, place) for place, payload in enumerate((a, b)))
    facts = focus.facts(focus.on(before), focus.on(after), wholes=(before, after))
    whole = compute_diff(before, after, top_n=3)
    assert facts.diff.is_empty is whole.is_empty
    for rule in parsed:
        assert judge_facts(facts, rule) == judge(whole, rule)
        assert explain_threshold(facts.diff, rule).sentence == explain_threshold(whole, rule).sentence


def test_columns_that_no_rule_speaks_of_are_left_out() -> None:
    """The key stays, and the rows are the same ones."""
    rows = [{"id": 1, "score": 2, "note": "x"}]
    table = Table(key="id", columns=("id", "score", "note"), rows=rows)
    snapshot = snapshot_of(Payload(panels={"board": table}), 0)
    narrow = Focus(fields_in([parse_rule({"value_delta_abs": 1, "on_field": "score"})]), top_n=3).on(snapshot)
    found = narrow.payload.tables["board"]
    assert found.columns == ("id", "score")
    assert found.rows is rows


def test_whether_anything_changed_is_asked_of_the_whole() -> None:
    """A rule that is true of the absence of something needs to know that something else changed."""
    tables = [Table(key="id", columns=("id", "note"), rows=[{"id": 1, "note": note}]) for note in ("x", "y")]
    before, after = (snapshot_of(Payload(panels={"board": table}), at) for at, table in enumerate(tables))
    rule = parse_rule({"NOT": {"set_added_min": 1, "panel": "board"}})
    focus = Focus(fields_in([rule]), top_n=3)
    facts = focus.facts(focus.on(before), focus.on(after), wholes=(before, after))
    assert judge_facts(facts, rule) == "true"


def test_equal_rows_need_no_second_look() -> None:
    """Facts of two equal snapshots are those of an empty diff."""
    snapshot = snapshot_of(Payload(panels={}), 0)
    focus = Focus((), top_n=3)
    assert isinstance(focus.facts(snapshot, snapshot, wholes=(snapshot, snapshot)), Facts)
