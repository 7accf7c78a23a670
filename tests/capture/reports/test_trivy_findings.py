"""Wrong settings and open secrets are findings of the audit, known by what they are and not by their line."""

from __future__ import annotations

from typing import Any

from stillframe.capture.reports.trivy import Trivy
from stillframe.model.facts import Finding
from tests.capture.reports.saying import said

SETTING = {
    "ID": "DS002",
    "AVDID": "AVD-DS-0002",
    "Title": "Image user should not be root",
    "Message": "Name a user other than root",
    "Severity": "HIGH",
    "Status": "FAIL",
    "CauseMetadata": {"Resource": "stage 1", "StartLine": 3},
}
SECRET = {"RuleID": "private-key", "Severity": "CRITICAL", "Title": "Private key", "StartLine": 7, "Match": "----****"}


def found(
    *, settings: Any = (), secrets: Any = (), target: str = "Dockerfile", root: str | None = None
) -> list[Finding]:
    lists = {"Misconfigurations": [*settings], "Secrets": [*secrets]}
    document = {"SchemaVersion": 2, "Results": [{"Target": target, "Class": "config", **lists}]}
    return list(said(Trivy(), document, root=root).findings or ())


def test_a_setting_that_failed_is_a_finding_of_its_rule() -> None:
    """With the words that Trivy has for it."""
    [finding] = found(settings=[SETTING])
    assert (finding.part, finding.severity, finding.rule) == ("audit", "high", "AVD-DS-0002")
    assert (finding.title, finding.file, finding.line) == ("Image user should not be root", "Dockerfile", 3)


def test_a_secret_is_a_finding_of_its_rule() -> None:
    """What lies open is not repeated: Trivy itself stars it out."""
    [finding] = found(secrets=[SECRET], target="/src/keys.pem", root="/src")
    assert (finding.part, finding.severity, finding.rule) == ("audit", "critical", "private-key")
    assert (finding.title, finding.file, finding.line) == ("Private key", "keys.pem", 7)


def test_what_is_in_order_is_no_finding_and_an_exception_is_suppressed() -> None:
    """Trivy lists what passed as well, where it is asked to."""
    statuses = ["PASS", "FAIL", "EXCEPTION"]
    findings = found(settings=[{**SETTING, "ID": status, "AVDID": None, "Status": status} for status in statuses])
    assert [(finding.rule, finding.suppressed) for finding in findings] == [("FAIL", False), ("EXCEPTION", True)]


def test_lines_that_move_make_no_new_finding_and_two_of_a_kind_are_two() -> None:
    """A line inserted above is no change of what is wrong."""

    def moved(lines: int) -> list[dict[str, Any]]:
        return [{**SECRET, "StartLine": line + lines} for line in (7, 9)]

    before = [finding.id for finding in found(secrets=moved(0))]
    assert before == [finding.id for finding in found(secrets=moved(3))]
    assert len(set(before)) == 2


def test_a_severity_that_trivy_does_not_know_counts_as_medium() -> None:
    """As for vulnerabilities: unknown is not harmless."""
    assert [one.severity for one in found(settings=[{**SETTING, "Severity": "UNKNOWN"}])] == ["medium"]
    assert [one.severity for one in found(secrets=[{**SECRET, "Severity": None}])] == ["medium"]


def test_a_finding_without_a_title_is_called_by_its_message_or_its_rule() -> None:
    """A table needs a word for it."""
    assert [one.title for one in found(settings=[{**SETTING, "Title": None}])] == ["Name a user other than root"]
    assert [one.title for one in found(secrets=[{"RuleID": "private-key"}])] == ["private-key"]
