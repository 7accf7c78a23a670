"""A Diff as a value and as JSON: what it refuses and what it leaves unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.diff import compute_diff
from stillframe.errors import InvalidInput
from stillframe.model.diff import Diff

DIFF = compute_diff(
    {"primary_rows": [{"id": place, "v": place} for place in range(5)], "primary_metric": 1},
    {"primary_rows": [{"id": place, "v": place + 1} for place in range(4, -1, -1)], "primary_metric": 2},
)


def test_a_diff_cannot_be_changed() -> None:
    """A diff is evidence."""
    with pytest.raises(AttributeError):
        DIFF.top_n = 3  # type: ignore[misc]  # because that is what is refused


@pytest.mark.parametrize("limit", [0, -1])
def test_a_list_is_cut_at_one_entry_or_more(limit: int) -> None:
    """A negative limit would cut from the wrong end."""
    with pytest.raises(InvalidInput, match="limit"):
        DIFF.as_dict(limit=limit)


def test_a_whole_diff_speaks_of_no_cut() -> None:
    """`totals` and `truncated` belong to a diff that was cut or asked to be."""
    assert "truncated" not in DIFF.as_dict()
    assert DIFF.as_dict(limit=2)["truncated"] is True
    assert DIFF.as_dict(limit=99)["truncated"] is False


@pytest.mark.parametrize(
    ("member", "value", "path"),
    [
        ("top_n", "ten", "$.top_n"),
        ("panels", [], "$.panels"),
        ("id_set_added", {}, "$.id_set_added"),
        ("is_empty", 0, "$.is_empty"),
        ("dimension_states", {"sca": "bad"}, "$.dimension_states.sca"),
        ("row_value_deltas", [{"id": 1}], "$.row_value_deltas[0]"),
        ("top_n_changes", [3], "$.top_n_changes[0]"),
        ("metric_deltas", [{"name": "m"}], "$.metric_deltas[0]"),
        ("schema_changes", [{"panel": "t"}], "$.schema_changes[0]"),
    ],
)
def test_json_that_is_no_diff_is_refused_at_its_path(member: str, value: Any, path: str) -> None:
    """A diff's JSON may come from anywhere."""
    with pytest.raises(InvalidInput) as refused:
        Diff.from_dict({**DIFF.as_dict(), member: value})
    assert refused.value.faults[0].path == path


def test_a_handwritten_diff_is_empty_only_without_entries() -> None:
    """Where nobody says whether a diff is empty, its lists do."""
    assert Diff.from_dict({}).is_empty
    assert not Diff.from_dict({"id_set_added": ["x"]}).is_empty
    assert not Diff.from_dict({"primary_metric": {"old": 1, "new": 2, "delta": 1, "delta_pct": 1.0}}).is_empty
