"""The release part: what the last release gate decided."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from stillframe.health.scored import Measure, Scored, measure
from stillframe.health.told import Told
from stillframe.model.facts import GateDecision
from stillframe.model.payload import Number

VALUES: Final[Mapping[GateDecision, float]] = MappingProxyType({"pass": 1, "warn": 0.5, "fail": 0})
UNKNOWN_VALUE: Final = 0
RELEASE_MISSING: Final = "release_gate_missing"
_COUNTED: Final = ("blockers_failed", "warnings_failed", "skipped", "suppressed")
_NEITHER: Final = frozenset({"skipped", "suppressed"})

FIGURES: Final[Mapping[str, Any]] = MappingProxyType(
    {str(decision): value for decision, value in VALUES.items()} | {"unknown": UNKNOWN_VALUE}
)


def release(told: Told) -> Scored:
    """
    Return the release part: pass 1, warn 0.5, fail or unknown 0; tests that failed are shown and score nothing.

    Source  docs/reference/health-score.md, "Release".
    """
    counts = told.gate_counts or {}
    measures = [
        measure(name, counts[name], better="none" if name in _NEITHER else "lower")
        for name in _COUNTED
        if name in counts
    ]
    measures += _tests(told)
    if told.gate is None:
        return Scored(part="release", value=None, reasons=(RELEASE_MISSING,), measures=tuple(measures))
    return Scored(part="release", value=float(VALUES.get(told.gate, UNKNOWN_VALUE)), measures=tuple(measures))


def decision_of(score: Number | None) -> GateDecision | None:
    """
    Return the decision that a release score stands for; None for any other score.

    >>> decision_of(50), decision_of(80)
    ('warn', None)
    """
    return next((decision for decision, value in VALUES.items() if score is not None and score == 100 * value), None)


def _tests(told: Told) -> list[Measure]:
    if told.tests is None:
        return []
    return [
        measure("tests_failed", told.tests.failed + told.tests.errors),
        measure("tests_total", told.tests.total, better="none"),
    ]
