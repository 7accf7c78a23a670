"""Opens JSON reports into the typed parts that a reader asks for, and says where one is not what its format says."""

from __future__ import annotations

import codecs
import re
from typing import Final, TypeVar

import msgspec

from stillframe.capture.reports.interface import Report
from stillframe.capture.reports.looking import without_mark

MOST_OBJECTS: Final = 1_000_000
"""JSON objects in one report: what a typed reader makes of them stays within its memory."""
MOST_FINDINGS: Final = 50_000
"""Of one report, and of one project: as many rows as a table of findings may have."""
_AT: Final = " - at `"
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE: Final = ("JSON is malformed: unexpected end of hex escape", "a lone surrogate is no text")
_CHUNK: Final = 1024 * 1024

Typed = TypeVar("Typed")


def decoded(report: Report, decoder: msgspec.json.Decoder[Typed], *, of: str) -> Typed:
    """
    Return a JSON report as the parts that a reader asks for; what it does not ask for is skipped unbuilt.

    Long lists and texts are asked for as `msgspec.Raw` and walked (`walking.py`): a text of 64 MiB with one emoji in it
    needs 256 MiB once it is a `str`, and so does a list of 8 million numbers.

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
    except UnicodeDecodeError as error:
        raise report.refused(_not_utf8_at(data) or "$", f"this is not UTF-8 ({error.reason})", of=of) from None
    except (msgspec.DecodeError, RecursionError) as error:
        where, message = _where(error, data)
        raise report.refused(where, message, of=of) from None


def too_many(report: Report, *, of: str, what: str = "findings") -> Exception:
    """Return the error for a report that holds more than a picture can."""
    return report.refused("", f"more than {MOST_FINDINGS:,} {what}; narrow what the tool looks at", of=of)


def _where(error: Exception, data: bytes) -> tuple[str, str]:
    message = str(error)
    if isinstance(error, RecursionError):
        return "$", "this is nested too deep for any report"
    if "truncated" in message:
        return (f"byte {len(data)}", "the report is cut off") if _is_cut(data) else ("$", "a lone surrogate is no text")
    text, _, place = message.replace(*_LONE).partition("(byte ")
    return (f"byte {place.rstrip(')')}" if place else "$"), text.strip()


def _is_cut(data: bytes) -> bool:
    """Whether JSON ends too early; msgspec says the same of half a surrogate pair in a text."""
    return data.rstrip()[-1:] not in (b"}", b"]") or _SURROGATE.search(data) is None


def _not_utf8_at(data: bytes) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _CHUNK):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _CHUNK])
        except UnicodeDecodeError as error:
            return f"byte {start - pending + error.start}"
    return ""
