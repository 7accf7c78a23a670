"""What differs: every list of the diff, in words, with exact totals."""

from __future__ import annotations

from stillframe.report.export import Report, compare_report
from stillframe.report.languages import ENGLISH
from tests.report.export.frames import carriers, compared, health
from tests.report.export.reading import grid, lines, texts, titles
from tests.report.pictures import picture, row

ALL = ("HA", "UA", "DL", "AS", "B6")


def report_of(before: dict[str, object], after: dict[str, object], **given: object) -> Report:
    return compare_report(compared(before, after, **given), title="Carriers", language=ENGLISH)


def test_rank_moves_show_both_ranks_and_the_way() -> None:
    """United fell three places; the others each rose by one."""
    moved = grid(report_of(carriers(*ALL), carriers("HA", "DL", "AS", "B6", "UA")), "Rank moves")
    assert lines(moved) == [
        ["2", "▲ 1", "Delta", "3", "moved"],
        ["3", "▲ 1", "Alaska", "4", "moved"],
        ["4", "▲ 1", "JetBlue", "5", "moved"],
        ["5", "▼ 3", "United", "2", "moved"],
    ]


def test_values_show_old_new_difference_and_share() -> None:
    """From 0.6 to 0.54 is ten per cent down."""
    values = grid(report_of(carriers("UA", UA=0.6), carriers("UA", UA=0.54)), "Values")
    assert lines(values) == [["United", "on_time", "0.6", "0.54", "-0.06", "-10 %"]]


def test_rows_added_and_removed_keep_the_rank_of_the_side_that_has_them() -> None:
    """Both lists have totals of their own."""
    report = report_of(carriers("HA", "UA", "DL"), carriers("HA", "AS"))
    assert lines(grid(report, "Rows added and removed")) == [["2", "Alaska", "AS"]]
    assert lines(grid(report, "Rows added and removed", place=1)) == [["2", "United", "UA"], ["3", "Delta", "DL"]]


def test_metrics_that_differ_come_first_with_their_state() -> None:
    """What moved is not below what did not."""
    others = {"a_still": {"kind": "metric", "value": 1, "better": "lower", "tolerance": 0}}
    metrics = grid(report_of(picture(papers=10, others=others), picture(papers=12, others=others)), "Metrics")
    assert lines(metrics) == [
        ["Papers", "10", "12", "+2", "+20 %", "improved"],
        ["A still", "1", "1", "0", "0 %", "unchanged"],
    ]


def test_a_metric_that_came_or_went_says_so() -> None:
    """Missing is not worse."""
    metric = {"kind": "metric", "value": 3, "better": "lower", "tolerance": 0}
    report = report_of(picture(papers=None, others={"late": metric}), picture(papers=5))
    assert {tuple(line) for line in lines(grid(report, "Metrics"))} == {
        ("Papers", "none", "5", "", "", "missing"),
        ("Late", "3", "none", "", "", "gone"),
    }


def test_dimensions_are_told_once() -> None:
    """Their scores are not told again as metrics, as cells of a table, and as the primary metric."""
    report = report_of(health(88), health(71, critical=2))
    assert lines(grid(report, "Dimensions")) == [
        ["Health", "89", "80.5", "-8.5", "-9.6 %", "regressed"],
        ["SCA", "88", "71", "-17", "-19.3 %", "regressed"],
        ["Quality", "90", "90", "0", "0 %", "unchanged"],
    ]
    assert [line[0] for line in lines(grid(report, "Metrics"))] == ["SCA critical findings", "Quality line coverage"]
    assert "Values" not in titles(report)
    assert report.lead == "SCA regressed (88 → 71); Health regressed (89 → 80.5); 2 findings added"


def test_findings_come_and_go_and_have_no_rank() -> None:
    """Where a finding stands in a list is not news."""
    report = report_of(health(88, critical=1), health(71, critical=3))
    assert [line[1] for line in lines(grid(report, "Findings: Rows added and removed"))] == [
        "CVE-2026-0001",
        "CVE-2026-0002",
    ]
    assert not [title for title in titles(report) if title.startswith("Findings: Rank")]


def test_other_tables_and_shapes_are_told_too() -> None:
    """A change outside the primary table is a change."""
    other = {"kind": "table", "key": "id", "columns": ["id"], "fields": {}, "rows": [{"id": 1}, {"id": 2}]}
    report = report_of(
        picture([row("HA")], others={"routes": other}),
        picture([row("HA") | {"gate": "B"}], others={"routes": other | {"rows": [{"id": 2}, {"id": 3}]}}),
    )
    assert lines(grid(report, "Routes: Rows added and removed")) == [["2", "3", "3"]]
    assert ["column gate of leaderboard added"] in lines(grid(report, "Shape of the data"))


def test_equal_snapshots_say_that_nothing_differs() -> None:
    """Silence has its own sentence."""
    report = report_of(carriers("HA"), carriers("HA"))
    assert report.lead == "Nothing changed"
    assert "What changed" in titles(report)
    assert "Nothing differs between the two." in texts(report)


def test_a_long_list_is_cut_with_its_total() -> None:
    """A thousand rows that changed are counted, not printed."""
    before = [row(f"c{number}", on_time=0.1) for number in range(300)]
    after = [row(f"c{number}", on_time=0.2) for number in range(300)]
    values = grid(report_of(picture(before), picture(after)), "Values")
    assert len(values.rows) == 100
    assert values.notes == ("the first 100 of 300 rows",)


def test_what_cannot_be_compared_warns_before_the_figures() -> None:
    """A reader knows that two frames were not made alike before reading what differs."""
    unlike = {"level": "partial", "reasons": ["formula_digest differs"]}
    report = report_of(carriers("HA"), carriers("UA"), comparability=unlike)
    assert "The two were not made in the same way: the formula of the scores differs (formula_digest)." in texts(report)
    assert titles(report)[0] == "Frames 1 and 2"
