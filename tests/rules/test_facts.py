"""What rules ask of a diff, found once."""

from __future__ import annotations

from hypothesis import given

from stillframe.diff import compute_diff
from stillframe.model.payload import Payload
from stillframe.rules.facts import Facts, goes, is_numeric, reaches, size_of
from tests.diff.oracle import payloads


@given(a=payloads(), b=payloads())
def test_the_greatest_move_is_the_greatest_of_all(a: Payload, b: Payload) -> None:
    """The index says what looking at every delta says, for both measures and all directions."""
    diff = compute_diff(a, b)
    facts = Facts(diff)
    for name in ("p", "q", "r"):
        found = facts.field(None, name)
        moves = [delta for delta in diff.row_value_deltas if delta.field == name and is_numeric(delta)]
        assert found.moves == moves
        for measure in ("pct", "abs"):
            for direction in ("any", "up", "down"):
                sizes = [size_of(delta, measure) for delta in moves if goes(delta, direction)]
                assert found.greatest(measure, direction) == max(sizes, default=-1.0)


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
