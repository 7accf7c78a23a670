"""Many reports, one answer to each question: equal ones agree, and two that differ are refused by name."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.health.merging import in_order, looked_for, merged
from stillframe.model.facts import CodeSize, Complexity, Coverage, Evidence, PolicyCheck, ReportFacts, Share
from tests.health.reports import (
    audit_of_packages,
    bandit,
    bill,
    covered,
    evidence,
    finding,
    gate,
    junit,
    lines_of,
    scorecard,
    summary,
    unused,
)


def branches(share: float, name: str) -> Evidence:
    return evidence(name, coverage=Coverage(branch=Share(part=share, whole=1)))


def functions(share: float, name: str) -> Evidence:
    return evidence(name, coverage=Coverage(functions=Share(part=share, whole=1)))


def complex_by(average: float, highest: float, name: str) -> Evidence:
    return evidence(name, complexity=Complexity(total=average * 10, blocks=10, highest=highest))


CONTRADICTIONS = {
    "line coverage": (covered(0.75, name="a"), covered(0.8333, name="b")),
    "branch coverage": (branches(0.5, "a"), branches(0.6, "b")),
    "function coverage": (functions(0.5, "a"), functions(0.6, "b")),
    "documentation": (
        evidence("a", documentation=Share(part=8, whole=10)),
        evidence("b", documentation=Share(part=7, whole=10)),
    ),
    "the average complexity": (complex_by(3, 9, "a"), complex_by(4, 9, "b")),
    "the highest complexity": (complex_by(3, 9, "a"), complex_by(3, 8, "b")),
    "the number of definitions": (evidence("a", definitions=10), evidence("b", definitions=11)),
    "the lines of code that radon counts": (
        lines_of("radon", 100),
        evidence("b", code_size=lines_of("radon", 101).facts.code_size),
    ),
    "the test 't'": (junit("a", t="passed"), junit("b", t="failed")),
    "the check Fuzzing": (
        evidence("a", policy_checks=[PolicyCheck(id="Fuzzing", score=3)]),
        evidence("b", policy_checks=[PolicyCheck(id="Fuzzing", score=4)]),
    ),
    "the release gate": (gate("pass"), evidence("b", gate="fail", gate_counts=gate("pass").facts.gate_counts)),
    "the release gate's checks": (gate("pass"), evidence("b", gate="pass", gate_counts={"skipped": 4})),
    "the summary sca": (summary(name="a", sca=90), summary(name="b", sca=91)),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_two_answers_to_one_question_are_refused(what: str) -> None:
    """One fault, which names both files and the question, in whichever order they came."""
    one, other = CONTRADICTIONS[what]
    for pair in ((one, other), (other, one)):
        faults = merged(pair).faults
        assert len(faults) == 1
        assert {one.name, other.name} <= set(
            (faults[0].path + " " + faults[0].message).replace(",", " ").replace(":", " ").split()
        )
        assert what in faults[0].message


def test_shares_that_one_report_rounded_are_the_same_answer() -> None:
    """Cobertura writes four digits; of the two the one that counts is taken."""
    for pair in (
        (covered(5, 6, name="a"), covered(0.8333, name="b")),
        (covered(0.8333, name="a"), covered(5, 6, name="b")),
    ):
        found = merged(pair)
        assert found.faults == ()
        assert found.told.coverage.line == Share(part=5, whole=6)
    assert merged([covered(0.75, name="a"), covered(0.7505, name="b")]).faults == ()
    assert len(merged([covered(0.75, name="a"), covered(0.7506, name="b")]).faults) == 1


def test_every_contradiction_is_told_at_once() -> None:
    """Nobody mends one to meet the next."""
    assert len(merged([report for pair in CONTRADICTIONS.values() for report in pair]).faults) >= len(CONTRADICTIONS)


def test_lines_of_two_counters_are_two_questions() -> None:
    """Bandit and radon count differently, and both are right."""
    found = merged([lines_of("bandit", 90), lines_of("radon", 100)])
    assert (found.faults, found.told.size and found.told.size.lines) == ((), 90)


def test_a_share_of_nothing_is_no_answer() -> None:
    """No lines were there to be covered."""
    assert merged([covered(0, 0)]).told.coverage.line is None
    assert merged([covered(0, 0, name="a"), covered(1, 2, name="b")]).faults == ()
    nothing = evidence("radon", complexity=Complexity(total=0, blocks=0, highest=0))
    assert merged([nothing]).told.complexity is None


def test_a_policy_check_that_one_tool_could_not_measure_is_measured_by_the_other() -> None:
    """Not measured contradicts nothing."""
    for name in ("before", "z-after"):
        found = merged([scorecard(a=None), evidence(name, policy_checks=[PolicyCheck(id="a", score=7)])])
        assert found.faults == ()
        assert [check.score for check in found.told.policy_checks or ()] == [7]


def test_the_same_bytes_are_one_report() -> None:
    """A file that is given twice says nothing twice."""
    report = junit(a="passed")
    again = Evidence(name="copy.xml", sha256=report.sha256, size=report.size, facts=report.facts)
    assert len(in_order([again, report])) == 1
    assert merged([report, again]).told.tests == report.facts.tests


def test_what_a_report_looks_for_is_what_it_says_and_what_it_found() -> None:
    """Without findings it looked for none, whatever it says."""
    assert looked_for(ReportFacts(format="x", reader=1, looks_for=("audit",))) == set()
    assert looked_for(bandit().facts) == {"audit"}
    mixed = evidence("sarif", findings=[finding(part="quality")], looks_for=("audit",))
    assert looked_for(mixed.facts) == {"audit", "quality"}
    assert looked_for(junit(a="passed").facts) == {"release"}


def test_a_run_that_failed_says_nothing_else() -> None:
    """What it still printed was not measured."""
    broken = evidence("x", failed="why", coverage=Coverage(line=Share(part=1, whole=1)), looks_for=("quality",))
    told = merged([broken]).told
    assert (told.coverage.line, told.failed, told.measuring_failed) == (None, {"quality"}, False)
    assert merged([evidence("x", failed="why")]).told.measuring_failed


POOL: list[Evidence] = [
    bandit("high", "low"),
    evidence("sarif", findings=[finding("B0", "critical"), finding("q", "info", "quality")], looks_for=("audit",)),
    audit_of_packages("high", None),
    audit_of_packages("critical", name="trivy"),
    bill("MIT", None),
    bill("GPL-3.0-only", name="spdx"),
    scorecard(a=3, b=None),
    covered(5, 6, name="coverage"),
    covered(0.8333, name="cobertura"),
    junit("shard-1", a="passed", b="failed"),
    junit("shard-2", b="failed", c="skipped"),
    unused(2),
    gate("warn"),
    summary(compliance={"measures": [{"id": "threat_model_current", "value": 1}]}),
    evidence("codeql", failed="out of memory", looks_for=("audit",)),
    *CONTRADICTIONS["documentation"],
]


@given(st.permutations(POOL), st.integers(0, len(POOL)), st.randoms(use_true_random=False))
def test_merging_is_independent_of_order(pool: list[Evidence], count: int, chance: Random) -> None:
    """The same reports are the same answers, and the same contradictions."""
    reports = pool[:count]
    shuffled = list(reports)
    chance.shuffle(shuffled)
    one, two = merged(reports), merged(shuffled)
    assert one.faults == two.faults
    assert one.told == two.told


def test_a_tool_that_found_no_code_has_not_counted_any() -> None:
    """Bandit over a project that is not Python says 0 lines; the figure that somebody else counted stands."""
    nothing = evidence("bandit.json", code_size=CodeSize(lines=0, source="bandit"))
    counted = evidence("radon.json", code_size=CodeSize(lines=500, source="radon"))
    for reports, kloc, lines in (([nothing, counted], None, 500), ([nothing], 5.0, 5_000)):
        size = merged(reports, kloc=kloc).told.size
        assert size is not None
        assert size.lines == lines
    assert merged([nothing]).told.size is None
