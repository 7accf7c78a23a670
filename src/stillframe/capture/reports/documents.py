"""Opens the documents that reports are: JSON into typed parts, XML as a stream, text as lines; all of them bounded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final, TypeVar
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from stillframe.capture.reports.interface import Report
from stillframe.capture.reports.looking import without_mark

MOST_OBJECTS: Final = 1_000_000
"""JSON objects in one report: what a typed reader makes of them stays within its memory."""
MOST_FINDINGS: Final = 50_000
"""Of one report, and of one project: as many rows as a table of findings may have."""
_AT: Final = " - at `"

Typed = TypeVar("Typed")


def decoded(report: Report, decoder: msgspec.json.Decoder[Typed], *, of: str) -> Typed:
    """
    Return a JSON report as the parts that a reader asks for; what it does not ask for is skipped unbuilt.

    Errors  CaptureRefused with the byte or the JSON path at which it is not what the format says.
    """
    data = without_mark(report.data)
    if data.count(b"{") > MOST_OBJECTS:
        raise report.refused("", f"more than {MOST_OBJECTS:,} JSON objects; split the report", of=of)
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(_AT)
        raise report.refused(path.rstrip("`") or "$", message, of=of) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        where, message = _where(str(error), len(data))
        raise report.refused(where, message, of=of) from None


def elements(report: Report, *, of: str) -> Iterator[tuple[str, Element]]:
    """
    Give the elements of an XML report as they begin and end: `("start" | "end", element)`, names without namespace.

    Whoever has read an element that ended clears it, so that the whole is never in memory. Entities are refused.

    Errors  CaptureRefused with line and column.
    """
    try:
        for event, element in iterparse(io.BytesIO(report.data), events=("start", "end"), forbid_dtd=False):
            if isinstance(element.tag, str) and "}" in element.tag:
                element.tag = element.tag.rpartition("}")[2]
            yield event, element
    except DefusedXmlException as error:
        kind = type(error).__name__
        raise report.refused("", f"XML with entities or external references is not read ({kind})", of=of) from None
    except ParseError as error:
        line, column = error.position
        raise report.refused(f"line {line}, column {column + 1}", _xml_fault(error), of=of) from None


def lines_of(report: Report, *, of: str) -> list[str]:
    """
    Return the lines of a text report.

    Errors  CaptureRefused with the byte that is not UTF-8.
    """
    try:
        return without_mark(report.data).decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise report.refused(f"byte {error.start}", "this is not UTF-8", of=of) from None


def too_many(report: Report, *, of: str, what: str = "findings") -> Exception:
    """Return the error for a report that holds more than a picture can."""
    return report.refused("", f"more than {MOST_FINDINGS:,} {what}; narrow what the tool looks at", of=of)


def _where(message: str, size: int) -> tuple[str, str]:
    if "truncated" in message:
        return f"byte {size}", "the report is cut off"
    text, _, place = message.partition("(byte ")
    return (f"byte {place.rstrip(')')}" if place else "$"), text.strip()


def _xml_fault(error: ParseError) -> str:
    text = str(error)
    return "the report is cut off" if "no element found" in text or "unclosed" in text else text.partition(":")[0]


def mapping(raw: msgspec.Raw, *, most_bytes: int) -> dict[str, Any]:
    """Return a small free-form object that a reader keeps raw; one over the bound is taken as empty."""
    return {} if len(memoryview(raw)) > most_bytes else msgspec.json.decode(raw, type=dict[str, Any])
