"""From a file's bytes to the facts that it holds: bounded, recognised by content, read by the one reader that knows
it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stillframe.capture.reports.interface import MOST_BYTES, Look, Report, ReportReader
from stillframe.capture.reports.looking import look_at, without_mark
from stillframe.errors import CaptureRefused, Fault
from stillframe.model.facts import ReportFacts

_SIGNATURES: Final = {
    b"\xff\xfe": "this is UTF-16; write the report as UTF-8",
    b"\xfe\xff": "this is UTF-16; write the report as UTF-8",
    b"\x1f\x8b": "this is packed (gzip); unpack it",
    b"PK\x03\x04": "this is packed (zip); unpack it",
    b"\x28\xb5\x2f\xfd": "this is packed (zstd); unpack it",
}
_BINARY: Final = "this is no text, and every report is"


def read_with(
    readers: Sequence[ReportReader], name: str, data: bytes, *, root: str | None, closed: Sequence[ReportReader] = ()
) -> ReportFacts:
    """
    Return what a report says, read by the first of `readers` that knows its format.

    Shape   `closed`: readers of what Stillframe itself writes and takes from nobody.
    Errors  CaptureRefused naming the file, and what is wrong where.
    """
    size = len(data)
    if size > MOST_BYTES:
        raise _refused(name, f"{size:,} bytes are too many: a report has at most {MOST_BYTES:,}")
    look = _looked_at(name, data)
    if any(found.recognises(look) for found in closed):
        raise _refused(name, "only Stillframe itself writes this")
    reader = next((found for found in readers if found.recognises(look)), None)
    if reader is None:
        known = ", ".join(found.title for found in readers)
        raise _refused(name, f"this is none of the formats that are read: {known}")
    return reader.read(Report(name=name, data=data, look=look, root=root))


def _looked_at(name: str, data: bytes) -> Look:
    if not without_mark(data[:4096]).strip() and not without_mark(data).strip():
        raise _refused(name, "the report is empty")
    for signature, message in _SIGNATURES.items():
        if data.startswith(signature):
            raise _refused(name, message)
    if b"\x00" in data[:4096]:
        raise _refused(name, _BINARY)
    return look_at(without_mark(data))


def _refused(name: str, message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=name, message=message)])
