"""Reading a diff's JSON: nothing is believed that a rule could stumble over."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.errors import InvalidInput
from stillframe.model.diff import Diff
from stillframe.model.diff_json import DiffReader

DELTA = {"id": 1, "field": "v", "old": 1, "new": 2, "delta": 1, "delta_pct": 1.0}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"row_value_deltas": [{**DELTA, "delta": "1"}]}, "$.row_value_deltas[0]"),
        ({"row_value_deltas": [{**DELTA, "old": None}]}, "$.row_value_deltas[0]"),
        ({"row_value_deltas": [{**DELTA, "new": True}]}, "$.row_value_deltas[0]"),
        (
            {"row_value_deltas": [{**DELTA, "old": "1", "delta": None, "delta_pct": None, "overflow": True}]},
            "$.row_value_deltas[0]",
        ),
        ({"row_ranks": {"primary_rows": [[1, 2]]}}, "$.row_ranks.primary_rows"),
        ({"totals": {"row_value_deltas": "many"}}, "$.totals.row_value_deltas"),
        ({"primary_metric": {"old": 1}}, "$.primary_metric"),
        ({"primary_metric": 3}, "$.primary_metric"),
        ({"panels": {"other": 3}}, "$.panels.other"),
        ({"top_n": -1}, "$.top_n"),
    ],
)
def test_what_a_rule_could_not_compare_is_refused(document: dict[str, Any], path: str) -> None:
    """A bad diff is a 422 with a path, not a fault of ours."""
    with pytest.raises(InvalidInput) as refused:
        Diff.from_dict(document)
    assert [fault.path for fault in refused.value.faults] == [path]


def test_ranks_are_told_apart_by_the_kind_of_their_id() -> None:
    """1 and "1" are two rows."""
    document = {
        "row_value_deltas": [DELTA, {**DELTA, "id": "1"}],
        "row_ranks": {"primary_rows": [["1", 2, 3], [1, 4, 5]]},
    }
    ranks = [(delta.rank_a, delta.rank_b) for delta in Diff.from_dict(document).row_value_deltas]
    assert ranks == [(4, 5), (2, 3)]


def test_the_names_of_a_nameless_diff_are_those_of_bare_rows() -> None:
    """A diff that does not say which panels it speaks of still has a table."""
    assert DiffReader({"primary_metric": {}}).primary().rows == "primary_rows"
    assert DiffReader({"primary": {"rows": None, "metric": None}}).primary().rows is None
