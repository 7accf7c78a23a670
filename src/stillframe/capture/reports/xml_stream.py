"""An XML report as a stream of tags and texts: nothing is built of it, so that none costs more than its longest tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import DefusedXMLParser

from stillframe.capture.reports.interface import Report
from stillframe.capture.reports.looking import without_mark
from stillframe.errors import CaptureRefused

DEEPEST: Final = 100
"""Elements inside one another; suites of suites of suites are ten."""
MOST_NAMES: Final = 2_000
"""Different names of elements and attributes: a parser keeps every one to the end."""
MOST_ELEMENTS: Final = 3_000_000
"""As many tests or lines as stand in 64 MiB, the shortest that there are."""
LONGEST_TAG: Final = 1024 * 1024
"""Bytes of one tag with its attributes, or of one comment: a parser holds them in one piece."""
_CHUNK: Final = 64 * 1024
_CUT_OFF: Final = ("no element found", "unclosed", "partial character")


class Visitor(Protocol):
    """
    Is told what stands in an XML document, in its order.

    Shape   Names are without namespace. A text comes in as many pieces as the parser likes.
    """

    def opened(self, name: str, attributes: Mapping[str, str]) -> None: ...

    def text(self, piece: str) -> None: ...

    def closed(self, name: str) -> None: ...


def visit(report: Report, visitor: Visitor, *, of: str) -> None:
    """
    Tell a visitor what stands in an XML report.

    A document type that only names itself is read over (coverage.py's and Cobertura's do); entities and declarations
    inside the document are refused, and nothing outside of it is ever opened.

    Errors  CaptureRefused with line and column, or what the visitor raises.
    """
    teller = _Teller(report, visitor, of)
    parser = _Parser(target=teller)
    parser.parser.StartDoctypeDeclHandler = _refuse_declarations
    teller.position = parser.parser
    try:
        _feed(report, parser, teller)
    except DefusedXmlException:
        raise teller.refused("XML with entities or with declarations of its own is not read") from None
    except ParseError as error:
        error.__traceback__ = None  # ElementTree's error holds the frame that holds it, and with it the report
        line, column = error.position
        raise report.refused(f"line {line}, column {column + 1}", _fault(error), of=of) from None
    except (LookupError, ValueError) as error:
        raise teller.refused(f"its encoding cannot be read ({error}); write UTF-8") from None
    finally:
        vars(parser).clear()  # a parser and its handlers hold one another, and the report, until somebody collects them
        teller.position = None


def _feed(report: Report, parser: DefusedXMLParser, teller: _Teller) -> None:
    data = memoryview(without_mark(report.data))
    for start in range(0, len(data), _CHUNK):
        piece = data[start : start + _CHUNK]
        teller.silent_bytes += len(piece)
        parser.feed(piece)
        if teller.silent_bytes > LONGEST_TAG:
            raise teller.refused(f"a tag or comment of more than {LONGEST_TAG:,} bytes")
    parser.close()


def _fault(error: ParseError) -> str:
    text = str(error)
    return "the report is cut off" if any(words in text for words in _CUT_OFF) else text.partition(":")[0]


class _Parser(DefusedXMLParser):
    parser: Any  # expat's, which the published types leave out; it knows line and column


def _refuse_declarations(*document_type: str | int | None) -> None:
    """Take a document type's name and its two identifiers, and last whether it declares anything itself."""
    if document_type[-1]:
        raise DTDForbidden(str(document_type[0]), None, None)


class _Teller:
    """What the parser calls; it counts what a parser keeps, so that it never keeps much."""

    def __init__(self, report: Report, visitor: Visitor, of: str) -> None:
        self.position: Any = None
        self.silent_bytes = 0
        self._report = report
        self._visitor = visitor
        self._of = of
        self._names: dict[str, str] = {}
        self._depth = 0
        self._elements = 0

    def refused(self, message: str) -> CaptureRefused:
        place = f"line {self.position.CurrentLineNumber}, column {self.position.CurrentColumnNumber + 1}"
        return self._report.refused(place, message, of=self._of)

    def start(self, tag: str, attributes: dict[str, str], /) -> None:
        self.silent_bytes = 0
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST:
            raise self.refused(f"more than {DEEPEST} elements inside one another")
        if self._elements > MOST_ELEMENTS:
            raise self.refused(f"more than {MOST_ELEMENTS:,} elements; split the report")
        self._visitor.opened(self._local(tag), {self._local(name): value for name, value in attributes.items()})

    def data(self, piece: str, /) -> None:
        self.silent_bytes = 0
        self._visitor.text(piece)

    def end(self, tag: str, /) -> None:
        self.silent_bytes = 0
        self._depth -= 1
        self._visitor.closed(self._local(tag))

    def _local(self, name: str) -> str:
        local = self._names.get(name)
        if local is None:
            if len(self._names) >= MOST_NAMES:
                raise self.refused(f"more than {MOST_NAMES:,} different names of elements and attributes")
            local = self._names[name] = name.rpartition("}")[2]
        return local
