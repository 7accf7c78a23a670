"""The rules of SARIF: how a result finds its own, how bad it makes it, and whether it is about security."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.sarif_rules import Rule, Target, is_weakness
from tests.capture.reports.logs import READER, log, result, rule, run, the_one
from tests.capture.reports.saying import said

ERROR = {"defaultConfiguration": {"level": "error"}}
NOTE = {"defaultConfiguration": {"level": "note"}}


@pytest.mark.parametrize(
    ("figure", "severity"),
    [
        ("9.0", "critical"),
        ("10.0", "critical"),
        ("8.9", "high"),
        (7.0, "high"),
        ("6.9", "medium"),
        ("4.0", "medium"),
        ("3.9", "low"),
        ("0.05", "low"),
        ("0.0", "high"),
        ("-1", "high"),
        ("10.1", "high"),
        ("nan", "high"),
        ("1e999", "high"),
        ("much", "high"),
        (True, "high"),
        (None, "high"),
        ([], "high"),
    ],
)
def test_a_security_severity_counts_before_the_level(figure: Any, severity: str) -> None:
    """As GitHub reads it: 9.0 critical, 7.0 high, 4.0 medium, above 0 low; what is no such figure is none."""
    one = the_one(run(result(level="error"), rules=[rule(properties={"security-severity": figure})]))
    assert one.severity == severity


def test_a_result_of_no_level_is_information_whatever_its_rule_says() -> None:
    """SARIF says that such a result is no problem."""
    assert the_one(run(result(level="none"), rules=[rule(properties={"security-severity": "9.8"})])).severity == "info"


@pytest.mark.parametrize(
    ("members", "severity"),
    [
        ({"ruleIndex": 1}, "high"),
        ({"ruleId": "R2"}, "high"),
        ({"ruleId": "R2/sub/rule"}, "high"),
        ({"ruleId": "R2", "ruleIndex": 0}, "high"),
        ({"ruleId": "R1", "ruleIndex": 99}, "low"),
        ({"rule": {"index": 1}}, "high"),
        ({"rule": {"id": "R2"}}, "high"),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "high"),
        ({"ruleId": "X1"}, "high"),
        ({"ruleId": "py/sql/one"}, "low"),
        ({"ruleId": "py/sql/one", "ruleIndex": 2}, "low"),
        ({"ruleId": "py/other", "ruleIndex": 2}, "medium"),
        ({"rule": {"index": 0, "toolComponent": {"index": 7}}}, "medium"),
        ({"ruleId": "unknown"}, "medium"),
        ({}, "medium"),
    ],
)
def test_a_result_finds_its_rule(members: dict[str, Any], severity: str) -> None:
    """By its place in the driver or an extension, else by its id, which may go on with a slash."""
    given = {name: value for name, value in result(**members).items() if name in members or name != "ruleId"}
    one = run(given, rules=[rule("R1", **NOTE), rule("R2", **ERROR), rule("py/sql", **NOTE)])
    one["tool"]["extensions"] = [{"name": "More", "rules": [rule("X1", **ERROR)]}]
    assert the_one(one).severity == severity


@pytest.mark.parametrize(
    ("members", "part"),
    [
        ({}, "quality"),
        ({"properties": {"tags": ["maintainability"]}}, "quality"),
        ({"properties": {"tags": "security"}}, "audit"),
        ({"properties": {"tags": ["Security"]}}, "audit"),
        ({"properties": {"tags": ["external/cwe/cwe-079"]}}, "audit"),
        ({"properties": {"tags": ["CWE-95: something"]}}, "audit"),
        ({"properties": {"security-severity": "1.0"}}, "audit"),
        ({"properties": {"cwe": ["CWE-79"]}}, "audit"),
        ({"relationships": [{"target": {"id": "79", "toolComponent": {"name": "CWE"}}}]}, "audit"),
        ({"relationships": [{"target": {"id": "A1", "toolComponent": {"name": "OWASP"}}}]}, "quality"),
        ({"properties": 7}, "quality"),
    ],
)
def test_a_rule_says_whether_it_is_about_security(members: dict[str, Any], part: str) -> None:
    """By a figure, by tags, or by a relation to CWE; a bag of properties promises nothing."""
    assert the_one(run(result(), rules=[rule(**members)])).part == part
    assert said(READER, log(run(rules=[rule(**members)]))).looks_for == (part,)


def test_a_result_may_say_so_itself() -> None:
    """It names entries of a taxonomy."""
    taxa = [{"id": "79", "toolComponent": {"name": "CWE", "index": 0}}]
    assert the_one(run(result(taxa=taxa))).part == "audit"
    assert is_weakness(Target(id="cwe-79"))
    assert not is_weakness(Target(id="79"))


@pytest.mark.parametrize(
    ("tool", "part"),
    [
        ("Bandit", "audit"),
        ("Semgrep OSS", "audit"),
        ("Snyk Code", "audit"),
        ("gosec", "audit"),
        ("banditry", "quality"),
        ("ESLint", "quality"),
        ("ruff", "quality"),
    ],
)
def test_a_security_scanner_speaks_of_security_whatever_its_rules_say(tool: str, part: str) -> None:
    """Also where it found nothing and lists no rules."""
    assert the_one(run(result(), tool=tool)).part == part
    assert said(READER, log(run(tool=tool, rules=[]))).looks_for == (part,)


def test_ruffs_findings_are_as_bad_in_sarif_as_in_its_json() -> None:
    """Everything is an error to Ruff, so a change of the format would look like a regression."""
    severities = [
        the_one(run(result(ruleId=name, level="error"), tool="ruff")).severity for name in ("S602", "S608", "E501")
    ]
    assert severities == ["high", "medium", "low"]
    assert the_one(run(result(ruleId="S602", level="error"), tool="another")).severity == "high"


def test_ruff_says_by_the_name_of_its_rules() -> None:
    """As in its own JSON."""
    assert the_one(run(result(ruleId="S608"), tool="ruff")).part == "audit"
    assert said(READER, log(run(tool="ruff", rules=[rule("S608"), rule("E501")]))).looks_for == ("quality",)


@pytest.mark.parametrize(
    ("tool", "kind", "looks"),
    [("CodeQL", "path-problem", True), ("CodeQL", "problem", False), ("Semgrep OSS", "problem", True)],
)
def test_a_tool_looks_for_taint_if_one_of_its_rules_does(tool: str, kind: str, looks: bool) -> None:
    """So that no path found is a figure, and not a gap."""
    assert said(READER, log(run(tool=tool, rules=[rule(properties={"kind": kind})]))).taint_paths is looks


def test_a_version_is_taken_where_the_tool_says_one() -> None:
    """The semantic one, where there is no other."""
    one = run()
    one["tool"]["driver"] = {"name": "Linter", "semanticVersion": "3.1"}
    assert said(READER, log(one)).version == "3.1"
    one["tool"]["driver"] = {"name": "Linter"}
    assert said(READER, log(one)).version is None


def test_a_rule_that_says_nothing_warns() -> None:
    """SARIF 2.1.0, 3.50.3: warning is the default of defaults."""
    assert Rule().severity_at(None) == "medium"


@pytest.mark.parametrize(
    ("level", "tool", "failed"),
    [
        ("error", "Semgrep OSS", True),
        ("error", "Opengrep", True),
        ("warning", "Semgrep OSS", False),
        ("error", "CodeQL", False),
    ],
)
def test_semgrep_says_that_it_failed_by_the_level_of_a_notification(level: str, tool: str, failed: bool) -> None:
    """It calls every run a success; a rule set that could not be had is no clean one."""
    told = {"level": level, "message": {"text": "Failed to download configuration"}}
    invocations = [{"executionSuccessful": True, "toolExecutionNotifications": [told]}]
    found = said(READER, log(run(tool=tool, invocations=invocations)))
    assert (found.failed is not None) is failed


def test_a_clean_report_of_a_known_scanner_is_measured_whatever_its_name_is_written_like() -> None:
    """The last finding that is mended must not cost the score."""
    assert said(READER, log(run(tool="SnykCode", rules=[]))).looks_for == ("audit",)
