"""A report is plain parts, so that Markdown and PDF cannot say different things."""

from __future__ import annotations

from stillframe.report.charts import Chart
from stillframe.report.export import compare_report
from stillframe.report.languages import ENGLISH
from tests.report.export.frames import carriers, compared


def test_the_charts_of_a_report_are_found_in_their_order() -> None:
    """The typesetter gets each picture by its number."""
    report = compare_report(
        compared(carriers("HA", "UA", "DL"), carriers("DL", "HA", "UA")),
        title="Carriers",
        language=ENGLISH,
        trend=[Chart(spec={"n": 1}, alt="first"), Chart(spec={"n": 2}, alt="second")],
    )
    assert [chart.alt for chart in report.charts][:2] == ["first", "second"]
    assert len(report.charts) == 3
