"""Metrics: panels, scores and measures, better and worse."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.diff import compute_diff
from stillframe.model.delta import MetricDelta
from stillframe.model.diff import Diff
from stillframe.model.payload import Field, Metric, Payload, Primary


def moved(old: Any, new: Any, **reading: Any) -> MetricDelta:
    """Return what a metric panel did between two values."""
    a, b = (Payload(panels={"m": Metric(value=value, field=Field(**reading))}) for value in (old, new))
    return compute_diff(a, b).metric_deltas[0]


@pytest.mark.parametrize(
    ("old", "new", "better", "state"),
    [
        (1, 2, "higher", "improved"),
        (2, 1, "higher", "regressed"),
        (1, 2, "lower", "regressed"),
        (2, 1, "lower", "improved"),
        (1, 2, "none", "unchanged"),
        (1, 1.0, "higher", "unchanged"),
        (None, 1, "higher", "unchanged"),
        (-1e308, 1e308, "higher", "improved"),
    ],
)
def test_a_state_follows_what_is_better(old: Any, new: Any, better: Any, state: str) -> None:
    """Better is said by the view spec, never guessed; missing is not worse."""
    assert moved(old, new, better=better).state == state


def test_a_move_within_the_tolerance_is_none() -> None:
    """The edge belongs to the tolerance."""
    assert not moved(1, 2, better="higher", tolerance=1).differs
    assert moved(1, 2.5, better="higher", tolerance=1).state == "improved"


def test_the_flags_tell_changed_from_missing() -> None:
    """A change that is neither better nor worse says `changed`; one without two values says `missing`."""
    assert moved(1, 2).as_dict()["changed"] is True
    missing = moved(1, None).as_dict()
    assert missing["missing"] is True
    assert "changed" not in missing


def test_scores_and_measures_are_metrics_and_a_score_makes_the_state() -> None:
    """`SUMMARY.score` and `SUMMARY.MEASURE`, with presence."""

    def summary(score: float, *measures: dict[str, Any]) -> Payload:
        return Payload(panels={}, summaries={"sca": {"score": score, "measures": list(measures)}})

    open_before = {"id": "open", "value": 3, "better": "lower"}
    diff = compute_diff(summary(80, open_before), summary(70, {**open_before, "value": 2}, {"id": "new", "value": 1}))
    told = [(metric.name, metric.state, metric.presence) for metric in diff.metric_deltas]
    assert told == [
        ("sca.score", "regressed", "both"),
        ("sca.open", "improved", "both"),
        ("sca.new", "unchanged", "only_b"),
    ]
    assert diff.dimension_states == {"sca": "regressed"}


def test_the_primary_metric_stands_first_and_for_itself() -> None:
    """The headline's JSON has its five members and the fraction beside it."""
    a, b = (
        Payload(panels={"x": Metric(value=1), "papers": Metric(value=value)}, primary=Primary(metric="papers"))
        for value in (0, 5)
    )
    diff = compute_diff(a, b)
    assert diff.metric_deltas[0].name == "papers"
    assert diff.as_dict()["primary_metric"] == {"old": 0, "new": 5, "delta": 5, "delta_pct": None, "from_zero": True}
    assert diff.primary_metric_delta_pct is None


def test_what_changed_stands_before_what_did_not() -> None:
    """The primary metric, then what differs, then the rest, each in the later order: a cut drops the still."""
    still = {f"still-{number}": Metric(value=number) for number in range(120)}
    a = Payload(
        panels={**still, "gone": Metric(value=1), "moved": Metric(value=1), "papers": Metric(value=1)},
        primary=Primary(metric="papers"),
    )
    b = Payload(
        panels={**still, "papers": Metric(value=1), "moved": Metric(value=2), "new": Metric(value=1)},
        primary=Primary(metric="papers"),
    )
    diff = compute_diff(a, b)
    names = [metric.name for metric in diff.metric_deltas]
    assert names[:4] == ["papers", "moved", "new", "gone"]
    assert names[4:] == list(still)
    kept = Diff.from_dict(diff.as_dict(limit=100))
    assert [metric.name for metric in kept.metric_deltas if metric.differs] == ["moved", "new", "gone"]
