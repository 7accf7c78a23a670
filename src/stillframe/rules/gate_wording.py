"""The words of a gate's checks: what was seen, what is allowed, and what nobody said."""

from __future__ import annotations

import json
from collections.abc import Sequence

from stillframe.model.gate import Check
from stillframe.model.payload import Number
from stillframe.rules.conditions import RELATIVE_SLACK
from stillframe.rules.facts import reaches
from stillframe.rules.gate_evidence import Count, Reading, Unjudged
from stillframe.rules.wording import number_text

_DIGITS = range(4, 18)


def at_most_holds(value: Number, check: Check) -> bool:
    """Say whether a value is at most what is allowed: inclusive, with a relative slack of 1e-9."""
    return check.at_most is None or value <= check.at_most * (1 + RELATIVE_SLACK)


def at_least_holds(value: Number, check: Check) -> bool:
    """Say whether a value is at least what is required: inclusive, with a relative slack of 1e-9."""
    return check.at_least is None or reaches(value, check.at_least)


def limit_text(check: Check) -> str:
    """
    Return what a check allows as a short text.

    >>> limit_text(Check(id="c", type="security", severity="blocker", findings="critical", at_most=0))
    '= 0'
    >>> limit_text(Check(id="c", type="testing", severity="warning", metric="quality.coverage.line", at_least=0.55))
    '>= 0.55'
    """
    if check.forbid is not None:
        return f"not {json.dumps(check.forbid, ensure_ascii=False, sort_keys=True)}"
    if check.findings is not None and check.at_most == 0 and check.at_least is None:
        return "= 0"
    limits = ((">=", check.at_least), ("<=", check.at_most))
    return " and ".join(f"{sign} {number_text(limit)}" for sign, limit in limits if limit is not None)


def count_text(count: Count, check: Check) -> str:
    """Return how many findings there are and how many may be; and of which dimensions nobody said it."""
    what = "finding" if count.open == 1 else "findings"
    number = number_text(count.open) if count.open else "no"
    said = f"{number} {check.findings} {what} open in {listed(count.measured)}"
    if count.suppressed:
        said += f", {count.suppressed} more {'is' if count.suppressed == 1 else 'are'} suppressed"
    said += f", {_allowed(check)}"
    return f"{said}; nothing says how many there are in {listed(count.missing)}" if count.missing else said


def metric_text(value: Number, check: Check) -> str:
    """Return what a metric is, in as few digits as keep it on its side of the limits, and what it may be."""
    return f"{check.metric} is {_beside(value, check)}, {_allowed(check)}"


def no_findings_text(count: Count, check: Check) -> str:
    """Say that nobody counted findings."""
    return f"no data: nothing says how many {check.findings} findings there are in {listed(count.missing, last='or')}"


def no_metric_text(reading: Reading, check: Check) -> str:
    """Say that nobody measured a metric, or what is said instead."""
    words = {"not_measured": "was not measured", "stale": "is stale", "error": "could not be measured"}
    said = words.get(reading.status)
    return f"no data: {check.metric} {said}" if said else f"no data: nothing says {check.metric}"


def listed(names: Sequence[str], *, last: str = "and") -> str:
    """
    Return names as a phrase.

    >>> listed(["audit"]), listed(["audit", "sca", "quality"])
    ('audit', 'audit, sca and quality')
    """
    return f" {last} ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _allowed(check: Check) -> str:
    said = []
    if check.at_least is not None:
        said.append(f"at least {number_text(check.at_least)} {_is(check.at_least, check)} required")
    if check.at_most == 0 and check.findings is not None:
        said.append("none is allowed")
    elif check.at_most is not None:
        said.append(f"at most {number_text(check.at_most)} {_is(check.at_most, check)} allowed")
    return " and ".join(said)


def _is(number: Number, check: Check) -> str:
    return "is" if number == 1 or check.metric is not None else "are"


def _beside(value: Number, check: Check) -> str:
    sides = at_most_holds(value, check), at_least_holds(value, check)
    text = ""
    for digits in _DIGITS:
        text = number_text(value, digits=digits)
        if (at_most_holds(float(text), check), at_least_holds(float(text), check)) == sides:
            break
    return text


def unsaid_text(found: Unjudged) -> str:
    """
    Return the sentence for a change that cannot be judged.

    >>> unsaid_text(Unjudged(gone=("sca.score",), new=(), fewer=("semgrep",)))
    'no data: the candidate does not say sca.score; it has no report of semgrep, which the state before had'
    """
    reasons = [
        f"the candidate does not say {', '.join(found.gone)}" if found.gone else "",
        f"the state before did not say {', '.join(found.new)}" if found.new else "",
        f"it has no report of {', '.join(found.fewer)}, which the state before had" if found.fewer else "",
    ]
    return f"no data: {'; '.join(filter(None, reasons))}"


def lost_text(dimensions: tuple[str, ...]) -> str:
    """
    Return the sentence for findings of which some are no longer counted.

    >>> lost_text(("audit",))
    'no data: nothing says how many there are in audit, where a report failed or one was before'
    """
    return (
        f"no data: nothing says how many there are in {', '.join(dimensions)}, where a report failed or one was before"
    )
