"""Charts of a report: drawn where they show something, in the report's language."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

from stillframe.report.charts import Chart, ChartWords
from stillframe.report.export.charting import chart_words, metrics_charts, moves_charts
from stillframe.report.languages import ENGLISH, RUSSIAN
from tests.report.export.frames import carriers, compared, health


def moves(*frames: dict[str, object]) -> list[Chart]:
    pair = compared(*frames)
    return list(moves_charts(pair.diff, before=pair.a.payload, after=pair.b.payload, language=RUSSIAN))


def metrics(*frames: dict[str, object]) -> list[Chart]:
    pair = compared(*frames)
    return list(metrics_charts(pair.diff, before=pair.a.payload, after=pair.b.payload, language=ENGLISH))


def test_ranks_are_drawn_where_they_moved() -> None:
    """A graph in which nothing moves is paper."""
    assert len(moves(carriers("HA", "UA"), carriers("UA", "HA"))) == 1
    assert moves(carriers("HA", "UA"), carriers("HA", "UA", HA=0.9)) == []


def test_metrics_are_drawn_where_at_least_two_moved() -> None:
    """One metric is a line of the table."""
    assert metrics(carriers("HA", papers=1), carriers("HA", papers=2)) == []
    assert len(metrics(health(88), health(71, critical=2))) == 1


def test_a_projects_score_is_drawn_once() -> None:
    """Its primary metric is the score of a dimension."""
    (chart,) = metrics(health(88), health(71, critical=2))
    assert chart.alt.count("Health score") == 1


def test_charts_speak_the_language_of_their_report() -> None:
    """The words of a chart are not left in English."""
    (chart,) = moves(carriers("HA", "UA"), carriers("UA", "HA"))
    assert "после" in str(chart.spec)
    assert "after" not in str(chart.alt)


def test_every_word_of_charts_is_given() -> None:
    """A word that charts learn and no language gives would stay English."""
    words, plain = chart_words(RUSSIAN), ChartWords()
    kept = [field.name for field in fields(ChartWords) if getattr(words, field.name) is getattr(plain, field.name)]
    assert kept == []


def test_times_on_an_axis_are_short() -> None:
    """As fine as the axis needs, and no finer."""
    moment = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
    grains = ("minute", "hour", "day", "month", "year")
    assert [chart_words(ENGLISH).time(moment, grain) for grain in grains] == [
        "07:30", "21 Nov 07:30", "21 Nov", "Nov 2026", "2026",
    ]  # fmt: skip
    assert chart_words(RUSSIAN).time(moment, "day") == "21 ноя"
