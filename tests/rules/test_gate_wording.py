"""The words of a check: figures in plain sentences, never rounded to the other side of a limit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.gate import Check
from stillframe.rules.gate_evidence import Count, Reading
from stillframe.rules.gate_wording import (
    at_least_holds,
    at_most_holds,
    count_text,
    limit_text,
    listed,
    metric_text,
    no_metric_text,
)


def check(**said: Any) -> Check:
    plain = {"id": "c", "type": "custom", "severity": "blocker"}
    return Check(**{**plain, **said})


def count(open_: int, *, suppressed: int = 0, missing: tuple[str, ...] = ()) -> Count:
    measured = tuple(name for name in ("audit", "sca") if name not in missing)
    return Count(
        found=open_ + suppressed, open=open_, measured=measured, missing=missing, open_rows=(), answered_rows=()
    )


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"findings": "high", "at_most": 0}, "= 0"),
        ({"findings": "high", "at_most": 5}, "<= 5"),
        ({"findings": "high", "at_most": 0, "at_least": 0}, ">= 0 and <= 0"),
        ({"metric": "audit.taint_paths", "at_most": 0}, "<= 0"),
        ({"metric": "a.b", "at_least": 0.55, "at_most": 1}, ">= 0.55 and <= 1"),
        ({"forbid": {"dimension_state": "regressed"}}, 'not {"dimension_state": "regressed"}'),
    ],
)
def test_a_limit_reads_as_it_is_compared(said: dict[str, Any], text: str) -> None:
    """Short, and the same for the same limit."""
    assert limit_text(check(**said)) == text


@pytest.mark.parametrize(
    ("found", "at_most", "text"),
    [
        (count(3), 5, "3 high findings open in audit and sca, at most 5 are allowed"),
        (count(1), 1, "1 high finding open in audit and sca, at most 1 is allowed"),
        (count(0), 0, "no high findings open in audit and sca, none is allowed"),
        (
            count(2, suppressed=1),
            5,
            "2 high findings open in audit and sca, 1 more is suppressed, at most 5 are allowed",
        ),
        (count(2, suppressed=3), 0, "2 high findings open in audit and sca, 3 more are suppressed, none is allowed"),
        (
            count(2, missing=("audit",)),
            0,
            "2 high findings open in sca, none is allowed; nothing says how many there are in audit",
        ),
    ],
)
def test_counts_are_told_in_a_sentence(found: Count, at_most: int, text: str) -> None:
    """With what was seen, what is allowed, what was left out, and what nobody looked at."""
    assert count_text(found, check(findings="high", at_most=at_most)) == text


@given(
    limit=st.floats(0, 1e6),
    share=st.floats(-1e-6, 1e-6),
    side=st.sampled_from(["at_most", "at_least"]),
)
def test_a_figure_stays_on_its_side_of_the_limit(limit: float, share: float, side: str) -> None:
    """0.5499999 of 0.55 is not 0.55."""
    value = limit * (1 + share)
    asked = check(metric="a.b", **{side: limit})
    told = re.match(r"a\.b is (\S+), ", metric_text(value, asked))
    assert told
    shown = float(told[1])
    assert at_most_holds(shown, asked) is at_most_holds(value, asked)
    assert at_least_holds(shown, asked) is at_least_holds(value, asked)


def test_a_metric_is_told_with_what_is_required() -> None:
    """In four digits where they are enough."""
    asked = check(metric="quality.coverage.line", at_least=0.55)
    assert metric_text(2 / 3, asked) == "quality.coverage.line is 0.6667, at least 0.55 is required"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("absent", "nothing says a.b"),
        ("not_measured", "a.b was not measured"),
        ("stale", "a.b is stale"),
        ("error", "a.b could not be measured"),
    ],
)
def test_what_is_missing_is_told_with_its_reason(status: str, said: str) -> None:
    """Nobody looked, and somebody tried, are two answers."""
    assert no_metric_text(Reading(None, status), check(metric="a.b", at_most=1)) == f"no data: {said}"


def test_names_are_listed_as_people_do() -> None:
    """Commas, and one word before the last."""
    assert [listed(names, last="or") for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a or b", "a, b or c"]
