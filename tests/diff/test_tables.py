"""Two rankings compared: order of the lists, and what equal rows cost."""

from __future__ import annotations

from stillframe.diff.tables import compare_tables, same_table
from stillframe.model.diff import EMPTY_TABLE_DIFF
from stillframe.model.payload import Table


def ranking(*ids: str, **cells: int) -> Table:
    """Return a table of these rows, all with the same cells."""
    return Table(key="id", columns=("id", *cells), rows=[{"id": one, **cells} for one in ids])


def test_lists_follow_the_ranks_of_the_table_that_has_the_row() -> None:
    """Added in the later order, removed in the earlier one, deltas by later rank and column."""
    found = compare_tables(ranking("a", "b", "c", "d", x=1, y=1), ranking("z", "d", "y", "a", y=2, x=2), top_n=2).diff
    assert found.id_set_added == ("z", "y")
    assert found.id_set_removed == ("b", "c")
    assert [(delta.id, delta.field) for delta in found.row_value_deltas] == [
        ("d", "y"),
        ("d", "x"),
        ("a", "y"),
        ("a", "x"),
    ]
    assert [(change.id, change.rank_a, change.rank_b, change.change) for change in found.top_n_changes] == [
        ("z", None, 1, "entered"),
        ("d", 4, 2, "entered"),
        ("a", 1, 4, "left"),
        ("b", 2, None, "left"),
    ]


def test_two_tables_that_are_not_there_do_not_differ() -> None:
    """Nothing compared with nothing is nothing."""
    assert compare_tables(None, None, top_n=3).diff is EMPTY_TABLE_DIFF


def test_a_table_is_the_same_as_itself_without_a_look() -> None:
    """The short cut for equal hashes says what the comparison says."""
    table = ranking("a", "b", x=1)
    assert same_table(table) == compare_tables(table, table, top_n=3).diff
    assert same_table(table).moves.within(2) == ()
