"""Lines for a terminal: every change once, old and new, and nothing that a terminal would act upon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.report.lines import plain_lines
from tests.report.pictures import CARRIERS, diffs, picture, ranked, row


def test_each_change_is_told_with_old_and_new() -> None:
    """A reader of the terminal needs no second command to see how much."""
    before = picture([row("HA"), row("UA", on_time=0.6), row("DL")], papers=15_025)
    after = picture([row("UA", on_time=0.54), row("HA"), row("AS", on_time=None)], papers=15_661)
    assert plain_lines(compute_diff(before, after), titles=CARRIERS) == [
        "▲ United 2 → 1",
        "▼ Hawaiian 1 → 2",
        "+ Alaska new at 3",
        "- Delta gone, was 3",
        "  United on_time 0.6 → 0.54 (-0.06, -10 %)",
        "  Papers 15,025 → 15,661 (+636, +4.2 %) improved",
    ]


def test_rows_beyond_the_top_are_told_too() -> None:
    """The list of ranks ends at the top; the list of rows does not."""
    lines = plain_lines(compute_diff(ranked("HA", "UA"), ranked("HA", "DL"), top_n=1), titles=CARRIERS)
    assert lines == ["+ Delta added", "- United removed"]


def test_metrics_on_one_side_only_say_so() -> None:
    """Missing is not worse, and not a number either."""
    metric = {"kind": "metric", "value": 3, "better": "lower", "tolerance": 0}
    here, gone = picture(others={"late": metric}), picture()
    assert plain_lines(compute_diff(gone, here), titles={}) == ["  Late new at 3", "panel late added"]
    assert plain_lines(compute_diff(here, gone), titles={}) == ["  Late gone, was 3", "panel late removed"]


def test_a_change_from_zero_has_no_percentage() -> None:
    """Per cent of nothing is not a number."""
    assert plain_lines(compute_diff(picture(papers=0), picture(papers=3)), titles={}) == [
        "  Papers 0 → 3 (+3, from zero) improved"
    ]


def test_an_empty_diff_has_no_lines() -> None:
    """Nothing changed is the headline's to say."""
    assert plain_lines(compute_diff(ranked("HA"), ranked("HA")), titles={}) == []


@given(diff=diffs(), limit=st.integers(1, 30))
def test_lines_are_limited_and_the_rest_is_counted(diff: Diff, limit: int) -> None:
    """A cut list says how much it left out, whether it was cut here or before it came."""
    lines = plain_lines(diff, titles={}, limit=limit)
    whole = plain_lines(diff, titles={}, limit=100_000)
    assert lines[:limit] == whole[:limit]
    assert len(lines) <= limit + 1
    if len(lines) > limit:
        assert lines[-1].startswith("… and ")


@given(diff=diffs())
def test_a_whole_diff_is_told_whole(diff: Diff) -> None:
    """What is counted as left over is left over."""
    again = Diff.from_dict(diff.as_dict())
    lines = plain_lines(again, titles={}, limit=100_000)
    cut = any(again.total(name) > len(getattr(again, name)) for name in ("top_n_changes", "id_set_added"))
    if not cut and not again.as_dict().get("truncated"):
        assert not any(line.startswith("… and ") for line in lines)


@given(diff=diffs())
def test_no_line_can_drive_a_terminal(diff: Diff) -> None:
    """Escape sequences in a cell stay data."""
    for line in plain_lines(diff, titles={}, limit=1_000):
        assert all(character.isprintable() or character in "\u200c\u200d" for character in line)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_count_of_what_is_left_is_exact(limit: int) -> None:
    """`and 3 more` means three."""
    diff = compute_diff(ranked("HA", "UA", "DL"), ranked("DL", "UA", "AS"))
    lines = plain_lines(diff, titles={}, limit=limit)
    assert lines[-1] == f"… and {3 - limit} more" or len(lines) == 3
