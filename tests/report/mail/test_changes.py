"""What changed as tables: old, new, the move in words, the limit it met, and how much is not shown."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.model.scope import DIMENSIONS_PANEL, FINDINGS_PANEL
from stillframe.report.mail.changes import Changes
from stillframe.report.mail.document import Block, Bullets, Grid
from tests.report.mail.mails import AFTER, BEFORE, grid_of, titles
from tests.report.pictures import diffs, picture, row


def blocks(diff: Diff, *, most: int = 10, **limits: str) -> list[Block]:
    given = {("row", "UA", "on_time"): limits["ua"]} if limits else {}
    return list(Changes(diff=diff, titles=titles(), limits=given, most=most).blocks())


def small() -> Diff:
    return compute_diff(BEFORE, AFTER)


def test_ranks_move_by_arrow_and_word() -> None:
    """Up, down and gone are told by sign, by word and by colour."""
    assert grid_of(blocks(small()), "Ranks") == [
        ["Row", "Before", "After", "Move"],
        ["Alaska", "3", "2", "▲ up 1"],
        ["United", "2", "3", "▼ down 1"],
        ["JetBlue", "4", "–", "− gone"],
    ]
    back = blocks(compute_diff(AFTER, BEFORE))
    assert grid_of(back, "Ranks")[-1] == ["JetBlue", "–", "4", "+ new"]


def test_values_stand_side_by_side_with_the_limit_they_met() -> None:
    """Where no entry met a limit there is no column for it."""
    assert grid_of(blocks(small()), "Values")[0] == ["Row", "Old", "New", "Change"]
    rows = grid_of(blocks(small(), ua="5 %"), "Values")
    assert rows[0] == ["Row", "Old", "New", "Change", "Limit"]
    assert rows[1] == ["United", "0.862", "0.81", "▼ -0.052", "5 %"], "what met the limit comes first"
    assert rows[2][-1] == ""


def test_metrics_say_how_they_went() -> None:
    """Better or worse is a word, not only a colour."""
    (metric,) = [block for block in blocks(small()) if isinstance(block, Grid) and block.title == "Metrics"]
    assert [(said.text, said.note) for said in metric.rows[0]] == [
        ("Papers", "improved"),
        ("15,025", ""),
        ("16,000", ""),
        ("▲ +975", "+6.5 %"),
    ]


def test_from_zero_and_from_nothing_are_words() -> None:
    """There is no per cent of zero, and a text has no difference."""
    before = picture([row("UA", on_time=0), row("AS", on_time="late")])
    after = picture([row("UA", on_time=5), row("AS", on_time="in time")])
    (grid,) = [found for found in blocks(compute_diff(before, after)) if isinstance(found, Grid)]
    changes = [(cells[3].text, cells[3].note) for cells in grid.rows]
    assert changes == [("▲ +5", "from zero"), ("changed", "")]


def test_each_list_is_cut_where_its_reader_wanted_and_says_how_much_is_left() -> None:
    """Ten of a thousand is a mail; a thousand is none. The total stays true."""
    before = picture([row(f"r{number}", on_time=number) for number in range(60)])
    after = picture([row(f"r{number}", on_time=number + 1) for number in reversed(range(60))])
    found = blocks(compute_diff(before, after, top_n=50), most=3)
    grids = {block.title: block for block in found if isinstance(block, Grid)}
    assert [len(grids[title].rows) for title in ("Ranks", "Values")] == [3, 3]
    assert (grids["Ranks"].more, grids["Values"].more) == ("and 57 more", "and 57 more")


def test_rows_that_came_and_went_below_the_top_are_listed() -> None:
    """What the ranks told already is not told again."""
    before = picture([row(f"r{number}") for number in range(20)])
    after = picture([row(f"r{number}") for number in range(2, 20)] + [row("new")])
    found = blocks(compute_diff(before, after, top_n=1), most=5)
    lists = {block.title: (block.items, block.more) for block in found if isinstance(block, Bullets)}
    assert lists["Added"] == (("new",), "")
    assert lists["Removed"] == (("r1",), ""), "r0 is gone from the top, and that was said"


def test_other_tables_and_their_shape_are_named() -> None:
    """A panel beside the primary one has tables of its own, under its name."""
    other = {"kind": "table", "key": "id", "columns": ["id", "n"], "fields": {}, "rows": [{"id": "x", "n": 1}]}
    later = other | {"columns": ["id", "n", "m"], "rows": [{"id": "x", "n": 2, "m": 1}]}
    found = blocks(compute_diff(picture(others={"late_flights": other}), picture(others={"late_flights": later})))
    assert grid_of(found, "Late flights: values")[1] == ["x", "1", "2", "▲ +1"]
    (shape,) = [block for block in found if isinstance(block, Bullets)]
    assert shape.items == ("Column m of late_flights added",)


def test_a_project_is_told_by_its_scores_and_findings() -> None:
    """The table of dimensions says nothing that their scores do not; findings have no place in a list."""

    def health(score: int, *findings: str) -> dict[str, Any]:
        table = {"kind": "table", "key": "id", "columns": ["id"], "fields": {}}
        return {
            "schema": "stillframe.snapshot/1",
            "materialized_data": {
                DIMENSIONS_PANEL: table | {"rows": [{"id": "sca"}]},
                FINDINGS_PANEL: table | {"rows": [{"id": found} for found in findings]},
            },
            "primary": {"rows": DIMENSIONS_PANEL, "metric": None},
            "summaries": {"sca": {"score": score, "measures": []}},
            "sources": [],
        }

    diff = compute_diff(health(88, "CVE-1"), health(71, "CVE-2"))
    found = blocks(diff)
    assert grid_of(found, "Metrics")[1][:3] == ["SCA score", "88", "71"]
    lists = {block.title: block.items for block in found if isinstance(block, Bullets)}
    assert lists == {"New findings": ("CVE-2",), "Resolved findings": ("CVE-1",)}
    named = Changes(
        diff=diff,
        titles={},
        limits={},
        most=9,
        others={FINDINGS_PANEL: {"CVE-2": "Sandbox breakout", "CVE-1": "CVE-1"}},
    )
    told = {block.title: block.items for block in named.blocks() if isinstance(block, Bullets)}
    assert told == {"New findings": ("Sandbox breakout, id CVE-2",), "Resolved findings": ("CVE-1",)}


@given(diff=diffs(), most=st.integers(1, 5))
def test_any_diff_has_its_tables_and_no_row_is_short(diff: Diff, most: int) -> None:
    """Whatever changed: every row has a cell for each column, and no list is longer than its reader wanted."""
    for block in blocks(diff, most=most):
        assert isinstance(block, Grid | Bullets)
        if isinstance(block, Grid):
            assert 0 < len(block.rows) <= most
            assert all(len(cells) == len(block.columns) for cells in block.rows)
        else:
            assert 0 < len(block.items) <= max(most, 1)
