"""The one picture of a mail is about what its reason is about."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from stillframe.diff import compute_diff
from stillframe.model.payload import Payload
from stillframe.report.charts import Chart
from stillframe.report.mail.picture import WIDTH, change_picture, history_picture, metric_of
from stillframe.rules import explain_threshold
from tests.report.charts.anything import assert_drawable, text_of
from tests.report.mail.mails import AFTER, BEFORE
from tests.report.pictures import picture, pictures, row

DAY = 86_400_000
START = 1_763_700_000_000


def drawn(before: Any, after: Any) -> Chart | None:
    return change_picture(compute_diff(before, after), before=Payload.from_dict(before), after=Payload.from_dict(after))


def named(rule: Any, before: Any = BEFORE, after: Any = AFTER) -> str | None:
    diff = compute_diff(before, after)
    return metric_of(diff, explain_threshold(diff, rule))


def test_rows_that_moved_are_a_slope_graph() -> None:
    """Ranks before on the left, after on the right, the largest move said first."""
    chart = drawn(BEFORE, AFTER)
    assert chart is not None
    assert chart.width == WIDTH
    assert chart.alt == "JetBlue 4 → gone; Alaska 3 → 2; United 2 → 3"


def test_values_without_moves_are_dumbbells_of_one_column() -> None:
    """One scale needs one unit: the column in which most rows changed."""
    before = picture([row("HA", on_time=9, late=1), row("UA", on_time=8, late=2), row("AS", on_time=7, late=3)])
    after = picture([row("HA", on_time=9.5, late=1), row("UA", on_time=8.5, late=4), row("AS", on_time=7.5, late=3)])
    chart = drawn(before, after)
    assert chart is not None
    assert "Alaska on_time" in chart.alt
    assert "late" not in chart.alt


def test_metrics_alone_are_dumbbells_and_one_alone_is_none() -> None:
    """A picture of one number shows no more than the number."""
    others: dict[str, Any] = {"late": {"kind": "metric", "value": 5, "better": "lower", "tolerance": 0}}
    later: dict[str, Any] = {"late": {"kind": "metric", "value": 9, "better": "lower", "tolerance": 0}}
    chart = drawn(picture(others=others), picture(papers=16_000, others=later))
    assert chart is not None
    assert "Papers" in chart.alt
    assert drawn(picture(), picture(papers=16_000)) is None


def test_the_reason_decides_between_rows_and_a_metric() -> None:
    """Who asked about a metric sees its history, although rows moved too."""
    assert named({"primary_metric_delta_pct": 0.05}) == "papers"
    assert named({"top_n_reordering": 3}) is None
    assert named({"value_delta_pct": 0.05, "on_field": "on_time"}) is None
    assert named({"any_change": True}) is None
    assert named({"any_change": True}, picture(), picture(papers=1)) == "papers"
    assert named({"set_added_min": 9}, picture(), picture()) is None


def test_a_history_marks_both_frames() -> None:
    """The two values of the table are found again in the line."""
    times = [START + number * DAY for number in range(10)]
    marks = [(times[8], "frame 9"), (times[9], "frame 10")]
    chart = history_picture(times, list(range(10)), metric="papers", marks=marks, tolerance=0.5)
    assert chart is not None
    said = text_of(chart)
    assert "frame 9" in said
    assert "frame 10" in said
    assert chart.alt == "Papers 0 → 9 (0 – 9)"
    assert history_picture(times[:1], [1], metric="papers", marks=marks, tolerance=0) is None


@given(before=pictures(), after=pictures())
def test_any_change_can_be_drawn_or_is_left_out(before: Any, after: Any) -> None:
    """No data makes a mail fail for its picture."""
    chart = drawn(before, after)
    if chart is not None:
        assert_drawable(chart)
