"""Trends: whether what was measured gets better or worse, between two snapshots or along many, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from stillframe.diff.numbers import is_number
from stillframe.model.delta import MetricDelta, State
from stillframe.model.diff import Diff
from stillframe.model.payload import Better
from stillframe.model.scope import HEALTH_PANEL, HEALTH_SCORE, MEAN_PANEL
from stillframe.report.figures import figure, figures_apart
from stillframe.report.phrases import label
from stillframe.report.sampling import Values, downsampled
from stillframe.report.theil_sen import PAIRS_OF_MOST, theil_sen

Direction: TypeAlias = Literal["improving", "declining", "stable", "insufficient_history"]
Basis: TypeAlias = Literal["health_score", "dimension_states", "metric_states", "slope", "history"]

HEALTH_TOLERANCE: Final = 0.5
"""Points of the health score."""
POINTS_LEAST: Final = 5
_HEALTH_NAMES: Final = (HEALTH_SCORE, HEALTH_PANEL, MEAN_PANEL)
_HEALTH: Final = "health"
_LARGEST: Final = 1e300
"""Between two such values there is still a finite slope."""
_SLACK: Final = 1e-9
"""64.4 − 63.9 is a half, which floats do not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """
    Which way things go, and by what that was decided.

    Shape   `insufficient_history` is only said of a series.
    """

    direction: Direction
    basis: Basis
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {"direction": self.direction, "basis": self.basis, "reason": self.reason}


def trend_of_diff(diff: Diff) -> Trend:
    """
    Return which way things went between two snapshots.

    The health score decides if it moved by more than its tolerance; else whether more of the other dimensions improved
    or regressed. Without dimensions the metrics decide in the same way. A tie is stable.

    Units   The tolerance of the health score is 0.5 points, or what the snapshots say if that is more.
    Source  docs/reference/semantics.md, "Trends".
    """
    health = next((found for name in _HEALTH_NAMES for found in diff.metric_deltas if found.name == name), None)
    if health is not None and (decided := _by_health(health)) is not None:
        return decided
    states = {name: state for name, state in diff.dimension_states.items() if name != _HEALTH}
    if states:
        return _by_majority(states.values(), basis="dimension_states", things="dimensions")
    metrics = [found.state for found in diff.metric_deltas if found.name not in _HEALTH_NAMES]
    return _by_majority(metrics, basis="metric_states", things="metrics")


def trend_of_series(
    times: Sequence[int], values: Values, *, better: Better = "higher", tolerance: float = 0.0
) -> Trend:
    """
    Return which way a series goes, by its Theil–Sen slope.

    It goes somewhere only if both hold: its line, followed from the first point to the last, covers more than
    `tolerance`; and Kendall's test is sure, at the level of 5 %, that it rises or falls at all. Of more than 60 points
    the averages of 60 buckets are taken. Without a better side (`none`) every series is stable.

    Shape   `times` oldest first; a value that is None is left out.
    Units   `tolerance` in the metric's own unit; the health score's is 0.5 points.
    Source  docs/reference/semantics.md, "Trends".
    """
    if None in values:
        known = [(time, value) for time, value in zip(times, values, strict=True) if value is not None]
        times, values = [time for time, _ in known], [value for _, value in known]
    count = len(values)
    if count < POINTS_LEAST or times[0] == times[-1]:
        few = count < POINTS_LEAST
        reason = f"{count} of the {POINTS_LEAST} points that a trend needs" if few else "every point is of one time"
        return Trend(direction="insufficient_history", basis="history", reason=reason)
    moments, found = _thinned(times, values)
    line = theil_sen(moments, found)
    change = line.slope * (moments[-1] - moments[0])
    size = f"{figure(change)} over {count:,} points"
    if abs(change) - tolerance <= _SLACK * max(tolerance, 1.0) or not change:
        reason = f"the slope makes {size}, within {figure(tolerance)}"
        return Trend(direction="stable", basis="slope", reason=reason)
    if not line.is_sure:
        return Trend(direction="stable", basis="slope", reason=f"the slope makes {size}, which may be chance")
    if better == "none":
        return Trend(direction="stable", basis="slope", reason=f"the slope makes {size}, and neither way is better")
    rising_is_good = better == "higher"
    direction: Direction = "improving" if (change > 0) is rising_is_good else "declining"
    return Trend(direction=direction, basis="slope", reason=f"the slope makes {size}")


def _by_health(health: MetricDelta) -> Trend | None:
    if not (is_number(health.old) and is_number(health.new)) or health.state == "unchanged":
        return None
    change = health.new - health.old
    if abs(change) - HEALTH_TOLERANCE <= _SLACK:
        return None
    direction: Direction = "improving" if change > 0 else "declining"
    moved = " → ".join(figures_apart(health.old, health.new))
    return Trend(direction=direction, basis="health_score", reason=f"{label(health.name)} {moved}")


def _by_majority(states: Iterable[State], *, basis: Basis, things: str) -> Trend:
    found = list(states)
    better, worse = found.count("improved"), found.count("regressed")
    direction: Direction = "improving" if better > worse else "declining" if worse > better else "stable"
    reason = f"{things}: {better:,} improved, {worse:,} regressed"
    return Trend(direction=direction, basis=basis, reason=reason)


def _thinned(times: Sequence[int], values: Values) -> tuple[list[float], list[float]]:
    """Return the points, or the averages of as many buckets as can be compared pair by pair."""
    moments: list[float] = [*times]
    if len(times) > PAIRS_OF_MOST:
        sampling = downsampled(times, {"value": values}, points=PAIRS_OF_MOST)
        moments = [(start + end) / 2 for start, end in zip(sampling.starts, sampling.ends, strict=True)]
        values = sampling.metrics["value"].average
    return moments, [min(max(value, -_LARGEST), _LARGEST) for value in values if value is not None]
