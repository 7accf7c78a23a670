"""Which part of a JSON value is meant."""

from __future__ import annotations

import pytest

from stillframe.capture.selecting import LONGEST_EXPRESSION, select
from stillframe.errors import CaptureRefused

DOCUMENT = {"knowledge": {"papers": 15025}, "rows": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (None, DOCUMENT),
        ("knowledge.papers", 15025),
        ("rows[?n > `1`].id", ["b"]),
        ("rows[].{name: id}", [{"name": "a"}, {"name": "b"}]),
        ("length(rows)", 2),
        ("nothing.here", None),
    ],
)
def test_an_expression_names_a_part(expression: str | None, found: object) -> None:
    """Without an expression the whole is meant; what is not there is null."""
    assert select(DOCUMENT, expression) == found


@pytest.mark.parametrize(
    "expression",
    ["rows[", "", "length(knowledge.papers)", "no_such(rows)", "a" * (LONGEST_EXPRESSION + 1), "[" * 2_000],
)
def test_what_is_no_jmespath_is_refused_at_the_selector(expression: str) -> None:
    """A selector at fault is the view spec's fault, so the path is the selector's."""
    with pytest.raises(CaptureRefused) as refusal:
        select(DOCUMENT, expression)
    assert [fault.path for fault in refusal.value.faults] == ["$.select"]
    assert "\n" not in str(refusal.value)
