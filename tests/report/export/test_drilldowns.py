"""Drill-down: counts by category, and the first of what was added, resolved and changed."""

from __future__ import annotations

from dataclasses import replace

from stillframe.report.drilldown import drilldown
from stillframe.report.export import Report, compare_report
from stillframe.report.languages import ENGLISH
from tests.report.export.frames import carriers, compared, health
from tests.report.export.reading import grid, lines, titles


def report_of(critical: int = 2) -> Report:
    pair = compared(health(88), health(71, critical=critical))
    found = drilldown(pair.a.payload, pair.b.payload, pair.diff)
    return compare_report(replace(pair, drilldown=found), title="", language=ENGLISH)


def test_categories_that_changed_are_counted() -> None:
    """What did not change takes no line."""
    counts = grid(report_of(), "Drill-down")
    assert [column.title for column in counts.columns] == [
        "Category", "Improved", "Regressed", "Changed", "Added", "Removed", "Resolved",
    ]  # fmt: skip
    assert lines(counts) == [
        ["Health", "", "1", "", "", "", ""],
        ["SCA", "", "2", "", "", "", ""],
        ["Findings", "", "", "", "2", "", ""],
    ]


def test_previews_show_old_and_new_under_the_name_of_their_category() -> None:
    """A measure by its name, a finding by its title, severity and place."""
    assert lines(grid(report_of(), "SCA: what was added, resolved and changed")) == [
        ["Changed", "SCA critical findings", "0", "2"],
        ["Changed", "SCA score", "88", "71"],
    ]
    assert lines(grid(report_of(critical=1), "Findings: what was added, resolved and changed")) == [
        ["Added", "CVE-2026-0000", "critical · a/b.py"]
    ]


def test_rows_are_counted_and_not_previewed() -> None:
    """They are listed whole above."""
    pair = compared(carriers("HA", "UA"), carriers("UA", "HA"))
    found = drilldown(pair.a.payload, pair.b.payload, pair.diff)
    report = compare_report(replace(pair, drilldown=found), title="", language=ENGLISH)
    assert lines(grid(report, "Drill-down")) == [["Rows", "", "", "", "2"]]
    assert not [title for title in titles(report) if title.startswith("Rows:")]


def test_without_a_drill_down_nothing_of_it_is_shown() -> None:
    """Nobody asked."""
    report = compare_report(compared(health(88), health(71)), title="", language=ENGLISH)
    assert not [title for title in titles(report) if "Drill" in title]
