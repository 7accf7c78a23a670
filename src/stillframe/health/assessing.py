"""From the facts of reports to six summaries, the findings behind them, and which report fed which part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stillframe.errors import CaptureRefused, Fault
from stillframe.health.audit import audit
from stillframe.health.brought import Sources, with_brought
from stillframe.health.compliance import asks_for_licences, compliance
from stillframe.health.findings import finding_rows, places_of
from stillframe.health.formula import FORMULA_VERSION, Formula
from stillframe.health.merging import contradiction, failed_parts, in_order, looked_for, merged
from stillframe.health.project import SCORE_TOLERANCE, score_of
from stillframe.health.quality import quality
from stillframe.health.release import release
from stillframe.health.sca import sca
from stillframe.health.score import Health, grade_of, health_of, risk_of, signs_of
from stillframe.health.scored import Scored, measure, share
from stillframe.health.told import Told
from stillframe.model.facts import PARTS, Evidence, Part, ReportFacts
from stillframe.model.payload import Row
from stillframe.model.scope import DIMENSIONS

_HEALTH: Final = "health"
_SUMMARY: Final = "a summary"
_TOOL: Final = "a report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """
    What reports come to.

    Shape   `summaries` by dimension, as payloads have them. `findings`: the open ones as rows of `FINDING_COLUMNS`;
            None where no report speaks of findings. `parts`: which parts each report fed, by its name. `places`: where
            each finding stands, `file:line`, by its id. `analyzers`: what wrote the reports,
            `bandit 1.8.0; ruff 0.14.2`.
    """

    summaries: Mapping[str, Any]
    findings: Sequence[Row] | None
    parts: Mapping[str, tuple[Part, ...]]
    places: Mapping[str, str]
    analyzers: str


def assess(evidence: Sequence[Evidence], *, formula: Formula, kloc: float | None = None) -> Assessment:
    """
    Score what reports say, by formula v1.

    The order in which the reports come changes nothing, and neither does a report that is given twice.

    Units   `kloc`: thousand lines of code, where no report counts them.
    Errors  CaptureRefused with one fault for each two reports that answer a question differently, naming both.
    Source  docs/reference/health-score.md.
    """
    found = in_order(evidence)
    together = merged(found, kloc=kloc)
    told = together.told
    fed = {each.name: _fed_by(each.facts, told, formula) for each in evidence}
    parts, summaries, faults = with_brought(_scored(told, formula), told, _sources(found, fed))
    faults += _two_scores(found, told)
    if together.faults or faults:
        raise CaptureRefused(faults=dict.fromkeys((*together.faults, *faults)))
    signs = signs_of(summaries, weights=formula.weights)
    health = health_of(parts, weights=formula.weights, signs=signs)
    given: Mapping[str, Any] = told.summaries.get(_HEALTH, {})
    if score_of(given) is None:
        own = _computed(health, given)
    else:
        own = _brought(given, health, risk=risk_of(score_of(given), signs=signs))
    summaries[_HEALTH] = {**given, **own}
    return Assessment(
        summaries={name: summaries[name] for name in DIMENSIONS if name in summaries},
        findings=finding_rows(told, formula.compliance),
        parts=fed,
        places=places_of(finding for each in found for finding in _every_finding(each.facts)),
        analyzers="; ".join(
            sorted({_analyzer(each.facts) for each in found if each.facts.tool and each.facts.gate is None})
        ),
    )


def _two_scores(evidence: Iterable[Evidence], told: Told) -> Iterator[Fault]:
    """Give a fault where a health score is brought beside reports of tools, from which it is computed."""
    score = score_of(told.summaries.get(_HEALTH))
    if score is None:
        return
    every = list(evidence)
    brought = next((each.name for each in every if _HEALTH in (each.facts.summaries or ())), _SUMMARY)
    tools = [each.name for each in every if each.facts.summaries is None and each.facts.gate is None]
    if tools:
        yield contradiction(tools[0], brought, what="the health score", answers=("computed from it", f"{score:g}"))


def release_summary(evidence: Sequence[Evidence]) -> dict[str, Any]:
    """
    Return the summary of the release alone, as a release gate's decision among the evidence makes it.

    Errors  CaptureRefused where two decisions contradict each other.
    """
    together = merged(evidence)
    if together.faults:
        raise CaptureRefused(faults=together.faults)
    return release(together.told).as_summary()


def _scored(told: Told, formula: Formula) -> dict[Part, Scored]:
    every = (audit(told), compliance(told, formula.compliance), release(told), sca(told), quality(told))
    return {scored.part: scored for scored in every}


def _fed_by(facts: ReportFacts, told: Told, formula: Formula) -> tuple[Part, ...]:
    """Return the parts that a report says something of; of one whose run failed, those that it should have."""
    if facts.failed is not None:
        return failed_parts(facts)
    measures_quality = (facts.coverage, facts.documentation, facts.complexity, facts.unused, facts.tests)
    counts_lines = facts.code_size is not None and told.size is not None and facts.code_size.source == told.size.source
    has_licences = asks_for_licences(Told(components=facts.components), formula.compliance)
    feeds: Mapping[Part, bool] = {
        "audit": counts_lines and "audit" in told.findings,
        "compliance": has_licences or bool(facts.policy_checks),
        "release": facts.gate is not None or facts.tests is not None,
        "sca": facts.vulnerabilities is not None or facts.components is not None,
        "quality": counts_lines or any(found is not None for found in (*measures_quality, facts.definitions)),
    }
    brought = set(facts.summaries or ())
    return tuple(part for part in PARTS if feeds[part] or part in looked_for(facts) or part in brought)


def _sources(evidence: Iterable[Evidence], fed: Mapping[str, tuple[Part, ...]]) -> Sources:
    every = list(evidence)

    def summary(part: Part) -> str:
        return next((each.name for each in every if part in (each.facts.summaries or ())), _SUMMARY)

    def tool(part: Part) -> str:
        tools = (each for each in every if each.facts.summaries is None and each.facts.failed is None)
        return next((each.name for each in tools if part in fed[each.name]), _TOOL)

    return Sources(summary=summary, tool=tool)


def _computed(health: Health, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summary of a health that the parts come to, with what was measured of it besides."""
    own = [
        share("evidence_coverage", health.evidence_coverage),
        measure("provisional_score", health.provisional, better="higher", unit="points", tolerance=SCORE_TOLERANCE),
    ]
    ids = {found["id"] for found in own}
    besides = [found for found in given.get("measures", ()) if found["id"] not in ids]
    return {
        "score": health.score,
        "tolerance": SCORE_TOLERANCE,
        "measures": [*own, *besides],
        "health_score_available": health.score is not None,
        "score_formula_version": FORMULA_VERSION,
        "grade": health.grade,
        "risk_level": health.risk,
        "reason_codes": list(health.reason_codes),
        "score_breakdown": [dict(line) for line in health.breakdown],
    }


def _brought(given: Mapping[str, Any], health: Health, *, risk: str) -> dict[str, Any]:
    """Return what is said of a health that a summary brought: no formula of ours, so nothing contributes to it."""
    return {
        "health_score_available": True,
        "score_formula_version": None,
        "grade": grade_of(score_of(given)),
        "risk_level": risk,
        "reason_codes": [],
        "score_breakdown": [{**line, "contribution": None} for line in health.breakdown],
    }


def _every_finding(facts: ReportFacts) -> Iterable[Any]:
    return (*(facts.findings or ()), *(facts.unused or ()))


def _analyzer(facts: ReportFacts) -> str:
    return f"{facts.tool} {facts.version}" if facts.version else str(facts.tool)
