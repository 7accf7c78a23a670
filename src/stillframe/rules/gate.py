"""The release gate: a profile's checks held against a candidate's payload, and what they decide together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from stillframe.errors import IncompleteDiff
from stillframe.model.diff import Diff
from stillframe.model.facts import GateDecision
from stillframe.model.gate import Check, CheckResult, CheckStatus, GateVerdict, Profile, Suppression
from stillframe.model.payload import Number, Payload
from stillframe.model.verdict import MAX_WITNESSES, Verdict
from stillframe.rules.explain import explain_threshold
from stillframe.rules.gate_evidence import Candidate, Count, LeftOut
from stillframe.rules.gate_wording import (
    at_least_holds,
    at_most_holds,
    count_text,
    limit_text,
    lost_text,
    metric_text,
    no_findings_text,
    no_metric_text,
    unsaid_text,
)
from stillframe.rules.grammar import parse_rule
from stillframe.rules.names import names_in
from stillframe.rules.suppressions import holding

_FAILS_WITHOUT = "this check fails without data"
_NO_EARLIER_STATE = "no data: there is no earlier state to compare with"


def decide(
    profile: Profile,
    *,
    payload: Payload,
    diff: Diff | None,
    suppressions: Iterable[Suppression],
    now: datetime,
    places: Mapping[str, str],
    project_name: str | None = None,
    left_out: LeftOut = MappingProxyType({}),
) -> GateVerdict:
    """
    Return what a profile decides of a candidate: fail if a blocker fails, warn if only warnings do, else pass.

    What nobody measured is neither good nor bad: its check is skipped, or fails where the profile says so. A
    suppression counts for findings alone, and never makes a decision worse.

    Shape   `diff`: from the adopted state to the candidate; None without an adopted state. `places`: finding id →
            `file:line`, for witnesses. `left_out`: by dimension, tools that the earlier state had a report of and the
            candidate has none of. `project_name`: suppressions of other projects count for nothing; without it all
            that are given are taken to be this project's.
    Units   Limits are inclusive, with a relative slack of 1e-9.
    Source  docs/reference/release-profiles.md, "How a gate decides".
    """
    held = holding(suppressions, now=now, project_name=project_name)
    candidate = Candidate(payload, answered_for=held.keys(), places=places)
    results = tuple(_result(check, candidate, diff, left_out=left_out) for check in profile.checks)
    return GateVerdict(
        decision=_decision(results),
        checks=results,
        evidence_incomplete=any(found.severity == "blocker" and found.observed is None for found in results),
        suppressions=[held[finding] for finding in sorted(set(_answered_for(profile, candidate)))],
    )


def _decision(results: tuple[CheckResult, ...]) -> GateDecision:
    failed = {found.severity for found in results if found.status == "fail"}
    return "fail" if "blocker" in failed else "warn" if "warning" in failed else "pass"


def _answered_for(profile: Profile, candidate: Candidate) -> Iterator[str]:
    """Yield the findings that a check did not count because somebody answers for them."""
    for check in profile.checks:
        if check.findings is not None:
            count = candidate.count(check.findings, check.within)
            if count.suppressed:
                yield from (str(row["id"]) for row in count.answered_rows)


def _result(check: Check, candidate: Candidate, diff: Diff | None, *, left_out: LeftOut) -> CheckResult:
    if check.findings is not None:
        return _of_findings(check, candidate, candidate.count(check.findings, check.within), diff=diff)
    if check.metric is not None:
        return _of_metric(check, check.metric, candidate)
    return _of_change(check, candidate, diff, left_out=left_out)


def _of_findings(check: Check, candidate: Candidate, count: Count, *, diff: Diff | None) -> CheckResult:
    """Judge open findings; what is asked for at least is judged on all, so that no suppression can fail a check."""
    if not count.measured:
        return _without_data(check, no_findings_text(count, check), missing=count.missing)
    few, many = not at_least_holds(count.found, check), not at_most_holds(count.open, check)
    suppressed = not at_most_holds(count.found, check)
    lost = candidate.lost(check.findings or "info", count.missing, diff)
    if lost and not (few or many):
        return _without_data(check, lost_text(lost), missing=lost)
    status: CheckStatus = "fail" if few or many else "suppressed" if suppressed else "pass"
    rows = count.open_rows if many else count.answered_rows if status == "suppressed" else ()
    return _told(
        check,
        status,
        count_text(count, check),
        observed=count.open,
        suppressed=count.suppressed,
        missing=count.missing,
        witnesses=tuple(map(candidate.witness, rows[:MAX_WITNESSES])),
    )


def _of_metric(check: Check, name: str, candidate: Candidate) -> CheckResult:
    reading = candidate.metric(name)
    if reading.value is None:
        return _without_data(check, no_metric_text(reading, check), missing=(name,))
    holds = at_most_holds(reading.value, check) and at_least_holds(reading.value, check)
    return _told(check, "pass" if holds else "fail", metric_text(reading.value, check), observed=reading.value)


def _of_change(check: Check, candidate: Candidate, diff: Diff | None, *, left_out: LeftOut) -> CheckResult:
    """
    Judge a change that is forbidden: an empty diff meets no rule, and a rule that cannot be judged is no data.

    Neither is one that is not true where what it speaks of is not said on both sides, or by fewer tools than before:
    else leaving a scanner out, once or in turns, would be the way past the gate.
    """
    if diff is None:
        return _without_data(check, _NO_EARLIER_STATE)
    try:
        verdict = explain_threshold(diff, check.forbid or {})
    except IncompleteDiff as error:
        return _without_data(check, f"no data: {error.message}")
    if verdict.outcome == "unknown":
        return _without_data(check, f"no data: {verdict.sentence}")
    if not verdict.met and not diff.is_empty:
        unjudged = candidate.unjudged(names_in(parse_rule(check.forbid or {})), diff, left_out)
        if unjudged.names:
            return _without_data(check, unsaid_text(unjudged), missing=unjudged.names)
    if not verdict.met:
        return _told(check, "pass", f"did not happen: {verdict.sentence}", observed=False)
    witnesses = tuple(map(candidate.completed, list(_witnesses(verdict))[:MAX_WITNESSES]))
    return _told(check, "fail", f"forbidden: {verdict.sentence}", observed=True, witnesses=witnesses)


def _witnesses(verdict: Verdict) -> Iterator[Mapping[str, Any]]:
    """Yield what made a rule true, combinator by combinator."""
    yield from verdict.witnesses
    for child in verdict.children:
        if child.met:
            yield from _witnesses(child)


def _without_data(check: Check, said: str, *, missing: tuple[str, ...] = ()) -> CheckResult:
    if check.on_missing == "fail":
        return _told(check, "fail", f"{said}; {_FAILS_WITHOUT}", missing=missing)
    return _told(check, "skipped", said, missing=missing)


def _told(
    check: Check,
    status: CheckStatus,
    message: str,
    *,
    observed: Number | bool | None = None,
    suppressed: int = 0,
    missing: tuple[str, ...] = (),
    witnesses: tuple[Mapping[str, Any], ...] = (),
) -> CheckResult:
    return CheckResult(
        id=check.id,
        type=check.type,
        severity=check.severity,
        status=status,
        observed=observed,
        limit=limit_text(check),
        message=message,
        title=check.title,
        suppressed=suppressed,
        missing=missing,
        witnesses=witnesses,
    )
