"""Reports in, six summaries out: the laws that hold whatever the reports are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.errors import CaptureRefused
from stillframe.health import CompliancePolicy, Formula, health_card, project_payload, release_summary
from stillframe.health.score import WEIGHTS
from stillframe.model.canonical import canonical_bytes
from stillframe.model.facts import (
    SEVERITIES,
    Complexity,
    Coverage,
    Evidence,
    Finding,
    GateDecision,
    PolicyCheck,
    Share,
    Vulnerability,
)
from stillframe.model.payload import Payload
from stillframe.report.drilldown import drilldown
from tests.health.reports import (
    assessed,
    audit_of_packages,
    bandit,
    bill,
    covered,
    everything,
    evidence,
    finding,
    gate,
    junit,
    lines_of,
    measures,
    score,
    scorecard,
    summary,
    unused,
    vulnerability,
)

severities = st.lists(st.sampled_from(SEVERITIES), max_size=8)
decisions: st.SearchStrategy[GateDecision] = st.sampled_from(("pass", "warn", "fail"))


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Evidence]:
    """Reports of a project, each with what it measures; any of them may be left out."""
    found = [finding(f"f{number}", severity) for number, severity in enumerate(draw(severities))]
    packages = [vulnerability(f"CVE-{number}", severity) for number, severity in enumerate(draw(severities))]
    blocks = draw(st.integers(1, 30))
    average = draw(st.floats(0, 30))
    dead = [finding(f"u{n}", "low", "quality", rule="unused-method") for n in range(draw(st.integers(0, 5)))]
    return {
        "findings": evidence("sarif", findings=found, looks_for=("audit",)),
        "lines": lines_of("radon", draw(st.integers(1, 50_000))),
        "packages": evidence("grype", vulnerabilities=packages),
        "policy": evidence(
            "scorecard",
            policy_checks=[
                PolicyCheck(id=f"c{number}", score=value)
                for number, value in enumerate(draw(st.lists(st.floats(0, 10), min_size=1, max_size=5)))
            ],
        ),
        "coverage": covered(draw(st.floats(0, 1))),
        "documentation": evidence("interrogate", documentation=Share(part=draw(st.floats(0, 1)), whole=1)),
        "complexity": evidence(
            "radon", definitions=blocks, complexity=Complexity(total=average * blocks, blocks=blocks, highest=average)
        ),
        "unused": evidence("vulture", unused=dead),
        "gate": gate(draw(decisions)),
    }


def changed(report: Evidence, **facts: Any) -> Evidence:
    return replace(report, sha256=report.sha256 + "'", facts=replace(report.facts, **facts))


def fewer(items: Any, chance: Random) -> list[Any]:
    """Without one of them."""
    found = list(items)
    if found:
        found.pop(chance.randrange(len(found)))
    return found


def milder(items: list[Finding] | list[Vulnerability], chance: Random) -> list[Any]:
    """One of them a step less severe."""
    found: list[Any] = list(items)
    if found:
        place = chance.randrange(len(found))
        worse = SEVERITIES.index(found[place].severity)
        found[place] = replace(found[place], severity=SEVERITIES[min(worse + 1, len(SEVERITIES) - 1)])
    return found


def nearer(value: float, best: float, chance: Random) -> float:
    return value + (best - value) * chance.random()


def better_policy(facts: Any, chance: Random) -> dict[str, Any]:
    checks = list(facts.policy_checks)
    place = chance.randrange(len(checks))
    checks[place] = replace(checks[place], score=nearer(checks[place].score, 10, chance))
    return {"policy_checks": checks}


IMPROVEMENTS: dict[str, tuple[str, Callable[[Any, Random], dict[str, Any]]]] = {
    "a finding is mended": ("findings", lambda facts, chance: {"findings": fewer(facts.findings, chance)}),
    "a finding is milder": ("findings", lambda facts, chance: {"findings": milder(facts.findings, chance)}),
    "a package is mended": (
        "packages",
        lambda facts, chance: {"vulnerabilities": fewer(facts.vulnerabilities, chance)},
    ),
    "a package is milder": (
        "packages",
        lambda facts, chance: {"vulnerabilities": milder(facts.vulnerabilities, chance)},
    ),
    "a policy check is better": ("policy", better_policy),
    "more is covered": (
        "coverage",
        lambda facts, chance: {
            "coverage": Coverage(line=Share(part=nearer(facts.coverage.line.part, 1, chance), whole=1))
        },
    ),
    "more is documented": (
        "documentation",
        lambda facts, chance: {"documentation": Share(part=nearer(facts.documentation.part, 1, chance), whole=1)},
    ),
    "it is less complex": (
        "complexity",
        lambda facts, chance: {
            "complexity": replace(facts.complexity, total=nearer(facts.complexity.total, 0, chance))
        },
    ),
    "less is unused": ("unused", lambda facts, chance: {"unused": fewer(facts.unused, chance)}),
    "the gate is kinder": (
        "gate",
        lambda facts, chance: {"gate": {"fail": "warn", "warn": "pass", "pass": "pass"}[facts.gate]},
    ),
}


@pytest.mark.parametrize("what", IMPROVEMENTS)
@given(world=worlds(), chance=st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_improving_one_measure_never_lowers_the_health_score(
    what: str, world: dict[str, Evidence], chance: Random
) -> None:
    """What is mended is never punished: not in the score, not in the part."""
    name, improve = IMPROVEMENTS[what]
    better = {**world, name: changed(world[name], **improve(world[name].facts, chance))}
    before, after = assessed(*world.values()), assessed(*better.values())
    assert score(before) is not None
    assert score(before) <= score(after)
    for part in WEIGHTS:
        assert score(before, part) <= score(after, part)


@given(worlds(), st.data())
def test_adding_evidence_never_lowers_the_evidence_coverage(world: dict[str, Evidence], data: st.DataObject) -> None:
    """Whatever a report says, to know it is to know more; the score is there when all is."""
    order = data.draw(st.permutations(list(world.values())))
    known = [measures(assessed(*order[:count]), "health")["evidence_coverage"] for count in range(len(order) + 1)]
    assert known == sorted(known)
    assert (known[0], known[-1]) == (0, 1)


@given(worlds(), st.data())
def test_neither_order_nor_repetition_changes_a_byte(world: dict[str, Evidence], data: st.DataObject) -> None:
    """The same evidence gives the same picture, and the picture is canonical JSON."""
    reports = [*everything()[1:], *world.values()][: data.draw(st.integers(0, 9))]
    reports = [*reports, audit_of_packages("high", name="trivy"), bill("MIT", None), junit(a="failed")]
    shuffled = data.draw(st.permutations([*reports, *reports[:2]]))

    def picture(reports: list[Evidence]) -> bytes:
        try:
            found = assessed(*reports)
        except CaptureRefused as refused:
            return refused.message.encode()
        document = project_payload(found.summaries, findings=found.findings).as_dict()
        return canonical_bytes({"payload": document, "places": dict(found.places), "analyzers": found.analyzers})

    assert picture(reports) == picture(shuffled)


def test_no_figure_reads_back_as_another_number() -> None:
    """What is whole is written whole, so that a stored picture and its replay have the same hash."""

    def floats(value: Any) -> list[float]:
        if isinstance(value, dict):
            return [found for each in value.values() for found in floats(each)]
        if isinstance(value, list | tuple):
            return [found for each in value for found in floats(each)]
        return [value] if isinstance(value, float) else []

    found = floats(assessed(*everything()[1:], bandit("low", lines=700)).summaries)
    assert found
    assert not any(number.is_integer() for number in found)


def test_no_evidence_is_six_times_nothing() -> None:
    """A health summary is always there, and says why there is no score."""
    found = assessed()
    assert list(found.summaries) == ["health"]
    health = found.summaries["health"]
    assert (health["score"], health["grade"], health["risk_level"]) == (None, "N/A", "unknown")
    assert not health["health_score_available"]
    assert (found.findings, found.parts, found.places, found.analyzers) == (None, {}, {}, "")


def test_every_contradiction_is_refused_before_anything_is_scored() -> None:
    """One fault for each, and nothing is taken in half."""
    reports = [covered(0.75, name="a"), covered(0.8333, name="b"), summary(sca=1), audit_of_packages()]
    with pytest.raises(CaptureRefused) as caught:
        assessed(*reports)
    assert len(caught.value.faults) == 2
    with pytest.raises(CaptureRefused, match="line coverage"):
        assessed(*reports[:2])


def test_each_report_says_which_parts_it_fed() -> None:
    """A source is named where it counts, and nowhere else."""
    reports = [
        bandit("high"),
        lines_of("coverage", 10),
        audit_of_packages(),
        bill("MIT"),
        scorecard(a=1),
        junit(a="passed"),
        unused(0),
        gate("pass"),
        summary(health={"score": None, "measures": []}),
        evidence("codeql", failed="why", looks_for=("audit", "quality")),
    ]
    assert assessed(*reports).parts == {
        "bandit.json": ("audit", "quality"),
        "size-coverage.json": (),
        "grype.json": ("sca",),
        "cyclonedx.json": ("sca",),
        "scorecard.json": ("compliance",),
        "junit.json": ("release", "quality"),
        "vulture.json": ("quality",),
        "gate.json": ("release",),
        "summary.json": (),
        "codeql.json": ("audit", "quality"),
    }


def test_a_report_that_only_helps_a_part_is_its_source_where_it_counts() -> None:
    """Lines of code feed audit where there are findings to divide; licences feed compliance where some are denied."""
    assert assessed(lines_of("radon", 10)).parts == {"size-radon.json": ("quality",)}
    denying = Formula(compliance=CompliancePolicy(denied_licences=("GPL-3.0-only",)))
    assert assessed(bill("MIT"), formula=denying).parts == {"cyclonedx.json": ("compliance", "sca")}
    assert assessed(bill(None), formula=denying).parts == {"cyclonedx.json": ("sca",)}


def test_the_tools_are_named_once_each_in_their_order() -> None:
    """A record says what wrote the reports; what names no tool is not named."""
    reports = [bandit(), evidence("b", tool="ruff", version="0.14.2"), evidence("c", tool="radon", version=None)]
    again = evidence("d", tool="ruff", version="0.14.2")
    assert assessed(*reports, again, gate("pass")).analyzers == "bandit 1.0; radon; ruff 0.14.2"


def test_a_health_score_that_was_brought_stands_as_it_is() -> None:
    """It comes from no formula of ours, so no version is named and nothing contributes to it."""
    health = assessed(summary(health={"score": 71.5, "measures": []}, audit=90)).summaries["health"]
    assert (health["score"], health["score_formula_version"], health["grade"]) == (71.5, None, "B")
    assert health["health_score_available"]
    assert health["risk_level"] == "unknown"
    assert {line["contribution"] for line in health["score_breakdown"]} == {None}


def test_five_parts_that_were_brought_make_a_score() -> None:
    """A part is a part, whoever scored it."""
    found = assessed(summary(audit=80, compliance=90, release=50, sca=77, quality=60))
    assert score(found) == 74.05
    assert found.summaries["health"]["score_formula_version"] == "v1"
    assert found.summaries["health"]["risk_level"] == "unknown"
    counted = {"score": 80, "measures": [{"id": "critical", "value": 0}]}
    known = assessed(summary(audit=counted, compliance=90, release=50, sca=counted, quality=60))
    assert known.summaries["health"]["risk_level"] == "medium"


def test_a_critical_finding_makes_the_risk_critical_whatever_the_score() -> None:
    """In audit or in SCA; in quality it does not."""
    clean = everything()
    risks = [
        assessed(*reports).summaries["health"]["risk_level"]
        for reports in (
            clean,
            [bandit("critical", lines=1_000_000), *clean[1:]],
            [*clean, audit_of_packages("critical", name="trivy")],
            [*clean, evidence("ruff", findings=[finding("q", "critical", "quality")])],
        )
    ]
    assert risks == ["low", "critical", "critical", "low"]


def test_a_release_summary_is_that_of_the_whole_picture() -> None:
    """Where a picture was brought, a gate's decision takes the same place in it."""
    assert release_summary([gate("warn", skipped=1)]) == assessed(gate("warn", skipped=1)).summaries["release"]


def test_diff_drilldown_and_card_read_past_what_health_carries_besides() -> None:
    """Grade, risk and breakdown are for people: no metric of theirs appears anywhere."""
    one, two = (
        project_payload(found.summaries, findings=found.findings)
        for found in (assessed(*everything()), assessed(*everything(of_gate="fail")))
    )
    assert Payload.from_dict(one.as_dict()).as_dict() == one.as_dict()
    diff = compute_diff(one.as_dict(), two.as_dict())
    names = {metric.name for metric in diff.metric_deltas}
    assert {name for name in names if name.startswith("health.")} == {
        "health.score",
        "health.evidence_coverage",
        "health.provisional_score",
    }
    assert diff.dimension_states["release"] == diff.dimension_states["health"] == "regressed"
    assert drilldown(one, two, diff)["categories"]["health"]["regressed"] == 2
    assert health_card(two.summaries)["grade"] == "B"


def test_lines_that_were_given_are_used_where_no_report_counts_them() -> None:
    """In thousands."""
    report = evidence("sarif", findings=[finding(severity="high")], looks_for=("audit",))
    assert score(assessed(report, kloc=4), "audit") == 90
    assert score(assessed(report, bandit(), kloc=4), "audit") == 60


def test_the_policy_is_the_formula_s() -> None:
    """Scoring reads nothing but its arguments."""
    assert score(assessed(bill("MIT"), formula=Formula()), "compliance") is None
