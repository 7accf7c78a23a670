"""
Grype: which packages match which vulnerabilities, and which matches were ignored.

The shapes are those of https://github.com/anchore/grype, `grype/presenter/models`.
"""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.grype import Grype
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import known_against, refusal, said, written

READER = Grype()


def match(
    known: str = "GHSA-g3rq-g295-4j3m", severity: str = "Medium", *, related: Any = None, **artifact: Any
) -> dict[str, Any]:
    jinja = {"id": "1", "name": "Jinja2", "version": "2.11.2", "type": "python", "purl": "pkg:pypi/Jinja2@2.11.2"}
    return {
        "vulnerability": {"id": known, "severity": severity, "namespace": "github:language:python"},
        "relatedVulnerabilities": related,
        "matchDetails": [{"type": "exact-direct-match"}],
        "artifact": {**jinja, **artifact},
    }


CVE = {"id": "CVE-2020-28493", "severity": "Medium", "description": "It may take very long."}


def report(*matches: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"matches": [*matches], "descriptor": {"name": "grype", "version": "0.87.0"}, **members}


FULL = report(
    match(related=[CVE]),
    match("CVE-2023-1", "Negligible", name="openssl", type="deb", purl="pkg:deb/debian/openssl@3.0?arch=amd64"),
    ignoredMatches=[{**match("CVE-2023-2", "High"), "appliedIgnoreRules": [{"vulnerability": "CVE-2023-2"}]}],
    source={"type": "image", "target": {}},
)


def test_matches_are_vulnerabilities_with_the_names_of_their_relatives() -> None:
    """GitHub's advisory and the CVE are one."""
    facts = said(READER, FULL)
    found = known_against(facts)
    assert (facts.tool, facts.version, facts.components) == ("grype", "0.87.0", None)
    jinja = found["pkg:pypi/jinja2 GHSA-g3rq-g295-4j3m"]
    assert jinja.ids == ("GHSA-g3rq-g295-4j3m", "CVE-2020-28493")
    assert (jinja.severity, jinja.version, jinja.title) == ("medium", "2.11.2", "It may take very long.")
    assert found["pkg:deb/debian/openssl CVE-2023-1"].severity == "low"


def test_an_advisory_over_several_cves_is_none_of_them() -> None:
    """Joined with all of them it would make one vulnerability of many, and hide the others."""
    [one] = said(READER, report(match("ELSA-2023-1", related=[CVE, {"id": "CVE-2020-2"}]))).vulnerabilities or ()
    assert one.ids == ("ELSA-2023-1",)


def test_ignored_matches_are_suppressed() -> None:
    """Somebody told the scanner to accept them, or the distribution says that they do not apply."""
    found = known_against(said(READER, FULL))
    assert found["pkg:pypi/jinja2 CVE-2023-2"].suppressed
    assert not found["pkg:pypi/jinja2 GHSA-g3rq-g295-4j3m"].suppressed


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("Critical", "critical"),
        ("High", "high"),
        ("Medium", "medium"),
        ("Low", "low"),
        ("Negligible", "low"),
        ("Unknown", None),
    ],
)
def test_every_word_of_grype_has_its_severity(word: str, severity: str | None) -> None:
    """Unknown is not harmless."""
    [one] = said(READER, report(match(severity=word))).vulnerabilities or ()
    assert one.severity == severity


@pytest.mark.parametrize(
    ("artifact", "package"),
    [
        ({"purl": "", "type": "python", "name": "Zope.Interface"}, "pkg:pypi/zope-interface"),
        ({"purl": "", "type": "rust-crate", "name": "serde"}, "pkg:cargo/serde"),
        ({"purl": "no url", "type": "npm", "name": "@a/b"}, "pkg:npm/%40a/b"),
        ({"purl": "", "type": "binary", "name": "busybox"}, "pkg:generic/busybox"),
    ],
)
def test_without_a_package_url_the_type_tells(artifact: dict[str, str], package: str) -> None:
    """Grype knows more packages than package URLs do."""
    [one] = said(READER, report(match(**artifact))).vulnerabilities or ()
    assert one.package == package


def test_no_matches_are_no_vulnerabilities() -> None:
    """It looked and found none."""
    assert said(READER, report()).vulnerabilities == ()


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (report({"vulnerability": {"id": "CVE-1"}}), "$.matches[0]: grype: Object missing required field `artifact`"),
        (report(match(), ignoredMatches=[5]), "$.ignoredMatches[0]: grype: Expected `object`, got `int`"),
        (written(FULL)[:250], "byte 250: grype: the report is cut off"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(document: Any, says: str) -> None:
    """In both lists."""
    assert says in refusal(READER, document)


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, the answer is facts or a refusal that names the place."""
    assert_law(READER, [written(FULL)])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """However 64 MiB are filled."""
    assert_bounded(READER, [written(FULL)])
