"""What a candidate's payload says to a release gate: findings counted, metrics by name, and what nobody measured."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

from stillframe.model.delta import MetricDelta
from stillframe.model.diff import Diff
from stillframe.model.facts import Severity
from stillframe.model.payload import Number, Payload, Row
from stillframe.model.scope import FINDINGS_PANEL
from stillframe.rules.names import RuleNames

_MEASURED = "measured"
_ABSENT = "absent"
_FAILED = "error"
_OF_EVERY_PART = frozenset({"health", "health_score"})
"""What every part is part of."""
LeftOut: TypeAlias = Mapping[str, Sequence[str]]


class Reading(NamedTuple):
    """
    One metric.

    Shape   `value`: None where it is not known; then `status` is the measure's own word, or `absent`.
    """

    value: Number | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """
    How many findings of one severity there are in some dimensions.

    Shape   `found`: all of them. `open`: those that nobody answers for. `measured` and `missing`: of the dimensions
            asked about, those that say how many there are and those that do not. `open_rows` and `answered_rows`: the
            findings themselves, as far as the payload lists them.
    """

    found: Number
    open: Number
    measured: tuple[str, ...]
    missing: tuple[str, ...]
    open_rows: tuple[Row, ...]
    answered_rows: tuple[Row, ...]

    @property
    def suppressed(self) -> int:
        """How many were left out because somebody answers for them."""
        return int(self.found - self.open)


class Unjudged(NamedTuple):
    """
    Why a change cannot be judged.

    Shape   `gone`: what the candidate does not say. `new`: what the state before did not say. `fewer`: tools that the
            candidate has no report of.
    """

    gone: tuple[str, ...]
    new: tuple[str, ...]
    fewer: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.gone, *self.new, *self.fewer)


class Candidate:
    """
    A payload as the checks of a profile ask of it.

    Shape   `answered_for`: ids of the findings that are suppressed. `places`: where a finding is, to the line.
    """

    def __init__(self, payload: Payload, *, answered_for: Collection[str], places: Mapping[str, str]) -> None:
        self._payload = payload
        self._answered_for = answered_for
        self._places = places
        self._counts: dict[tuple[Severity, tuple[str, ...]], Count] = {}
        self._listed: dict[tuple[Any, Any], list[Row]] = {}
        self._by_id: dict[Any, Row] = {}
        table = payload.tables.get(FINDINGS_PANEL)
        for row in () if table is None else table.rows:
            self._by_id[row.get("id")] = row
            self._listed.setdefault((row.get("dimension"), row.get("severity")), []).append(row)

    def metric(self, name: str) -> Reading:
        """Return a measure or a score of a dimension, `DIMENSION.MEASURE`, or the metric panel of that name."""
        dimension, _, measure = name.partition(".")
        summary = self._payload.summaries.get(dimension)
        if measure and summary is not None:
            return _in_summary(summary, measure)
        panel = self._payload.metrics.get(name)
        return _reading(None if panel is None else panel.value)

    def unjudged(self, names: RuleNames, diff: Diff, left_out: LeftOut) -> Unjudged:
        """
        Return what a rule speaks of that cannot be compared: not said on both sides, or by fewer tools than before.

        Of a rule about any dimension, or about the list of findings: every dimension that is said on one side alone.

        Shape   `left_out`: by dimension, tools that the earlier state had a report of and the candidate has none of.
        """
        known = {found.name: found for found in diff.metric_deltas}
        primary = self._payload.primary.metric
        said = {name or primary for name in names.metrics} | {f"{dimension}.score" for dimension in names.dimensions}
        of_all = names.any_dimension or bool(names.panels)
        if of_all:
            said |= {name for name, found in known.items() if name.endswith(".score") and _on_one_side(found)}
        about = {name for name in said if name is not None}
        gone = {name for name in about if self.metric(name).value is None}
        gone |= {name for name in names.panels if name is not None and name not in self._payload.tables}
        new = {name for name in about if name in known and known[name].old is None} - gone
        parts = {name.partition(".")[0] for name in about}
        fewer = {
            tool
            for dimension, tools in left_out.items()
            if of_all or dimension in parts or parts & _OF_EVERY_PART
            for tool in tools
        }
        # What is not said at all needs no list of the tools that would have said it.
        return Unjudged(gone=tuple(sorted(gone)), new=tuple(sorted(new)), fewer=() if gone else tuple(sorted(fewer)))

    def lost(self, severity: Severity, dimensions: Iterable[str], diff: Diff | None) -> tuple[str, ...]:
        """Return those of some dimensions that say no count now: a run failed, or the earlier state did say one."""
        before = {} if diff is None else {found.name: found.old for found in diff.metric_deltas}
        names = {dimension: f"{dimension}.{severity}" for dimension in dimensions}
        return tuple(
            dimension
            for dimension, name in names.items()
            if self.metric(name).status == _FAILED or before.get(name) is not None
        )

    def count(self, severity: Severity, within: tuple[str, ...]) -> Count:
        """
        Count the findings of a severity, dimension by dimension.

        A count and a list may contradict one another where somebody else made them: a suppression never takes away a
        finding that the list still shows open.
        """
        count = self._counts.get((severity, within))
        if count is None:
            count = self._counts[severity, within] = self._count(severity, within)
        return count

    def _count(self, severity: Severity, within: tuple[str, ...]) -> Count:
        found: Number = 0
        open_: Number = 0
        missing: list[str] = []
        rows: dict[bool, list[Row]] = {True: [], False: []}
        for dimension in within:
            number = self.metric(f"{dimension}.{severity}").value
            if number is None or number < 0:
                missing.append(dimension)
                continue
            listed = self._listed.get((dimension, severity), [])
            answered = sum(row.get("id") in self._answered_for for row in listed)
            found += number
            open_ += max(number - answered, min(number, len(listed) - answered))
            for row in listed:
                rows[row.get("id") in self._answered_for].append(row)
        return Count(
            found=found,
            open=open_,
            measured=tuple(name for name in within if name not in missing),
            missing=tuple(missing),
            open_rows=tuple(rows[False]),
            answered_rows=tuple(rows[True]),
        )

    def witness(self, row: Row) -> dict[str, Any]:
        """Return a finding as a check names it."""
        location = self._places.get(str(row.get("id"))) or row.get("location")
        return {"id": row.get("id"), "title": row.get("title"), "location": location}

    def completed(self, witness: Mapping[str, Any]) -> dict[str, Any]:
        """Return a witness of a rule; one that names a finding of this candidate gets its title and place."""
        row = self._by_id.get(witness.get("id")) if "id" in witness else None
        return {**(self.witness(row) if row is not None else {}), **witness}


def _on_one_side(found: MetricDelta) -> bool:
    return (found.old is None) is not (found.new is None)


def _in_summary(summary: Mapping[str, Any], name: str) -> Reading:
    if name == "score":
        return _reading(summary.get("score"))
    for measure in summary.get("measures") or ():
        if measure["id"] == name:
            status = measure.get("status", _MEASURED)
            return _reading(measure.get("value")) if status == _MEASURED else Reading(None, status)
    return Reading(None, _ABSENT)


def _reading(value: object) -> Reading:
    known = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return Reading(value, _MEASURED) if known else Reading(None, _ABSENT)  # type: ignore[arg-type]  # because known says it is a number
