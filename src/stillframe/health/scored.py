"""What one part of the health score came to: a value or none, the reasons beside it, and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, Literal, TypeAlias

from stillframe.health.project import SCORE_TOLERANCE
from stillframe.model.facts import Part, Severity
from stillframe.model.payload import Better, Number

Measure: TypeAlias = Mapping[str, Any]
Status: TypeAlias = Literal["measured", "not_measured", "stale", "error"]

POINTS: Final = 100
"""Of a value of 1."""
SCORE_DECIMALS: Final = 4
"""Of every figure in points."""
SHARE_TOLERANCE: Final = 0.0005
"""Shares at most this far apart are equal: some reports round theirs to four digits."""
REPORT_FAILED: Final = "report_failed"
_SAFE_INTEGER: Final = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """
    One part of the health score.

    Shape   `value`: None where the part was not measured, which is neither bad nor good. `reasons`: why it is missing,
            or what it lacks. `told`: what else its line of the breakdown says.
    Units   `value` 0 to 1, 1 the best.
    """

    part: Part
    value: float | None
    reasons: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> Number | None:
        """The value in points, 0 to 100."""
        return None if self.value is None else points(self.value)

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show of it."""
        return self.value is not None or bool(self.measures)

    def as_summary(self) -> dict[str, Any]:
        return {"score": self.score, "tolerance": SCORE_TOLERANCE, "measures": [dict(found) for found in self.measures]}


def measure(
    name: str,
    value: float | None,
    *,
    better: Better = "lower",
    unit: str | None = None,
    tolerance: float = 0,
    source: str | None = None,
    status: Status | None = None,
) -> Measure:
    """
    Return one measure as payloads have it; without a value it is `not_measured`, unless another status is given.

    >>> measure("high", 2.0)
    {'id': 'high', 'value': 2, 'better': 'lower', 'status': 'measured'}
    """
    said: dict[str, Any] = {"id": name, "value": None if value is None else whole(value), "better": better}
    if unit is not None:
        said["unit"] = unit
    if tolerance:
        said["tolerance"] = tolerance
    if source is not None:
        said["source"] = source
    return said | {"status": status or ("not_measured" if value is None else "measured")}


def share(name: str, value: float | None, *, better: Better = "higher", source: str | None = None) -> Measure:
    """Return a measure that is a share, 0 to 1."""
    return measure(name, value, better=better, unit="share", tolerance=SHARE_TOLERANCE, source=source)


def severity_counts(
    found: Iterable[Severity] | None, severities: Iterable[Severity], *, status: Status | None = None
) -> list[Measure]:
    """Return how many there are of each severity, by its name; of what nobody counted, no number."""
    counted = None if found is None else list(found)
    return [measure(name, None if counted is None else counted.count(name), status=status) for name in severities]


def points(value: float) -> Number:
    """
    Return a value of 0 to 1 in points, as payloads have it.

    >>> points(0.85), points(2 / 3)
    (85, 66.6667)
    """
    return whole(round(POINTS * value, SCORE_DECIMALS))


def whole(number: float) -> Number:
    """Return a number as payloads write it: what is whole, without a fraction."""
    is_whole = isinstance(number, float) and isfinite(number) and number.is_integer() and abs(number) <= _SAFE_INTEGER
    return int(number) if is_whole else number


def clamped(value: float) -> float:
    """Return the nearest value of 0 to 1."""
    return min(1.0, max(0.0, value))
