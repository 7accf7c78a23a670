"""What a snapshot showed: in rank order, cut where it says so, missing said as missing."""

from __future__ import annotations

from stillframe.report.export import snapshot_report
from stillframe.report.languages import ENGLISH, RUSSIAN
from tests.report.export.frames import carriers, frame, health
from tests.report.export.reading import grid, lines, titles
from tests.report.pictures import picture


def test_rows_stand_in_rank_order_with_their_rank() -> None:
    """The first row is what a reader saw at the top."""
    report = snapshot_report(frame(carriers("UA", "HA", HA=0.93)), title="", language=ENGLISH)
    assert lines(grid(report, "Leaderboard")) == [["1", "UA", "United", "0.5"], ["2", "HA", "Hawaiian", "0.93"]]


def test_a_table_wider_than_a_page_names_the_columns_that_are_left_out() -> None:
    """The attached data has them all; the reader knows which."""
    wide = {"id": "a"} | {f"c{number}": number for number in range(30)}
    made = grid(snapshot_report(frame(picture([wide])), title="", language=ENGLISH), "Leaderboard")
    assert [column.title for column in made.columns] == ["#", "id", "c0", "c1", "c2", "c3", "c4", "c5", "c6"]
    assert made.notes[0].startswith("23 more columns: c7, c8, ")
    assert made.notes[0].endswith(" …")


def test_the_primary_table_comes_first() -> None:
    """What the dashboard is about is not behind its details."""
    other = {"kind": "table", "key": "id", "columns": ["id"], "fields": {}, "rows": [{"id": 1}]}
    document = picture([{"id": "a"}], others={"a_first": other})
    assert titles(snapshot_report(frame(document), title="", language=ENGLISH))[2:4] == ["Leaderboard", "A first"]


def test_all_six_dimensions_are_shown_and_missing_is_said() -> None:
    """What nobody measured is neither good nor bad, and not left out."""
    report = snapshot_report(frame(health(71, critical=2)), title="", language=ENGLISH)
    assert lines(grid(report, "Dimensions")) == [
        ["Health", "80.5", "measured", ""],
        ["Audit", "", "missing", ""],
        ["Compliance", "", "missing", ""],
        ["Release", "", "missing", ""],
        ["SCA", "71", "measured", "1"],
        ["Quality", "90", "measured", "1"],
    ]
    assert lines(grid(report, "Measures")) == [
        ["SCA", "Critical findings", "2", "findings"],
        ["Quality", "Line coverage", "0.81", "share"],
    ]
    assert "Dimensions" in titles(report)
    assert titles(report).count("Dimensions") == 1


def test_findings_are_listed_under_names_of_the_readers_language() -> None:
    """The columns of our own tables are ours to translate; the findings are not."""
    report = snapshot_report(frame(health(71, critical=2)), title="", language=RUSSIAN)
    found = grid(report, "Замечания")
    assert [column.title for column in found.columns] == ["№", "Ключ", "Измерение", "Важность", "Название", "Место"]
    assert lines(found)[0] == ["1", "f-0", "sca", "critical", "CVE-2026-0000", "a/b.py"]


def test_summaries_of_any_shape_are_read() -> None:
    """They are other programs' JSON: odd members show as they can and break nothing."""
    odd = {"sca": {"score": "n/a", "measures": [{"value": [1]}, 7]}, "extra": 5, "audit": None}
    report = snapshot_report(frame(health() | {"summaries": odd}), title="", language=ENGLISH)
    rows = lines(grid(report, "Dimensions"))
    assert ["SCA", "n/a", "measured", "1"] in rows
    assert ["Extra", "", "missing", ""] in rows


def test_units_stand_at_the_head_of_their_column() -> None:
    """A figure without its unit is half a figure."""
    document = carriers("HA")
    document["materialized_data"]["leaderboard"]["fields"] = {"on_time": {"unit": "share"}}
    made = grid(snapshot_report(frame(document), title="", language=ENGLISH), "Leaderboard")
    assert made.columns[-1].title == "on_time (share)"
    assert made.columns[-1].align == "right"
