"""Pushed data goes to the panels that wait for it, all of them and no other."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture import parse_view_spec
from stillframe.capture.push import pushed_values
from tests.capture.specs import PUSH, document, refusal

SPEC = parse_view_spec(
    document(
        sources={"feed": PUSH, "db": {"type": "sql", "connection": "db", "query": "select 1 as id"}},
        panels={
            "board": {"source": "feed", "kind": "table"},
            "count": {"source": "feed", "kind": "metric"},
            "asked": {"source": "db", "kind": "table"},
        },
    )
)


def test_each_pushed_panel_gets_its_data() -> None:
    """One source, two panels: data is named by the panel."""
    data = {"board": [{"id": 1}], "count": 3}
    assert pushed_values(SPEC, data) == data


@pytest.mark.parametrize(
    ("data", "path", "said"),
    [
        (None, "$.data.board", "send it"),
        ({"board": []}, "$.data.count", "send it"),
        ({"board": [], "count": 1, "asked": []}, "$.data.asked", "reads its source 'db' itself"),
        ({"bord": [], "board": [], "count": 1}, "$.data.bord", "there is no panel 'bord'; did you mean 'board'?"),
        ([], "$.data", "an object"),
        (["board", "count"], "$.data", "an object"),
        (3, "$.data", "an object"),
    ],
)
def test_data_that_nobody_waits_for_or_that_is_missing_is_refused(data: Any, path: str, said: str) -> None:
    """A push that goes past its panel would otherwise look like a dashboard that never changes."""
    assert said in refusal(SPEC, data)[path]


def test_a_view_spec_without_pushed_panels_takes_no_data() -> None:
    """An empty body is no push."""
    spec = parse_view_spec(document(sources={"feed": {"type": "sql", "connection": "db", "query": "select 1 as id"}}))
    assert pushed_values(spec, None) == pushed_values(spec, {}) == {}


def test_a_name_that_is_very_long_is_cut() -> None:
    """An answer does not repeat a megabyte that was sent."""
    assert max(map(len, refusal(SPEC, {"x" * 1_000_000: 1, "board": [], "count": 1}))) < 100
