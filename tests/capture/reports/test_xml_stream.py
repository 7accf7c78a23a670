"""XML as a stream: nothing is built of it, nothing outside of it is opened, and no document costs memory or time."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Mapping
from contextlib import suppress

import pytest

from stillframe.capture.reports.interface import Report
from stillframe.capture.reports.looking import look_at
from stillframe.capture.reports.xml_stream import DEEPEST, LONGEST_TAG, MOST_NAMES, visit
from stillframe.errors import CaptureRefused


class Noted:
    """Notes what it is told, texts joined."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        self.told.append(f"<{name} {dict(attributes)}>")

    def text(self, piece: str) -> None:
        if self.told and self.told[-1].startswith("="):
            self.told[-1] += piece
        else:
            self.told.append(f"={piece}")

    def closed(self, name: str) -> None:
        self.told.append(f"</{name}>")


def told(data: bytes) -> list[str]:
    noted = Noted()
    visit(Report(name="r.xml", data=data, look=look_at(data)), noted, of="xml")
    return noted.told


def refusal(data: bytes) -> str:
    with pytest.raises(CaptureRefused) as caught:
        told(data)
    [fault] = caught.value.faults
    return f"{fault.path}: {fault.message}"


def test_tags_and_texts_come_in_their_order_without_namespaces() -> None:
    """Whoever listens asks for `testcase`, whatever namespace a writer put it in."""
    data = '\ufeff<a xmlns="urn:x" xmlns:y="urn:y" y:k="1">\u00e9<b/><![CDATA[<>]]></a>'.encode()
    assert told(data) == ["<a {'k': '1'}>", "=\u00e9", "<b {}>", "</b>", "=<>", "</a>"]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_declared_encoding_is_read(encoding: str) -> None:
    """Some runners write Latin-1, and say so."""
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>\u00e9</a>'.encode(encoding)
    assert told(data) == ["<a {}>", "=\u00e9", "</a>"]


def test_a_document_type_that_names_itself_is_read_and_never_opened() -> None:
    """Old writers of coverage point at a DTD on a server that is long gone."""
    data = b'<!DOCTYPE coverage SYSTEM "http://127.0.0.1:1/coverage-04.dtd"><coverage/>'
    assert told(data) == ["<coverage {}>", "</coverage>"]


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><a/>',
        b'<!DOCTYPE a [<!ATTLIST a k CDATA "v">]><a/>',
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
    ],
)
def test_declarations_of_its_own_are_refused(data: bytes) -> None:
    """A bomb is made of them, and a window to other files; no report needs any."""
    assert refusal(data).startswith("r.xml: line 1, column")
    assert "XML with entities or with declarations of its own is not read" in refusal(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<a><b></b>", "r.xml: line 1, column 11: xml: the report is cut off"),
        (b"<a>\n<b k='", "r.xml: line 2, column 1: xml: the report is cut off"),
        (b"<a>\n</b>", "r.xml: line 2, column 3: xml: mismatched tag"),
        (b"<a>&nbsp;</a>", "r.xml: line 1, column 4: xml: undefined entity"),
        (b"<a>\xff</a>", "r.xml: line 1, column 4: xml: not well-formed (invalid token)"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "its encoding cannot be read"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "encoding"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_line_and_column(data: bytes, what: str) -> None:
    """Nothing is taken in half."""
    assert what in refusal(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<a>" * (DEEPEST + 1), "elements inside one another"),
        (b"<a>" + b"".join(b"<n%d/>" % number for number in range(MOST_NAMES + 1)), "different names"),
        (b"<a k='" + b"x" * (LONGEST_TAG + 200_000) + b"'/>", "a tag or comment of more than 1,048,576 bytes"),
        (b"<a><!--" + b"x" * (LONGEST_TAG + 200_000) + b"--></a>", "a tag or comment of more than 1,048,576 bytes"),
    ],
)
def test_what_a_parser_would_keep_is_bounded(data: bytes, what: str) -> None:
    """A parser holds open elements, every name, and the tag that it is in: all of these have a limit."""
    assert what in refusal(data)


def test_a_text_of_any_length_is_read() -> None:
    """The log of a test run may be as long as the report; it goes by in pieces."""
    [_, text, _] = told(b"<a>" + b"x" * (3 * LONGEST_TAG) + b"</a>")
    assert len(text) == 1 + 3 * LONGEST_TAG


def test_a_report_is_let_go_of_at_once() -> None:
    """A parser and its handlers hold one another; with them, and the report's 64 MiB, no collector has to help."""

    class Witness(Noted):
        pass

    gc.collect()
    gc.disable()
    try:
        for data in (b"<a/>", b"<a>", b"<a>" * 200):
            noted = Witness()
            seen = weakref.ref(noted)
            with suppress(CaptureRefused):
                visit(Report(name="r.xml", data=data, look=look_at(data)), noted, of="xml")
            del noted
            assert seen() is None, data[:20]
    finally:
        gc.enable()
