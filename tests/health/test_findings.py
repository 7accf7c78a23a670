"""Findings: each once under its id, and in the table exactly those that are open."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stillframe.health import CompliancePolicy, Formula
from stillframe.health.findings import finding_rows, merged_findings, places_of
from stillframe.health.project import FINDING_COLUMNS
from stillframe.health.told import Told
from stillframe.model.facts import PARTS, SEVERITIES, Finding
from tests.health.reports import (
    assessed,
    bandit,
    bill,
    covered,
    evidence,
    finding,
    junit,
    scorecard,
    summary,
    unused,
    vulnerability,
)

findings = st.lists(
    st.builds(
        finding,
        st.sampled_from("abc"),
        st.sampled_from(SEVERITIES),
        st.sampled_from(PARTS),
        title=st.sampled_from("xy"),
        file=st.sampled_from(["a.py", "b.py", None]),
        line=st.integers(1, 9),
        suppressed=st.booleans(),
        tainted=st.booleans(),
    ),
    max_size=10,
)


def rows(*reports: Any, **policy: Any) -> Any:
    found = assessed(*reports, formula=Formula(compliance=CompliancePolicy(**policy))).findings
    return None if found is None else {str(row["id"]): row for row in found}


def test_of_one_finding_in_two_reports_the_worst_severity_counts() -> None:
    """Two tools that see the same are one finding; accepted only if both accept it."""
    one, two = finding("a", "low", suppressed=True), finding("a", "critical", tainted=True)
    found = merged_findings([one, two])
    assert [(each.severity, each.suppressed, each.tainted) for each in found] == [("critical", False, True)]


@given(findings, st.randoms())
def test_the_order_of_reports_changes_nothing(found: list[Finding], chance: Random) -> None:
    """Neither which are there, nor what is said of them, nor where they stand."""
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert merged_findings(found) == merged_findings(shuffled)
    assert places_of(found) == places_of(shuffled)


def test_the_table_shows_everything_that_is_open() -> None:
    """Code, packages, tests, licences, policies and dead code, each under its dimension."""
    found = rows(
        bandit("high"),
        evidence("grype", vulnerabilities=[vulnerability(title="sandbox  escape\nin jinja2")]),
        junit(broken="failed", fine="passed"),
        bill("MIT", "GPL-3.0-only OR AGPL-3.0-only"),
        scorecard(Fuzzing=0, Maintained=10),
        unused(1),
        denied_licences=("GPL-3.0-only", "AGPL-3.0-only"),
    )
    assert {name: (row["dimension"], row["severity"]) for name, row in found.items()} == {
        "B0": ("audit", "high"),
        "pkg:pypi/jinja2:CVE-2024-1": ("sca", "high"),
        "broken": ("release", "high"),
        "licence:pkg:pypi/p1": ("compliance", "high"),
        "policy:Fuzzing": ("compliance", "medium"),
        "unused-0": ("quality", "low"),
    }
    assert found["pkg:pypi/jinja2:CVE-2024-1"]["title"] == "sandbox escape in jinja2"
    assert found["pkg:pypi/jinja2:CVE-2024-1"]["location"] == "pkg:pypi/jinja2"
    assert found["licence:pkg:pypi/p1"]["title"] == "the licence AGPL-3.0-only OR GPL-3.0-only is denied"
    assert all(tuple(row) == FINDING_COLUMNS for row in found.values())


def test_what_was_accepted_is_not_in_the_table() -> None:
    """Not the finding, not the vulnerability, not the code that is allowed to be unused."""
    assert (
        rows(
            bandit(findings=[finding(suppressed=True)]),
            evidence("grype", vulnerabilities=[vulnerability(suppressed=True)]),
            evidence("vulture", unused=[finding("u", "low", "quality", suppressed=True)]),
        )
        == {}
    )


def test_where_no_report_speaks_of_findings_there_is_no_table() -> None:
    """Coverage looks for none; a clean run found none."""
    assert rows(covered(1)) is None
    assert rows(covered(1), bandit()) == {}
    assert rows(junit(a="passed")) == {}
    assert rows(scorecard(a=10)) == {}
    assert rows(scorecard(a=None)) is None
    assert rows(bill("MIT")) is None
    assert rows(bill("MIT"), denied_licences=("X",)) == {}
    assert rows(summary(sca=3)) is None
    assert rows(summary(rows=[], sca=3)) == {}


def test_after_a_run_that_failed_nobody_knows_which_findings_there_are() -> None:
    """What a tool no longer names because it broke down is not resolved."""
    assert rows(bandit("high"), evidence("codeql", failed="out of memory", looks_for=("audit",))) is None
    assert rows(bandit("high"), evidence("radon", failed="nothing could be parsed")) is not None


def test_rows_that_a_summary_brought_stand_beside_the_others() -> None:
    """Of the same id the worst is shown."""
    brought = [
        {"id": "B0", "dimension": "audit", "severity": "critical", "title": "", "location": None},
        {"id": "mine", "dimension": "compliance", "severity": "low", "title": "", "location": None},
    ]
    found = rows(bandit("high"), summary(rows=brought))
    assert {name: row["severity"] for name, row in found.items()} == {"B0": "critical", "mine": "low"}
    milder = [{**brought[0], "severity": "info"}]
    assert rows(bandit("high"), summary(rows=milder))["B0"]["severity"] == "high"


def test_a_row_s_text_is_one_line_and_not_endless() -> None:
    """A table is read by people; a payload's cell has its limit."""
    found = finding_rows(
        Told(findings={"audit": [finding(title=f"first\nsecond\t{'x' * 5_000}", file="y" * 5_000)]}), CompliancePolicy()
    )
    assert found is not None
    assert str(found[0]["title"]).startswith("first second x")
    assert [len(str(found[0][name])) for name in ("title", "location")] == [1_000, 1_000]


def test_lines_are_for_people_and_stay_out_of_the_table() -> None:
    """A finding that moved by three lines is neither new nor fixed."""
    one, two = (assessed(bandit(findings=[finding("a", line=number)])) for number in (3, 6))
    assert one.findings == two.findings
    assert (one.places, two.places) == ({"a": "a.py:3"}, {"a": "a.py:6"})
    assert places_of([finding("b", line=None), finding("c", file=None)]) == {"b": "a.py"}
