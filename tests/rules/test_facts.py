"""What rules ask of a diff, found once."""

from __future__ import annotations

from itertools import product
from typing import get_args

from hypothesis import given

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.model.payload import Payload
from stillframe.rules.conditions import Direction, Measure
from stillframe.rules.facts import Facts, goes, is_numeric, reaches, size_of
from tests.diff.oracle import payloads

MEASURES: tuple[Measure, ...] = get_args(Measure)
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


@given(a=payloads(), b=payloads())
def test_the_greatest_move_is_the_greatest_of_all(a: Payload, b: Payload) -> None:
    """The index says what looking at every delta says, for both measures and all directions."""
    diff = compute_diff(a, b)
    facts = Facts(diff)
    for name in ("p", "q", "r"):
        moves = [delta for delta in diff.row_value_deltas if delta.field == name and is_numeric(delta)]
        for measure, direction in product(MEASURES, DIRECTIONS):
            found = facts.find((None, name, measure, direction))
            assert list(found.moves) == moves
            sizes = [size_of(delta, measure) for delta in moves if goes(delta, direction)]
            assert found.size == max(sizes, default=-1.0)
            assert facts.found[None, name, measure, direction] is found


@given(a=payloads(), b=payloads())
def test_the_strongest_moves_come_first(a: Payload, b: Payload) -> None:
    """In the order of their sizes, those of one size as the diff has them, and only those that went that way."""
    diff = compute_diff(a, b)
    facts = Facts(diff)
    for name, measure, direction in product(("p", "q", "nothing"), MEASURES, DIRECTIONS):
        moves = [delta for delta in diff.row_value_deltas if delta.field == name and is_numeric(delta)]
        expected = sorted(
            (delta for delta in moves if goes(delta, direction)), key=lambda delta: -size_of(delta, measure)
        )
        found = facts.strongest((None, name, measure, direction))
        assert list(found.moves) == expected
        assert list(found.sizes) == [-size_of(delta, measure) for delta in expected]


@given(a=payloads(), b=payloads())
def test_what_a_condition_says_short_of_its_limit_is_known_with_the_index(a: Payload, b: Payload) -> None:
    """False where the field is known, unknown where it is not, and incomplete where deltas were cut."""
    diff = compute_diff(a, b)
    for name in ("p", "q", "r", "nothing"):
        known = name in (diff.table.columns or ())
        assert Facts(diff).find((None, name, "abs", "any")).otherwise == ("false" if known else "unknown")
        cut = Diff.from_dict(diff.as_dict(limit=1))
        if known and len(diff.row_value_deltas) > 1:
            assert Facts(cut).find((None, name, "abs", "any")).otherwise == "incomplete"


def test_each_direction_and_measure_has_a_greatest_of_its_own() -> None:
    """The greatest rise is no fall, and the row with the greatest fraction need not have the greatest difference."""
    before = {"a": 1000, "b": 10, "c": 2000, "d": 10, "e": 50}
    after = {"a": 1100, "b": 18, "c": 1800, "d": 7, "e": 49}
    a, b = ({"primary_rows": [{"id": one, "v": v} for one, v in values.items()]} for values in (before, after))
    facts = Facts(compute_diff(a, b))
    sizes = {
        (measure, way): facts.find((None, "v", measure, way)).size for measure, way in product(MEASURES, DIRECTIONS)
    }
    assert sizes == {
        ("pct", "any"): 0.8,
        ("pct", "up"): 0.8,
        ("pct", "down"): 0.3,
        ("abs", "any"): 200,
        ("abs", "up"): 100,
        ("abs", "down"): 200,
    }


def test_limits_are_inclusive_within_a_billionth() -> None:
    """0.6 → 0.54 is ten per cent; 9.99 per cent is not."""
    assert reaches(abs(0.54 - 0.6) / 0.6, 0.1)
    assert not reaches(0.0999, 0.1)
    assert reaches(0, 0)


def test_a_panel_is_found_by_name_and_the_primary_one_without() -> None:
    """Naming the primary table is the same as not naming it."""
    facts = Facts(compute_diff({"primary_rows": [{"id": 1}]}, {"primary_rows": [{"id": 2}]}))
    assert facts.table(None) is facts.table("primary_rows")
    assert facts.table("nowhere") is None
