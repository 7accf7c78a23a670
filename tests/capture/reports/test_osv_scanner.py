"""
OSV-Scanner: vulnerabilities by package, grouped where several names mean the same.

The shapes are those of https://google.github.io/osv-scanner/output/ and of the OSV schema.
"""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.osv_scanner import OsvScanner
from stillframe.model.facts import Component
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import assert_affordable, known_against, refusal, said, written

READER = OsvScanner()
PYSEC = {"id": "PYSEC-2021-66", "aliases": ["CVE-2020-28493"], "details": "It may take very long."}
GHSA = {
    "id": "GHSA-g3rq-g295-4j3m",
    "aliases": ["CVE-2020-28493"],
    "summary": "Slow regular expressions",
    "database_specific": {"severity": "MODERATE"},
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"}],
}
GROUP = {
    "ids": ["GHSA-g3rq-g295-4j3m", "PYSEC-2021-66"],
    "aliases": ["CVE-2020-28493", "GHSA-g3rq-g295-4j3m", "PYSEC-2021-66"],
    "max_severity": "5.3",
}


def entry(**members: Any) -> dict[str, Any]:
    return {"package": {"name": "jinja2", "version": "2.11.2", "ecosystem": "PyPI"}, **members}


def report(*packages: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "results": [{"source": {"path": "/src/poetry.lock", "type": "lockfile"}, "packages": [*packages]}],
        **members,
    }


FIRST = report(entry(vulnerabilities=[PYSEC, GHSA], groups=[GROUP]))
SECOND = report(
    entry(
        vulnerabilities=[PYSEC, GHSA], groups=[{**GROUP, "experimental_analysis": {"PYSEC-2021-66": {"called": True}}}]
    ),
    {"package": {"name": "openssl", "version": "3.0", "ecosystem": "Debian:12"}, "licenses": ["Apache-2.0", "UNKNOWN"]},
    experimental_config={"licenses": {"summary": False, "allowlist": None}},
    license_summary=None,
)


def test_a_group_is_one_vulnerability_with_all_its_names() -> None:
    """The same weakness has a name in each database."""
    found = known_against(said(READER, FIRST))
    assert list(found) == ["pkg:pypi/jinja2 GHSA-g3rq-g295-4j3m"]
    [one] = found.values()
    assert one.ids == ("GHSA-g3rq-g295-4j3m", "PYSEC-2021-66", "CVE-2020-28493")
    assert (one.severity, one.version, one.title) == ("medium", "2.11.2", "Slow regular expressions")


@pytest.mark.parametrize(
    ("score", "word", "severity"),
    [
        ("9.8", None, "critical"),
        ("7", "LOW", "high"),
        ("", "CRITICAL", "critical"),
        (None, "MODERATE", "medium"),
        (6.5, None, "medium"),
        ("", None, None),
        ("", "strange", None),
        ("3.9", "HIGH", "high"),
    ],
)
def test_a_score_and_a_word_give_the_worse_severity(score: Any, word: str | None, severity: str | None) -> None:
    """The scanner computes one, the database says the other; either may be missing."""
    known = {"id": "GHSA-1", "database_specific": {"severity": word}}
    group = {"ids": ["GHSA-1"], "max_severity": score}
    [one] = said(READER, report(entry(vulnerabilities=[known], groups=[group]))).vulnerabilities or ()
    assert one.severity == severity


def test_a_vulnerability_without_a_group_stands_alone() -> None:
    """The oldest versions did not group."""
    found = known_against(said(READER, report(entry(vulnerabilities=[PYSEC]))))
    assert found["pkg:pypi/jinja2 PYSEC-2021-66"].ids == ("PYSEC-2021-66", "CVE-2020-28493")


@pytest.mark.parametrize(
    ("analysis", "suppressed"),
    [
        ({"A": {"called": False}, "B": {"called": False}}, True),
        ({"A": {"called": False}, "B": {"called": True}}, False),
        ({"A": {"called": True, "unimportant": True}}, True),
        ({}, False),
        (None, False),
    ],
)
@pytest.mark.parametrize("member", ["experimentalAnalysis", "experimental_analysis"])
def test_what_nothing_calls_is_suppressed(analysis: Any, suppressed: bool, member: str) -> None:
    """The scanner followed the calls and found none to it, or its distribution holds it unimportant."""
    document = report(entry(groups=[{"ids": ["A", "B"], member: analysis}]))
    [one] = said(READER, document).vulnerabilities or ()
    assert one.suppressed is suppressed


def test_what_was_withdrawn_is_suppressed() -> None:
    """The database itself took it back."""
    document = report(entry(vulnerabilities=[{**PYSEC, "withdrawn": "2026-01-01T00:00:00Z"}]))
    assert [one.suppressed for one in said(READER, document).vulnerabilities or ()] == [True]


def test_licences_are_read_where_the_scanner_was_asked_for_them() -> None:
    """Otherwise it lists vulnerable packages alone, which are not what the project is made of."""
    assert said(READER, FIRST).components is None
    assert said(READER, SECOND).components == (
        Component(package="pkg:deb/debian/openssl", version="3.0", licences=(frozenset({"Apache-2.0"}),)),
    )


def test_no_results_are_no_vulnerabilities() -> None:
    """It looked and found none."""
    assert said(READER, {"results": []}).vulnerabilities == ()
    assert said(READER, {"results": None, "experimental_config": {}}).vulnerabilities == ()


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (report({"vulnerabilities": [PYSEC]}), "$.results[0].packages[0].package: osv-scanner: a package without name"),
        (
            report(entry(vulnerabilities=[{}])),
            "$.results[0].packages[0].vulnerabilities[0]: osv-scanner: Object missing",
        ),
        (report(entry(groups=[{"ids": [1]}])), "$.results[0].packages[0].groups[0].ids[0]"),
        (written(FIRST)[:200], "byte 200: osv-scanner: the report is cut off"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(document: Any, says: str) -> None:
    """However deep it lies."""
    assert says in refusal(READER, document)


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, the answer is facts or a refusal that names the place."""
    assert_law(READER, [written(FIRST), written(SECOND)])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """However 64 MiB are filled."""
    assert_bounded(READER, [written(SECOND)])


def test_many_vulnerabilities_of_one_package_cost_no_more() -> None:
    """They are held until their groups are read, and counted as long."""
    many = [
        {"id": f"A-{index}", "details": "😀" + "y" * 500, "aliases": [f"B-{index}-{alias}" for alias in range(50)]}
        for index in range(49_000)
    ]
    assert_affordable(READER, report(entry(vulnerabilities=many)))


def test_what_has_only_a_commit_is_named_by_it() -> None:
    """A submodule is matched by its commit; one such package must not make the whole report unreadable."""
    package = {"name": "", "ecosystem": "", "commit": "9a6b1c0"}
    [one] = said(READER, report(entry(package=package, vulnerabilities=[PYSEC]))).vulnerabilities or ()
    assert one.package == "pkg:generic/9a6b1c0"
