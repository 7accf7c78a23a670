"""Changes of shape are news, and only they are."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.diff import compute_diff
from stillframe.model.payload import Metric, Payload, Table


def changes(a: Payload, b: Payload) -> list[tuple[str | None, str, str | None, str | None]]:
    """Return the schema changes of one panel as plain tuples."""
    return [(change.column, change.change, change.old, change.new) for change in compute_diff(a, b).schema_changes]


def table(rows: list[dict[str, Any]], key: str = "id") -> Payload:
    """Return a payload with one table."""
    return Payload(panels={"t": Table(key=key, columns=tuple(rows[0]), rows=rows)})


def test_a_panel_that_becomes_a_metric_is_retyped() -> None:
    """Its rows are gone and its metric is new, and both are told."""
    diff = compute_diff(table([{"id": 1}]), Payload(panels={"t": Metric(value=1)}))
    assert [(change.change, change.old, change.new) for change in diff.schema_changes] == [
        ("retyped", "table", "metric")
    ]
    assert diff.panels["t"].id_set_removed == (1,)
    assert diff.metric_deltas[0].presence == "only_b"


def test_another_key_is_a_change_of_shape() -> None:
    """Rows are told apart by something else."""
    row = {"id": 1, "slug": 1}
    assert changes(table([row]), table([row], key="slug")) == [(None, "rekeyed", "id", "slug")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([1, 2.5], [2.5, 1], []),
        ([1, None], [None, None], []),
        ([1, 2], [1, "2"], [("v", "retyped", "number", "number|text")]),
        ([1, True], [1, 1], [("v", "retyped", "bool|number", "number")]),
        (["a", 1], ["a", 1], []),
        (["a", 1], [1, "a"], []),
    ],
)
def test_a_column_is_retyped_when_its_kinds_differ(old: list[Any], new: list[Any], expected: list[Any]) -> None:
    """Nulls are no kind, and two cells that trade places change none."""
    a, b = (table([{"id": place, "v": cell} for place, cell in enumerate(cells)]) for cells in (old, new))
    assert changes(a, b) == expected


def test_an_added_row_can_bring_a_new_kind() -> None:
    """The kinds of a column are those of all its rows."""
    a = table([{"id": 1, "v": 1}])
    b = table([{"id": 1, "v": 1}, {"id": 2, "v": "n/a"}])
    assert changes(a, b) == [("v", "retyped", "number", "number|text")]
    assert changes(b, a) == [("v", "retyped", "number|text", "number")]
