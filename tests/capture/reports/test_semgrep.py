"""
Semgrep: what its rules matched, what it was told to ignore, and the paths of tainted values.

The shapes are those of https://github.com/semgrep/semgrep-interfaces, `semgrep_output_v1.atd`.
"""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.looking import look_at
from stillframe.capture.reports.semgrep import Semgrep
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = Semgrep()
TRACE = {"taint_source": ["CliLoc", [{}, "words"]], "intermediate_vars": [], "taint_sink": ["CliLoc", [{}, "run"]]}


def result(*, line: int = 20, **extra: Any) -> dict[str, Any]:
    return {
        "check_id": "rules.no-eval",
        "path": "app/store.py",
        "start": {"line": line, "col": 12, "offset": 353},
        "end": {"line": line, "col": 23, "offset": 364},
        "extra": {
            "message": "Do not evaluate it",
            "metadata": {"category": "security", "cwe": ["CWE-95"]},
            "severity": "ERROR",
            "fingerprint": "requires login",
            "lines": "    return eval(words)",
            "is_ignored": False,
            "engine_kind": "OSS",
            **extra,
        },
    }


def report(*results: dict[str, Any], **members: Any) -> dict[str, Any]:
    paths = {"scanned": ["app/store.py"]}
    return {"version": "1.185.0", "results": [*results], "errors": [], "paths": paths, "skipped_rules": [], **members}


def error(level: str = "error") -> dict[str, Any]:
    return {"code": 7, "level": level, "type": "SemgrepError", "message": "invalid configuration file\nfound"}


def test_a_result_is_a_finding_of_the_audit() -> None:
    """Unless its rule says that it is about something else."""
    facts = said(READER, report(result(), result(metadata={"category": "best-practice"}), result(metadata={})))
    found = facts.findings or ()
    assert [one.part for one in found] == ["audit", "quality", "audit"]
    assert (found[0].severity, found[0].rule, found[0].title) == ("high", "rules.no-eval", "Do not evaluate it")
    assert (found[0].file, found[0].line, found[0].suppressed, found[0].tainted) == ("app/store.py", 20, False, False)
    assert (facts.tool, facts.version, facts.taint_paths) == ("semgrep", "1.185.0", True)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", "critical"),
        ("ERROR", "high"),
        ("HIGH", "high"),
        ("WARNING", "medium"),
        ("MEDIUM", "medium"),
        ("INFO", "low"),
        ("LOW", "low"),
        ("INVENTORY", "info"),
    ],
)
def test_both_scales_of_severities_are_read(word: str, severity: str) -> None:
    """The older one has three words, the newer one four."""
    [found] = said(READER, report(result(severity=word))).findings or ()
    assert found.severity == severity


def test_what_was_told_to_be_ignored_is_suppressed() -> None:
    """By a comment in the code."""
    [found] = said(READER, report(result(is_ignored=True))).findings or ()
    assert found.suppressed


def test_a_trace_is_a_path_of_a_tainted_value() -> None:
    """From where it enters to where it does harm."""
    [found] = said(READER, report(result(dataflow_trace=TRACE))).findings or ()
    assert found.tainted


def test_a_finding_is_known_by_its_fingerprint_its_line_or_its_message() -> None:
    """In this order, where `requires login` is neither a fingerprint nor a line."""

    def id_of(**extra: Any) -> str:
        return (said(READER, report(result(**extra))).findings or ())[0].id

    assert id_of(fingerprint="a1_0", lines="x") == id_of(fingerprint="a1_0", lines="y", line=9)
    assert id_of(lines="x = 1") == id_of(lines="  x  = 1\n", message="other") != id_of(lines="y = 1")
    assert id_of(lines="requires login") == id_of(lines=None, line=3) != id_of(lines=None, message="other")


def test_a_run_with_a_fatal_error_and_no_result_failed() -> None:
    """Nothing was found because nothing was looked at."""
    facts = said(READER, report(errors=[error("warn"), error()]))
    assert facts.failed == "Semgrep's run failed: invalid configuration file found"
    assert (facts.findings, facts.taint_paths) == (None, False)


def test_a_warning_is_no_failure_and_an_error_is_one_whatever_was_found() -> None:
    """A file that could not be parsed whole is one of many; a rule set that could not be had is half of an answer."""
    assert said(READER, report(errors=[error("warn")])).findings == []
    found = said(READER, report(result(), errors=[error()]))
    assert found.findings is None
    assert found.failed is not None


def test_a_run_that_scanned_nothing_is_a_failed_one() -> None:
    """The wrong folder is not a clean one."""
    assert said(READER, report() | {"paths": {"scanned": []}}).failed == "Semgrep scanned no file"
    assert said(READER, report() | {"paths": {"scanned": ["app.py"]}}).failed is None


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            report(result(severity="FATAL")),
            "report.json: $.results[0].extra.severity: semgrep: Invalid enum value 'FATAL'",
        ),
        (report({"check_id": "a"}), "$.results[0]: semgrep: Object missing required field `path`"),
        (report(errors=["x"]), "$.errors[0]: semgrep: Expected `object`, got `str`"),
        (written(report(result()))[:-90], "semgrep: the report is cut off"),
    ],
)
def test_what_is_not_semgreps_is_refused_at_its_place(document: Any, words: str) -> None:
    """With the file and the format."""
    assert words in refusal(READER, document)


def test_semgrep_is_known_also_where_it_is_cut_off() -> None:
    """Bandit's results and errors are not its."""
    assert READER.recognises(look_at(written(report(result()))))
    assert READER.recognises(look_at(written(report(result()))[:120]))
    assert not READER.recognises(look_at(b'{"results": [], "errors": [], "metrics": {}, "generated_at": ""}'))


SAMPLES = [written(report(result(), result(dataflow_trace=TRACE, is_ignored=True), errors=[error("warn")]))]


def test_damaged_reports_are_refused_or_read() -> None:
    """Never anything else."""
    assert_law(READER, SAMPLES)


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Whatever it is that there is too much of."""
    assert_bounded(READER, SAMPLES)
