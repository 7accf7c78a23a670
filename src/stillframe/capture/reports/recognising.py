"""From a file's bytes to the facts that it holds: bounded, recognised by content, read by the one reader that knows
it."""

from __future__ import annotations

from collections.abc import Sequence

from stillframe.capture.reports.interface import MOST_BYTES, Report, ReportReader
from stillframe.capture.reports.looking import look_at, without_mark
from stillframe.errors import CaptureRefused, Fault
from stillframe.model.facts import ReportFacts


def read_with(readers: Sequence[ReportReader], name: str, data: bytes, *, root: str | None) -> ReportFacts:
    """
    Return what a report says, read by the first of `readers` that knows its format.

    Errors  CaptureRefused naming the file, and what is wrong where.
    """
    size = len(data)
    if size > MOST_BYTES:
        raise _refused(name, f"{size:,} bytes are too many: a report has at most {MOST_BYTES:,}")
    if not without_mark(data).strip():
        raise _refused(name, "the report is empty")
    report = Report(name=name, data=data, look=look_at(without_mark(data)), root=root)
    reader = next((found for found in readers if found.recognises(report.look)), None)
    if reader is None:
        known = ", ".join(found.title for found in readers)
        raise _refused(name, f"this is none of the formats that are read: {known}")
    return reader.read(report)


def _refused(name: str, message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=name, message=message)])
