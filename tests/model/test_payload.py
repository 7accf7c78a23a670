"""A payload is what a dashboard showed, as values that know their ranks, kinds and fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.payload import PLAIN_FIELD, Field, Kind, Metric, Payload, Primary, Table

ROWS = [{"id": "a", "n": 1, "on": True}, {"id": "b", "n": None, "on": False}]
CELLS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3)


def table(**members: Any) -> Table:
    return Table(**{"key": "id", "columns": ("id", "n", "on"), "rows": ROWS, **members})


def test_the_rows_keys_are_its_ids_in_rank_order() -> None:
    """The first row is what a reader sees at the top."""
    assert table().ids == ["a", "b"]


def test_the_kinds_are_seen_when_nobody_has_said_them() -> None:
    """Nulls are a kind, and a bool is no number."""
    assert table().kinds == {"id": {"text"}, "n": {"number", "null"}, "on": {"bool"}}
    assert table(rows=[]).kinds == {"id": frozenset(), "n": frozenset(), "on": frozenset()}


def test_known_kinds_are_believed() -> None:
    """Whoever looked at every cell already is not made to pay twice."""
    known: Mapping[str, frozenset[Kind]] = {"id": frozenset({"text"}), "n": frozenset({"number"})}
    assert table(known_kinds=known).kinds is known
    assert not table(known_kinds=known).holds_bools
    assert table(known_kinds={"on": frozenset({"bool", "null"})}).holds_bools
    assert not table(known_bools=False).holds_bools


@given(st.lists(st.fixed_dictionaries({"n": CELLS, "on": CELLS}), max_size=6))
def test_however_it_is_learned_whether_there_are_bools_is_one_answer(rows: list[dict[str, Any]]) -> None:
    """The scan of all cells and the kinds by column agree."""
    found = [{"id": index, **row} for index, row in enumerate(rows)]
    seen = table(rows=found)
    assert seen.holds_bools == table(rows=found, known_kinds=seen.kinds).holds_bools
    assert seen.holds_bools == any(isinstance(cell, bool) for row in rows for cell in row.values())


def test_what_is_known_about_a_table_is_no_part_of_it() -> None:
    """Two tables with the same content are equal, whoever looked."""
    assert table(known_bools=True) == table(known_kinds={}) == table()


def test_a_field_that_nobody_described_is_plain() -> None:
    """No direction is better, nothing is tolerated."""
    described = Field(better="lower", unit="ms", tolerance=0.5)
    assert table(fields={"n": described}).field("n") == described
    assert table().field("n") == PLAIN_FIELD == Field(better="none", unit=None, tolerance=0.0)


@pytest.mark.parametrize("field", [Field(), Field(better="higher"), Field(unit="x", tolerance=1e-6)])
def test_a_field_is_its_json(field: Field) -> None:
    """A unit that was not given is not written."""
    document = field.as_dict()
    assert Field.from_dict(document) == field
    assert ("unit" in document) == (field.unit is not None)
    assert Field.from_dict({}) == Field()


def payload() -> Payload:
    return Payload(
        panels={
            "board": table(fields={"n": Field(better="higher")}),
            "other": table(rows=[]),
            "count": Metric(value=3, field=Field(unit="papers")),
            "none": Metric(value=None),
        },
        primary=Primary(rows="board", metric="count"),
        summaries={"sca": {"score": 90, "measures": []}},
        sources=({"name": "feed", "type": "push"},),
    )


def test_a_payload_is_its_json() -> None:
    """What is stored gives back what was captured, member by member."""
    document = json.loads(json.dumps(payload().as_dict()))
    again = Payload.from_dict(document)
    assert again == payload()
    assert again.as_dict() == document
    assert list(document) == ["schema", "materialized_data", "primary", "summaries", "sources"]


def test_panels_are_found_by_what_they_are() -> None:
    """Tables and metrics are asked for separately, in the order of the view spec."""
    assert list(payload().tables) == ["board", "other"]
    assert list(payload().metrics) == ["count", "none"]


def test_the_primary_panels_are_those_that_the_view_spec_named() -> None:
    """Where nothing is named, or the name is of another kind, there is none."""
    assert payload().primary_table == table(fields={"n": Field(better="higher")})
    assert payload().primary_metric == Metric(value=3, field=Field(unit="papers"))
    none = Payload(panels=payload().panels)
    assert none.primary_table is none.primary_metric is None
    crossed = Payload(panels=payload().panels, primary=Primary(rows="count", metric="board"))
    assert crossed.primary_table is crossed.primary_metric is None
    gone = Payload(panels={}, primary=Primary(rows="board", metric="count"))
    assert gone.primary_table is gone.primary_metric is None


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"schema": "stillframe.snapshot/2"},
        {**payload().as_dict(), "materialized_data": {"x": {"kind": "chart"}}},
    ],
)
def test_another_schema_is_not_guessed_at(document: dict[str, Any]) -> None:
    """A document of a later version is an error and no half payload."""
    with pytest.raises(ValueError, match=r"not a stillframe\.snapshot/1 document|unknown panel kind"):
        Payload.from_dict(document)


def test_rows_have_their_places_by_key() -> None:
    """Places count from 0 in rank order, and those of other rows are other places."""
    assert table().places == {"a": 0, "b": 1}
    assert replace(table(), rows=ROWS[::-1]).places == {"b": 0, "a": 1}
