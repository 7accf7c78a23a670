"""The page about reports says what the readers do: their names, their bounds, and their errors word for word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stillframe.capture.reports import MOST_BYTES, READERS, read_report
from stillframe.capture.reports.documents import MOST_FINDINGS, MOST_OBJECTS
from stillframe.capture.reports.summary import MOST_SUMMARY_BYTES
from stillframe.errors import CaptureRefused

RESULT = {
    "filename": "a.py",
    "issue_severity": "LOW",
    "issue_text": "x",
    "line_number": 1,
    "test_id": "B101",
}
BANDIT = {"metrics": {}, "generated_at": "", "errors": [], "results": [RESULT] * 3 + [RESULT | {"line_number": "1"}]}
SARIF: dict[str, Any] = {"version": "2.0.0", "runs": []}


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs" / "reference" / "reports.md").read_text(encoding="utf8")


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(CaptureRefused) as caught:
        read_report(name, data)
    return str(caught.value)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.format)
def test_every_format_that_is_read_is_on_the_page(page: str, reader: Any) -> None:
    """By the name that an error gives it."""
    assert reader.title in page


def test_the_bounds_are_those_of_the_code(page: str) -> None:
    """A bound that moved moves on the page too."""
    assert f"| one report | {MOST_BYTES // 2**20} MiB |" in page
    assert f"| JSON objects in one report | {MOST_OBJECTS:,} |" in page
    assert f"| findings of one report | {MOST_FINDINGS:,} |" in page
    assert f"| a `stillframe.summary/1` | {MOST_SUMMARY_BYTES // 2**20} MiB |" in page


def test_the_errors_are_those_of_the_readers(page: str) -> None:
    """Word for word."""
    cut = b'{"version": "2.1.0", "runs": [' + b" " * (48213 - 30)
    assert refusal("bandit.json", json.dumps(BANDIT).encode()) in page
    assert refusal("scan.sarif", cut) in page
    assert refusal("scan.sarif", json.dumps(SARIF).encode()) in page
    assert refusal("r", b'{"schema": "stillframe.gate/1"}').removeprefix("r: ") in page


def test_ruffs_severities_are_those_of_the_page(page: str) -> None:
    """The three that it names."""
    assert "(S602 high, S608 medium, S101 low)" in page
    place = {"filename": "a.py", "message": "m", "location": {"row": 1}}
    facts = read_report("r", json.dumps([place | {"code": code} for code in ("S602", "S608", "S101")]).encode())
    assert [found.severity for found in facts.findings or ()] == ["high", "medium", "low"]
