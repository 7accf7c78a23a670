"""
Ruff: what its rules found, and which of them are about security.

The shapes are those that Ruff 0.17 writes; https://docs.astral.sh/ruff, "output-format".
"""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.looking import look_at
from stillframe.capture.reports.ruff import Ruff, part_of_rule, severity_of_rule
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = Ruff()


def item(code: str | None = "F401", **members: Any) -> dict[str, Any]:
    return {
        "cell": None,
        "code": code,
        "end_location": {"column": 10, "row": 2},
        "filename": "/project/app/store.py",
        "fix": None,
        "location": {"column": 8, "row": 2},
        "message": "`os` imported but unused",
        "name": "unused-import",
        "noqa_row": 2,
        "severity": "error",
        "url": "https://docs.astral.sh/ruff/rules/unused-import",
        **members,
    }


def test_an_item_is_a_finding() -> None:
    """In the file that is left once the root is cut off."""
    facts = said(READER, [item()], root="/project")
    [found] = facts.findings or ()
    assert (found.part, found.severity, found.rule, found.title) == (
        "quality",
        "low",
        "F401",
        "`os` imported but unused",
    )
    assert (found.file, found.line) == ("app/store.py", 2)
    assert (facts.tool, facts.version, facts.code_size) == ("ruff", None, None)


@pytest.mark.parametrize(
    ("rule", "part", "severity"),
    [
        ("E501", "quality", "low"),
        ("SIM108", "quality", "low"),
        ("SLF001", "quality", "low"),
        ("S101", "audit", "low"),
        ("S608", "audit", "medium"),
        ("S602", "audit", "high"),
        ("invalid-syntax", "quality", "high"),
    ],
)
def test_rules_of_flake8_bandit_are_of_the_audit(rule: str, part: str, severity: str) -> None:
    """As bad as Bandit says of the same check; Ruff calls everything an error."""
    assert (part_of_rule(rule), severity_of_rule(rule)) == (part, severity)


def test_an_item_without_a_code_is_a_syntax_error() -> None:
    """So older versions write them."""
    [found] = said(READER, [item(None, message="Expected `)`")]).findings or ()
    assert (found.rule, found.severity) == ("invalid-syntax", "high")


def test_an_empty_list_is_ruffs_report_of_nothing_found() -> None:
    """Of quality alone: whether the rules of security were asked for, no report says."""
    for text in (b"[]", b" [\n]\n"):
        facts = said(READER, text)
        assert (facts.findings, facts.looks_for) == ([], ("quality",))


def test_the_line_that_a_message_names_is_no_part_of_a_finding() -> None:
    """It moves when other lines do."""
    ids = {
        (said(READER, [item("F811", message=f"Redefinition of `x` from line {line}")]).findings or ())[0].id
        for line in (3, 30)
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([item(), item(filename=3)], "report.json: $[1].filename: ruff: Expected `str`, got `int`"),
        ([item(), 7], "report.json: $[1]: ruff: Expected `object`, got `int`"),
        (written([item(), item()])[:-30], "ruff: the report is cut off"),
    ],
)
def test_what_is_not_ruffs_is_refused_at_its_place(document: Any, words: str) -> None:
    """With the file and the format."""
    assert words in refusal(READER, document)


@pytest.mark.parametrize(
    "text",
    [b"[{}]", b"[1]", b"{}", b'[{"name": "jinja2", "version": "2.0", "vulns": []}]', b'{"code": 1, "filename": 1}'],
)
def test_other_lists_are_not_ruffs(text: bytes) -> None:
    """An empty list alone is taken for it."""
    assert not READER.recognises(look_at(text))


SAMPLES = [written([item(), item("S602"), item(None)]), b"[]"]


def test_damaged_reports_are_refused_or_read() -> None:
    """Never anything else."""
    assert_law(READER, SAMPLES)


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Whatever it is that there is too much of."""
    assert_bounded(READER, SAMPLES[:1])
