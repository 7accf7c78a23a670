"""
Trivy: vulnerable packages, all packages with their licences, and what was accepted of them.

The shapes are those of https://trivy.dev/latest/docs/configuration/reporting/ and of `pkg/types` in its repository.
"""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.trivy import Trivy
from stillframe.model.facts import Component
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import assert_affordable, known_against, refusal, said, written

READER = Trivy()


def vulnerability(id_: str = "CVE-2020-28493", severity: str = "MEDIUM", **members: Any) -> dict[str, Any]:
    return {
        "VulnerabilityID": id_,
        "VendorIDs": ["DSA-1"],
        "PkgName": "Jinja2",
        "PkgIdentifier": {"PURL": "pkg:pypi/jinja2@2.11.2", "UID": "1"},
        "InstalledVersion": "2.11.2",
        "Status": "fixed",
        "Severity": severity,
        "Title": "Slow regular expressions",
        **members,
    }


def target(kind: str = "lang-pkgs", **members: Any) -> dict[str, Any]:
    return {"Target": "requirements.txt", "Class": kind, "Type": "pip", **members}


def report(*results: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem", "Results": [*results], **members}


JINJA = {
    "Name": "Jinja2",
    "Version": "2.11.2",
    "Identifier": {"PURL": "pkg:pypi/jinja2@2.11.2"},
    "Licenses": ["BSD-3-Clause"],
}
SETTING = {
    "Type": "Dockerfile Security Check",
    "ID": "DS002",
    "AVDID": "AVD-DS-0002",
    "Title": "Image user should not be root",
    "Message": "Name a user other than root",
    "Severity": "HIGH",
    "Status": "FAIL",
    "CauseMetadata": {"StartLine": 3, "Provider": "Dockerfile"},
}
SECRET = {
    "RuleID": "aws-access-key-id",
    "Category": "AWS",
    "Severity": "CRITICAL",
    "Title": "AWS Access Key ID",
    "StartLine": 7,
    "Match": 'key = "********************"',
}
FULL = report(
    target(
        Packages=[JINJA, {"Name": "my-service", "Relationship": "root"}],
        Vulnerabilities=[vulnerability()],
        ExperimentalModifiedFindings=[
            {"Type": "vulnerability", "Status": "ignored", "Source": ".trivyignore", "Finding": vulnerability("CVE-2")}
        ],
    ),
    {"Target": "Dockerfile", "Class": "config", "Type": "dockerfile", "Misconfigurations": [SETTING]},
    {"Target": "settings.py", "Class": "secret", "Secrets": [SECRET]},
    {
        "Target": "Python",
        "Class": "license",
        "Licenses": [{"PkgName": "click", "Name": "BSD-3-Clause", "Severity": "LOW"}],
    },
    Trivy={"Version": "0.68.1"},
)


def test_vulnerabilities_packages_and_findings_are_read_from_one_report() -> None:
    """Trivy looks at everything that it was asked to."""
    facts = said(READER, FULL)
    jinja = known_against(facts)["pkg:pypi/jinja2 CVE-2020-28493"]
    assert (facts.tool, facts.version) == ("trivy", "0.68.1")
    assert (jinja.severity, jinja.version, jinja.title) == ("medium", "2.11.2", "Slow regular expressions")
    assert facts.components == (
        Component(package="pkg:pypi/jinja2", version="2.11.2", licences=(frozenset({"BSD-3-Clause"}),)),
        Component(package="pkg:generic/click", version=None, licences=(frozenset({"BSD-3-Clause"}),)),
    )
    assert [found.rule for found in facts.findings or ()] == ["AVD-DS-0002", "aws-access-key-id"]


def test_an_advisory_of_the_vendor_is_no_name_of_one_vulnerability() -> None:
    """It covers several; joined by it they would be one."""
    assert known_against(said(READER, FULL))["pkg:pypi/jinja2 CVE-2020-28493"].ids == ("CVE-2020-28493",)


@pytest.mark.parametrize(
    ("status", "suppressed"),
    [
        ("ignored", True),
        ("not_affected", True),
        ("fixed", True),
        ("affected", False),
        ("under_investigation", False),
        ("unknown", False),
    ],
)
def test_what_was_modified_is_suppressed_where_it_was_accepted(status: str, suppressed: bool) -> None:
    """By an ignore file, or by a statement that it does no harm; a statement that it does is none."""
    for kind, finding in (("vulnerability", vulnerability()), ("misconfiguration", SETTING), ("secret", SECRET)):
        change = {"Type": kind, "Status": status, "Finding": finding}
        facts = said(READER, report(target("config", ExperimentalModifiedFindings=[change])))
        found = facts.vulnerabilities if kind == "vulnerability" else facts.findings
        assert [one.suppressed for one in found or ()] == [suppressed]


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", "critical"),
        ("HIGH", "high"),
        ("MEDIUM", "medium"),
        ("LOW", "low"),
        ("UNKNOWN", None),
    ],
)
def test_every_word_of_trivy_has_its_severity(word: str, severity: str | None) -> None:
    """Unknown is not harmless."""
    [one] = said(READER, report(target(Vulnerabilities=[vulnerability(severity=word)]))).vulnerabilities or ()
    assert one.severity == severity


@pytest.mark.parametrize(
    ("results", "measured"),
    [
        ([target()], True),
        ([target("os-pkgs", Type="debian")], True),
        ([{"Target": "x", "Vulnerabilities": []}], True),
        ([target("config")], False),
        ([target("secret", Secrets=[SECRET])], False),
        ([], False),
    ],
)
def test_without_a_target_of_packages_vulnerabilities_were_not_measured(results: Any, measured: bool) -> None:
    """A scan for secrets alone looks the same as one that found no package, and neither is a clean bill."""
    facts = said(READER, report(*results))
    assert (facts.vulnerabilities is not None) is measured


def test_without_settings_and_secrets_nothing_of_the_audit_was_measured() -> None:
    """A scan of packages says nothing about the code; one of settings that are all in order says so."""
    packages = said(READER, report(target(Vulnerabilities=[])))
    assert (packages.findings, packages.looks_for) == (None, ())
    in_order = target("config", Misconfigurations=[{**SETTING, "Status": "PASS"}])
    assert (said(READER, report(in_order)).findings, said(READER, report(in_order)).looks_for) == ((), ("audit",))


@pytest.mark.parametrize(
    ("type_", "name", "package"),
    [
        ("pip", "Zope.Interface", "pkg:pypi/zope-interface"),
        ("jar", "org.yaml:snakeyaml", "pkg:maven/org.yaml/snakeyaml"),
        ("gobinary", "golang.org/x/net", "pkg:golang/golang.org/x/net"),
        ("debian", "openssl", "pkg:deb/debian/openssl"),
        ("alpine", "busybox", "pkg:apk/alpine/busybox"),
        ("kubernetes", "kubelet", "pkg:generic/kubelet"),
    ],
)
def test_without_a_package_url_the_type_of_the_target_tells(type_: str, name: str, package: str) -> None:
    """Older versions gave no package URLs."""
    found = vulnerability(PkgName=name, PkgIdentifier=None)
    assert list(known_against(said(READER, report(target(Type=type_, Vulnerabilities=[found]))))) == [
        f"{package} CVE-2020-28493"
    ]


def test_licences_of_the_licence_scanner_go_to_packages_that_say_none() -> None:
    """What a package says itself is nearer to it than what a scanner read in its files."""
    bare = {**JINJA, "Name": "click", "Identifier": {"PURL": "pkg:pypi/click@8"}, "Licenses": None, "Version": "8"}
    licences = [{"PkgName": "Jinja2", "Name": "MIT"}, {"PkgName": "click", "Name": "MIT"}, {"PkgName": "", "Name": "X"}]
    document = report(target(Packages=[JINJA, bare]), {"Target": "Python", "Class": "license", "Licenses": licences})
    assert [(one.package, one.licences) for one in said(READER, document).components or ()] == [
        ("pkg:pypi/jinja2", (frozenset({"BSD-3-Clause"}),)),
        ("pkg:pypi/click", (frozenset({"MIT"}),)),
    ]
    assert said(READER, report(target(Vulnerabilities=[]))).components is None


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({**FULL, "SchemaVersion": 1}, "$.SchemaVersion: trivy: version 1 is not read; 2 is"),
        ([{"Target": "a", "Vulnerabilities": None}], "$: trivy: a list without SchemaVersion is not read"),
        (report(target(Vulnerabilities=[{}])), "$.Results[0].Vulnerabilities[0]: trivy: Object missing required field"),
        (report(target(Packages=[{"Name": 1}])), "$.Results[0].Packages[0].Name: trivy: Expected `str`, got `int`"),
        (
            report(target(ExperimentalModifiedFindings=[{"Type": "secret", "Finding": {}}])),
            "$.Results[0].ExperimentalModifiedFindings[0].Finding: trivy: Object missing",
        ),
        (written(FULL)[:500], "byte 500: trivy: the report is cut off"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(document: Any, says: str) -> None:
    """The version that is read is named."""
    assert says in refusal(READER, document)


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, the answer is facts or a refusal that names the place."""
    assert_law(READER, [written(FULL)])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """However 64 MiB are filled."""
    assert_bounded(READER, [written(FULL)])


def test_many_names_of_the_licence_scanner_cost_no_more() -> None:
    """They are held until all packages are known, and counted as long."""
    names = [[{"PkgName": f"n{part}-{index}😀", "Name": "MIT"} for index in range(40_000)] for part in range(19)]
    assert_affordable(READER, report(*[{"Target": "Python", "Licenses": part} for part in names]))
