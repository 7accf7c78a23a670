"""What a reader makes of a document that a test wrote."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from stillframe.capture.reports.interface import MOST_BYTES, ReportReader
from stillframe.capture.reports.recognising import read_with
from stillframe.errors import CaptureRefused
from stillframe.model.facts import ReportFacts, Vulnerability
from tests.capture.reports.fuzzing import MOST_MEGABYTES, Reading

NAME = "report.json"


def written(document: Any) -> bytes:
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def said(reader: ReportReader, document: Any, *, root: str | None = None) -> ReportFacts:
    return read_with([reader], NAME, written(document), root=root)


def refusal(reader: ReportReader, document: Any) -> str:
    with pytest.raises(CaptureRefused) as caught:
        said(reader, document)
    [fault] = caught.value.faults
    return f"{fault.path}: {fault.message}"


def assert_affordable(reader: ReportReader, document: Any) -> None:
    """Hold a reader to the bound on memory for one report of nearly 64 MiB in which no two things are the same."""
    data = json.dumps(document, ensure_ascii=False).encode()
    assert MOST_BYTES / 2 < len(data) <= MOST_BYTES
    with tempfile.TemporaryDirectory() as folder, Reading(reader, Path(folder, "report")) as reading:
        assert reading.peak_of(data) <= MOST_MEGABYTES


def known_against(facts: ReportFacts) -> dict[str, Vulnerability]:
    """Give the vulnerabilities by `PACKAGE ID`."""
    assert facts.vulnerabilities is not None
    return {f"{one.package} {one.ids[0]}": one for one in facts.vulnerabilities}
