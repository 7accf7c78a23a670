"""
Bandit: what it found in Python code, how bad it says that is, and how many lines it read.

The shapes are those that Bandit 1.9 writes; https://bandit.readthedocs.io, "JSON formatter".
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe.capture.reports.bandit import Bandit
from stillframe.capture.reports.looking import look_at
from stillframe.model.facts import CodeSize
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = Bandit()


def result(**members: Any) -> dict[str, Any]:
    return {
        "code": "7 import os\n8     run(words)\n9 \n",
        "col_offset": 4,
        "filename": "./app/store.py",
        "issue_confidence": "LOW",
        "issue_cwe": {"id": 78, "link": "https://cwe.example/78"},
        "issue_severity": "HIGH",
        "issue_text": "A call with a shell.",
        "line_number": 8,
        "line_range": [8],
        "more_info": "https://bandit.readthedocs.io/en/1.9.4/plugins/b602.html",
        "test_id": "B602",
        "test_name": "shell",
        **members,
    }


def report(*results: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "errors": [],
        "generated_at": "2026-11-26T09:08:04Z",
        "metrics": {"_totals": {"loc": 25, "nosec": 1}, "app/store.py": {"loc": 25, "nosec": 1}},
        "results": [*results],
        **members,
    }


BROKEN = {"filename": "app/broken.py", "reason": "syntax error while parsing AST from file"}


def test_a_result_is_a_finding_of_the_audit() -> None:
    """With Bandit's severity alone: how sure it is does not make it less bad."""
    facts = said(READER, report(result()))
    [found] = facts.findings or ()
    assert (found.part, found.severity, found.rule, found.title) == ("audit", "high", "B602", "A call with a shell.")
    assert (found.file, found.line, found.suppressed, found.tainted) == ("app/store.py", 8, False, False)
    assert (facts.tool, facts.version, facts.looks_for, facts.taint_paths) == ("bandit", "1.9.4", ("audit",), False)
    assert facts.code_size == CodeSize(lines=25, source="bandit")


@pytest.mark.parametrize(
    ("word", "severity"), [("HIGH", "high"), ("MEDIUM", "medium"), ("LOW", "low"), ("UNDEFINED", "info")]
)
def test_severities_are_those_that_bandit_has(word: str, severity: str) -> None:
    """It knows no critical ones."""
    [found] = said(READER, report(result(issue_severity=word))).findings or ()
    assert found.severity == severity


def test_nothing_found_is_measured() -> None:
    """None is what was not looked at; empty is what was looked at."""
    facts = said(READER, report())
    assert (facts.findings, facts.failed, facts.version) == ([], None, None)


def test_a_finding_is_known_by_its_line_among_those_that_bandit_quotes() -> None:
    """Not by the lines around it, and not by where it stands."""
    around = result(code="107 import sys\n108 run(words)\n", line_number=108)
    edited = result(code="7 import os\n8     run(word)\n")
    first, moved, other = ((said(READER, report(one)).findings or ())[0].id for one in (result(), around, edited))
    assert first == moved != other


def test_a_run_that_scanned_nothing_failed() -> None:
    """All its files have errors: it found nothing because it saw nothing."""
    only = {"_totals": {"loc": 2}, "app/broken.py": {"loc": 2}}
    facts = said(READER, report(errors=[BROKEN, BROKEN], metrics=only))
    assert facts.failed == "Bandit scanned nothing: app/broken.py: syntax error while parsing AST from file, and 1 more"
    assert (facts.findings, facts.code_size) == (None, None)
    assert said(READER, report(errors=[BROKEN], metrics={})).failed is not None


def test_a_file_that_could_not_be_parsed_beside_others_is_no_failure() -> None:
    """The others were scanned."""
    facts = said(READER, report(errors=[BROKEN]))
    assert (facts.failed, facts.findings) == (None, [])


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (report(result(issue_severity="FATAL")), "$.results[0].issue_severity: bandit: Invalid enum value 'FATAL'"),
        (report(result(), {}), "$.results[1]: bandit: Object missing required field `filename`"),
        (report(result(line_number="8")), "$.results[0].line_number: bandit: Expected `int`, got `str`"),
        (report(results={}), "$.results: bandit: Expected `array`, got `object`"),
        (report(metrics={"_totals": []}), "$.metrics._totals: bandit: Expected `object | null`, got `array`"),
        (written(report(result()))[:-40], "bandit: the report is cut off"),
    ],
)
def test_what_is_not_bandits_is_refused_at_its_place(document: Any, words: str) -> None:
    """With the file and the format."""
    assert words in refusal(READER, document)
    assert refusal(READER, document).startswith("report.json: ")


def test_bandit_is_known_by_its_metrics_and_its_date() -> None:
    """Others write `results` and `errors` too."""
    assert READER.recognises(look_at(written(report())))
    assert READER.recognises(look_at(written(report())[:120]))
    assert not READER.recognises(look_at(b'{"results": [], "errors": [], "version": "1.0"}'))


SAMPLES = [written(report(result(), result(line_number=9))), json.dumps(report(errors=[BROKEN]), indent=1).encode()]


def test_damaged_reports_are_refused_or_read() -> None:
    """Never anything else."""
    assert_law(READER, SAMPLES)


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Whatever it is that there is too much of."""
    assert_bounded(READER, SAMPLES[:1])


def test_a_run_over_no_line_is_a_failed_one() -> None:
    """The wrong folder, or a project that is not Python, is not a clean one."""
    empty = {"_totals": {"loc": 0, "nosec": 0}}
    assert said(READER, report(metrics=empty)).failed == "Bandit found no line of Python"
    assert said(READER, report(metrics={"_totals": {"loc": 1, "nosec": 0}})).failed is None
