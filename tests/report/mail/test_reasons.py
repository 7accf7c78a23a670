"""The reason of a notice, with each limit as its owner wrote it and what was observed beside it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.model.verdict import Verdict
from stillframe.report.mail.document import Paragraph
from stillframe.report.mail.reasons import entry_key, limit_of, limits_of, reason_blocks
from stillframe.rules import explain_threshold
from tests.report.mail.mails import AFTER, BEFORE, RULE, grid_of
from tests.report.pictures import diffs, picture, row


def verdict(rule: Any, before: Any = BEFORE, after: Any = AFTER) -> Verdict:
    return explain_threshold(compute_diff(before, after), rule)


def test_each_condition_has_its_limit_and_what_was_observed() -> None:
    """Rule, limit, observed: a reader checks the decision without asking anybody."""
    blocks = list(reason_blocks(verdict(RULE)))
    assert blocks[0] == Paragraph(text="2 of 2 conditions hold, all must.")
    heads, ranks, values = grid_of(blocks, "Why you are told")
    assert heads == ["Condition", "Limit", "Observed"]
    assert ranks == ["2 rows changed place in the first 3, limit 1", "1", "2"]
    assert values[1:] == ["5 %", "+13 %"]


@pytest.mark.parametrize(
    ("rule", "limit", "observed"),
    [
        ({"value_delta_pct": 0.5, "on_field": "on_time"}, "50 %", "+50 %"),
        ({"value_delta_abs": 0.5, "on_field": "on_time"}, "0.5", "0.5"),
    ],
)
def test_a_share_is_told_from_a_size_where_both_are_the_same_number(rule: Any, limit: str, observed: str) -> None:
    """From 1 to 1.5 is half, and is 0.5: only the sentence says which was asked for."""
    before, after = picture([row("HA", on_time=1)]), picture([row("HA", on_time=1.5)])
    found = verdict(rule, before, after)
    assert grid_of(list(reason_blocks(found)), "Why you are told")[1][1:] == [limit, observed]
    assert limits_of(found) == {("row", "HA", "on_time"): limit}


def test_what_is_not_so_is_no_reason() -> None:
    """Of an OR only what held is said; of a NOT that its opposite holds."""
    found = verdict({"OR": [{"set_added_min": 9}, {"primary_metric_delta_pct": 0.05}]})
    assert len(grid_of(list(reason_blocks(found)), "Why you are told")) == 2
    found = verdict({"NOT": {"set_added_min": 1}})
    assert [block.text for block in reason_blocks(found) if isinstance(block, Paragraph)] == [
        "0 rows were added, limit 1, so its opposite holds."
    ]


def test_any_change_needs_no_table() -> None:
    """Where nothing has a limit there is a sentence."""
    assert list(reason_blocks(verdict({"any_change": True}))) == [Paragraph(text="Something changed.")]


def test_a_change_that_is_over_says_what_is_no_longer_so() -> None:
    """The mail that resolves has the verdict that is false."""
    found = verdict({"primary_metric_delta_pct": 0.5})
    assert not found.met
    assert grid_of(list(reason_blocks(found)), "What decided it")[1][1:] == ["50 %", "+6.5 %"]


def test_limits_are_found_by_what_met_them() -> None:
    """The table of changes shows the limit beside each entry that met one."""
    found = limits_of(
        verdict({"OR": [{"value_delta_pct": 0.05, "on_field": "on_time"}, {"primary_metric_delta_pct": 0.05}]})
    )
    assert found == {
        ("row", "AS", "on_time"): "5 %",
        ("row", "UA", "on_time"): "5 %",
        ("metric", None, "papers"): "5 %",
    }


def test_an_entry_without_a_value_has_no_limit() -> None:
    """A rank move meets a count of moves, not a limit of its own."""
    assert entry_key({"id": "HA", "rank_a": 1, "rank_b": 2}) is None
    assert entry_key({"id": 1, "field": "x", "old": 1, "new": 2}) == ("row", 1, "x")
    assert limit_of(Verdict(path="$", outcome="true", sentence="something changed")) == ""


@given(diff=diffs())
def test_any_verdict_has_a_reason(diff: Diff) -> None:
    """Also one without witnesses, of a cut diff, or of nothing at all."""
    for rule in (
        {"any_change": True},
        {"NOT": {"any_change": True}},
        {"OR": [{"any_change": True}, {"set_added_min": 1}]},
    ):
        assert list(reason_blocks(explain_threshold(diff, rule)))
