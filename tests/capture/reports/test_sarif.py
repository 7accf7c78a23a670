"""
SARIF: which results are findings, which are suppressed, what each is known by, and when a run failed.

The shapes are those of SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stillframe.capture.reports.looking import look_at
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.logs import READER, found, location, log, result, rule, run, the_one
from tests.capture.reports.saying import refusal, said, written

MOVED = Path(__file__).resolve().parent / "moved" / "before"
NOTES = [{"message": {"text": "out of\nmemory"}, "level": "error"}, {"message": {"text": "second"}}]
FLOW = {"threadFlows": [{"locations": [{"location": location()}]}]}


def test_a_result_is_a_finding() -> None:
    """With its rule, its place and its words."""
    facts = said(READER, log(run(result())))
    [one] = facts.findings or ()
    assert (one.part, one.severity, one.rule, one.title) == ("quality", "medium", "R1", "It is wrong")
    assert (one.file, one.line, one.suppressed, one.tainted) == ("app/store.py", 7, False, False)
    assert (facts.tool, facts.version, facts.looks_for, facts.taint_paths) == ("Linter", "1.2", ("quality",), False)
    assert one.id.startswith("R1:app/store.py:")


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0-rtm.5", "2.2.0", "1.0.0", 2.1, None])
def test_another_version_is_refused(version: Any) -> None:
    """Its members mean other things."""
    words = refusal(READER, log(run(result()), version=version))
    assert words == f"report.json: $.version: sarif: version 2.1.0 is read, this one says {json.dumps(version)}"


@pytest.mark.parametrize("kind", ["pass", "notApplicable", "review", "open", "informational"])
def test_a_result_of_another_kind_is_no_finding(kind: str) -> None:
    """Some tools tell of every check that passed."""
    assert found(run(result(kind=kind), result(kind="fail"))) == found(run(result()))


def test_a_result_that_is_gone_since_a_baseline_is_no_finding() -> None:
    """It is told of because it was fixed."""
    assert found(run(result(baselineState="absent"))) == []
    assert len(found(run(result(baselineState="unchanged")))) == 1


@pytest.mark.parametrize(
    ("suppressions", "suppressed"),
    [
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "status": "rejected"}, {"kind": "inSource"}], True),
        ([{"kind": "external", "status": "underReview"}], False),
        ([{"kind": "external", "status": "rejected"}], False),
        ([], False),
        (None, False),
    ],
)
def test_what_somebody_accepted_is_suppressed(suppressions: Any, suppressed: bool) -> None:
    """A suppression without a status is accepted; one that is under review or rejected is none."""
    assert the_one(run(result(suppressions=suppressions))).suppressed is suppressed


@pytest.mark.parametrize(
    ("level", "default", "severity"),
    [
        ("error", None, "high"),
        ("warning", "error", "medium"),
        ("note", "error", "low"),
        ("none", "error", "info"),
        (None, "error", "high"),
        (None, "note", "low"),
        (None, "none", "info"),
        (None, None, "medium"),
    ],
)
def test_a_level_falls_back_to_its_rules_and_then_to_warning(
    level: str | None, default: str | None, severity: str
) -> None:
    """SARIF 2.1.0, 3.27.10."""
    configuration: dict[str, Any] = {"defaultConfiguration": {"level": default}} if default else {}
    one = the_one(run(result(**({"level": level} if level else {})), rules=[rule(**configuration)]))
    assert one.severity == severity


def test_a_path_of_code_is_a_tainted_value() -> None:
    """And a tool that found one looks for them."""
    facts = said(READER, log(run(result(codeFlows=[FLOW]), result(codeFlows=[]))))
    assert [one.tainted for one in facts.findings or ()] == [True, False]
    assert facts.taint_paths


def test_a_run_that_says_so_failed() -> None:
    """With the first of its notifications as the reason; nothing in it was measured."""
    bad = {"executionSuccessful": False, "toolExecutionNotifications": NOTES}
    facts = said(READER, log(run(result(), invocations=[{"executionSuccessful": True}, bad])))
    assert facts.failed == "Linter's run failed: out of memory"
    assert (facts.findings, facts.taint_paths, facts.looks_for) == (None, False, ("quality",))


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"toolConfigurationNotifications": NOTES}, "out of memory"),
        ({"exitCodeDescription": "killed"}, "killed"),
        ({}, "it does not say why"),
    ],
)
def test_a_failure_says_what_is_known_of_it(members: dict[str, Any], why: str) -> None:
    """Of several places that may tell."""
    facts = said(READER, log(run(invocations=[{"executionSuccessful": False, **members}])))
    assert facts.failed == f"Linter's run failed: {why}"


@pytest.mark.parametrize("results", [None, "absent"])
def test_a_run_without_a_list_of_results_did_not_look(results: Any) -> None:
    """SARIF 2.1.0, 3.14.23: an empty list is what found nothing."""
    one = run()
    if results is None:
        one["results"] = None
    else:
        del one["results"]
    assert said(READER, log(one)).failed == "Linter's run has no list of results: it did not look for any"
    assert said(READER, log(run())).findings == []


def test_all_runs_are_read_into_one_report() -> None:
    """With the names of all tools, and ids that tell their findings apart."""
    facts = said(READER, log(run(result(), tool="One"), run(result(), tool="Two"), run(tool="One")))
    assert (facts.tool, facts.version) == ("One, Two", "1.2")
    assert len({one.id for one in facts.findings or ()}) == 2


def test_one_failed_run_makes_the_whole_report_failed() -> None:
    """Half of an answer would look like findings that were fixed."""
    bad = run(tool="Two", invocations=[{"executionSuccessful": False}])
    facts = said(READER, log(run(result(), tool="One"), bad))
    assert (facts.findings, facts.failed) == (None, "Two's run failed: it does not say why")


def test_results_in_other_files_are_refused() -> None:
    """Nothing outside of the report is opened."""
    outside = {"results": [{"location": {"uri": "results.json"}}]}
    words = refusal(READER, log(run(externalPropertyFileReferences=outside)))
    assert "$.runs[0].externalPropertyFileReferences.results: sarif: the results are in other files" in words


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ({"text": "See [this](1) and [that](https://x.example)"}, "See this and that"),
        ({"markdown": "Only **this**"}, "Only **this**"),
        ({"id": "short", "arguments": ["x", "y"]}, "x is y, {2}"),
        ({"id": "general"}, "Of the driver"),
        ({"id": "unknown"}, "R1"),
        ({}, "R1"),
    ],
)
def test_a_message_is_said_or_named(message: dict[str, Any], title: str) -> None:
    """SARIF 2.1.0, 3.11: by its text, or by an id with what to put into it."""
    one = run(result(message=message), rules=[rule(messageStrings={"short": {"text": "{0} is {1}, {2}"}})])
    one["tool"]["driver"]["globalMessageStrings"] = {"general": {"text": "Of the driver"}}
    assert the_one(one).title == title


def test_a_fingerprint_is_known_wherever_its_file_goes() -> None:
    """The one of the highest version, and never what Semgrep writes for nobody."""

    def id_of(uri: str = "a.py", line: str = "x", **prints: str) -> str:
        return the_one(run(result(locations=[location(uri, snippet=line)], fingerprints=prints))).id

    assert id_of(**{"hash/v2": "A", "hash/v1": "B"}) == id_of("b.py", "y", **{"hash/v2": "A", "hash/v1": "C"})
    assert id_of(**{"hash/v10": "A", "hash/v9": "B"}) == id_of(**{"hash/v10": "A"})
    assert id_of(**{"hash/v1": "A"}) != id_of(**{"hash/v1": "B"})
    assert id_of(**{"matchBasedId/v1": "requires login"}) == id_of()


def test_a_part_of_a_fingerprint_is_known_in_its_file() -> None:
    """Where there is a hash of the line, the column beside it does not count."""

    def id_of(uri: str = "a.py", line: str = "x", **prints: str) -> str:
        return the_one(run(result(locations=[location(uri, snippet=line)], partialFingerprints=prints))).id

    hashed = {"primaryLocationLineHash": "39fa:1"}
    assert id_of(**hashed, primaryLocationStartColumnFingerprint="4") == id_of(line="y", **hashed)
    assert id_of(**hashed) != id_of("b.py", **hashed)
    assert id_of(one="1", two="2") != id_of(one="1", two="3")


def test_without_fingerprints_a_finding_is_known_by_its_line_or_its_message() -> None:
    """The same line twice is two findings."""
    one, again = found(run(result(), result(locations=[location(line=9)])))
    assert again.id == f"{one.id}:2"
    bare = [location(snippet=None)]
    texts = [result(locations=bare, message={"text": f"as on line {line}"}) for line in (3, 4)]
    assert the_one(run(texts[0])).id == the_one(run(texts[1])).id != one.id


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (log(run(result(level="fatal"))), "$.runs[0].results[0].level: sarif: Invalid enum value 'fatal'"),
        (
            written(log(run(result(message={"text": "@"})))).replace(b"@", b"\\ud800"),
            "sarif: a lone surrogate is no text",
        ),
        (
            written(log(run(result(message={"text": "@"})))).replace(b"@", b"\xff"),
            "$.runs[0].results[0]: sarif: this is not UTF-8",
        ),
        (log(run({"ruleId": "R1"})), "$.runs[0].results[0]: sarif: Object missing required field `message`"),
        (log(run(result(locations=[{"physicalLocation": 1}]))), "$.runs[0].results[0].locations[0].physicalLocation"),
        (log(run(), {"results": []}), "$.runs[1]: sarif: Object missing required field `tool`"),
        (
            log({"tool": {"driver": {}}, "results": []}),
            "$.runs[0].tool.driver: sarif: Object missing required field `name`",
        ),
        (log({"tool": None, "results": []}), "$.runs[0].tool: sarif: a run names its tool"),
        (log({"tool": {"driver": None}, "results": []}), "$.runs[0].tool.driver: sarif: a run names its tool"),
        (log(run(rules=[{"id": 1}])), "$.runs[0].tool.driver.rules[0].id: sarif: Expected `str`, got `int`"),
        (log(), "$.runs: sarif: there is no run in it"),
        (log(runs=None), "$.runs: sarif: there is no run in it"),
        ({"$schema": "sarif", "version": "2.1.0"}, "$: sarif: Object missing required field `runs`"),
        (written(log(run(result())))[:-20], "sarif: the report is cut off"),
    ],
)
def test_what_is_not_sarif_is_refused_at_its_place(document: Any, words: str) -> None:
    """With the file and the format."""
    assert f"report.json: {words}" in refusal(READER, document) or words in refusal(READER, document)


def test_sarif_is_known_by_its_runs_or_its_schema() -> None:
    """Also where it is cut off."""
    assert READER.recognises(look_at(written(log(run()))[:90]))
    assert READER.recognises(look_at(b'{"runs": 1}'))
    assert not READER.recognises(look_at(b'{"version": "2.1.0"}'))


FULL = log(
    run(
        result(codeFlows=[FLOW], partialFingerprints={"primaryLocationLineHash": "39fa:1"}),
        result(fingerprints={"a/v1": "b"}, suppressions=[{"kind": "inSource"}], taxa=[{"id": "CWE-79"}]),
        result(message={"id": "m", "arguments": ["x"]}, locations=[location(None, index=0)], ruleIndex=0),
        rules=[
            rule(properties={"tags": ["security"], "security-severity": "7.5"}, messageStrings={"m": {"text": "{0}"}})
        ],
        invocations=[{"executionSuccessful": True, "workingDirectory": {"uri": "file:///w/"}}],
        originalUriBaseIds={"SRC": {"uri": "file:///w/src/"}},
        artifacts=[{"location": {"uri": "file:///w/src/a.py"}}],
    )
)
SAMPLES = [written(FULL), (MOVED / "bandit.sarif").read_bytes()]


def test_damaged_reports_are_refused_or_read() -> None:
    """Never anything else."""
    assert_law(READER, SAMPLES)


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Whatever it is that there is too much of."""
    assert_bounded(READER, SAMPLES[:1])
