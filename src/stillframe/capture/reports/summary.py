"""A project's own `stillframe.summary/1` as a report among others."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.looking import without_mark
from stillframe.capture.reports.walking import NOTHING, Walk
from stillframe.capture.summary import SCHEMA, read_summary
from stillframe.errors import CaptureRefused, Fault
from stillframe.model.facts import ReportFacts
from stillframe.model.scope import Dimension

FORMAT: Final = SCHEMA
MOST_SUMMARY_BYTES: Final = 16 * 1024 * 1024
"""50,000 findings of 300 bytes each."""
_SMALL_BYTES: Final = 128 * 1024
"""So short a document costs little memory whatever is in it."""
_MOST_FAULTS: Final = 50
_FAMILY: Final = "stillframe.summary/"
_Line: TypeAlias = Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    schema: str
    summaries: dict[Dimension, msgspec.Raw]
    tool: _Line | None = None
    version: _Line | None = None
    findings: msgspec.Raw = NOTHING


class _Dimension(msgspec.Struct, forbid_unknown_fields=True):
    score: float | None = None
    tolerance: float | None = None
    measures: msgspec.Raw = NOTHING


class _Measure(msgspec.Struct, forbid_unknown_fields=True):
    id: _Line
    value: float | None = None
    unit: _Line | None = None
    better: _Line | None = None
    tolerance: float | None = None
    score: float | None = None
    status: _Line | None = None
    source: _Line | None = None


class _Finding(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    dimension: Dimension
    severity: Literal["critical", "high", "medium", "low", "info"] = "info"
    title: _Line = ""
    location: _Line | None = None


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_DIMENSION: Final = msgspec.json.Decoder(_Dimension)
_MEASURE: Final = msgspec.json.Decoder(_Measure)
_FINDING: Final = msgspec.json.Decoder(_Finding)


class SummaryReport:
    """Reads the summaries and findings that a project brings itself."""

    format = FORMAT
    title = FORMAT
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether it names our schema, of whatever version."""
        return look.syntax == "json" and look.marks.get("schema", "").startswith(_FAMILY)

    def read(self, report: Report) -> ReportFacts:
        """
        Read the document whole, as `read_summary` does; one that is long is looked through first, part by part.

        Errors  CaptureRefused naming file, format and position of each fault, up to 50.
        """
        data = without_mark(report.data)
        if len(data) > _SMALL_BYTES:
            _look_through(report)
        try:
            found = read_summary(data, path="$")
        except CaptureRefused as refusal:
            faults = [
                Fault(path=f"{report.name}: {one.path}", message=f"{FORMAT}: {one.message}") for one in refusal.faults
            ]
            raise CaptureRefused(faults=faults[:_MOST_FAULTS]) from None
        return ReportFacts(
            format=FORMAT,
            reader=self.version,
            tool=found.tool,
            version=found.version,
            summaries=found.summaries,
            rows=found.findings,
        )


def _look_through(report: Report) -> None:
    """Refuse what would cost too much memory to be read whole: it stops at the first fault and keeps nothing."""
    walk = Walk(report, of=FORMAT)
    if len(report.data) > MOST_SUMMARY_BYTES:
        raise walk.refused("", f"more than {MOST_SUMMARY_BYTES:,} bytes; leave findings out")
    top = walk.top(_DOCUMENT)
    for name, raw in top.summaries.items():
        path = f"$.summaries.{name}"
        dimension = walk.part(raw, _DIMENSION, path=path)
        if dimension is not None:
            for _ in walk.items(dimension.measures, _MEASURE, path=f"{path}.measures"):
                continue
    for _, finding in walk.items(top.findings, _FINDING, path="$.findings"):
        walk.keep(finding.id, finding.title, finding.location)
