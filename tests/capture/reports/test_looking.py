"""The first look: what a report is shows in a glance that costs the same whatever the report holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.reports.looking import MOST_KEYS, MOST_KEYS_OF_LISTS, look_at, without_mark


def test_an_object_shows_its_members_and_its_short_texts() -> None:
    """Nested members are no members."""
    look = look_at(b' {"version": "2.1.0", "runs": [{"tool": 1}], "n": 1, "long": "%s"}' % (b"x" * 300))
    assert (look.syntax, look.is_list) == ("json", False)
    assert look.keys == {"version", "runs", "n", "long"}
    assert look.marks == {"version": "2.1.0"}


def test_a_list_shows_the_members_of_its_first_objects() -> None:
    """The texts are those of the first."""
    look = look_at(b'[{"code": "E501", "row": 1}, {"code": "E502", "cell": 2}]')
    assert look.is_list
    assert look.keys == {"code", "row", "cell"}
    assert look.marks == {"code": "E501"}


@pytest.mark.parametrize("text", [b"[]", b" [ \n ] ", b"[1, 2]", b'["a"]', b"[[]]", b"[{}]"])
def test_a_list_without_members_shows_none(text: bytes) -> None:
    """It is still a list."""
    look = look_at(text)
    assert look.is_list
    assert look.keys == frozenset()


def test_what_is_cut_off_shows_what_there_is() -> None:
    """So that the reader whose format it is says that it is cut off."""
    look = look_at(b'{"version": "2.1.0", "runs": [{"tool": {"driver"')
    assert {"version", "runs", "tool"} <= look.keys
    assert look.marks == {"version": "2.1.0"}
    listed = look_at(b'[{"code": "E501", "row": 1}, {"co')
    assert listed.is_list
    assert {"code", "row"} <= listed.keys


@pytest.mark.parametrize(
    ("text", "root"),
    [
        (b"<?xml version='1.0'?><!-- <a> --><testsuites/>", "testsuites"),
        (b"<!DOCTYPE coverage SYSTEM 'x'>\n<coverage line-rate='1'>", "coverage"),
        (b"<cov:coverage xmlns:cov='x'/>", "coverage"),
        (b"<!-- never ends", ""),
        (b"<?xml", ""),
        (b"<\xff\xfe>", ""),
    ],
)
def test_xml_shows_its_root(text: bytes, root: str) -> None:
    """Without its namespace, and past what stands before it."""
    look = look_at(text)
    assert (look.syntax, look.root) == ("xml", root)


def test_anything_else_is_text_with_a_head() -> None:
    """Of 4 KiB."""
    look = look_at(b"TN:\nSF:a.py\n" + b"x" * 10_000)
    assert look.syntax == "text"
    assert look.head.startswith("TN:\nSF:")
    assert len(look.head) == 4096


def test_a_look_stops_at_so_many_members() -> None:
    """An object of a million members is no report, and is not built to find that out."""
    many = b",".join(b'"k%d":1' % index for index in range(MOST_KEYS + 100))
    assert len(look_at(b'{"version":"1",%s}' % many).keys) <= MOST_KEYS + 300
    assert look_at(b'{"version":"1",%s}' % many).marks == {"version": "1"}
    assert len(look_at(b"[{%s}]" % many).keys) <= MOST_KEYS_OF_LISTS + 300


def test_the_mark_of_an_editor_is_looked_over() -> None:
    """Some editors put three bytes in front of UTF-8."""
    assert without_mark(b"\xef\xbb\xbf{}") == b"{}"


@given(st.binary() | st.text().map(str.encode))
def test_whatever_it_is_it_can_be_looked_at(data: bytes) -> None:
    """The look never fails: what to say of a broken file is its reader's business."""
    for start in (b"", b"{", b"[", b"<", b'{"', b'[{"a":'):
        assert look_at(start + data).syntax in ("json", "xml", "text")


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b'{"a":' * 100_000, b'{"\\ud800": 1}', b'{"a": "\\ud800"}', b'{"\xff": 1}']
)
def test_depth_and_half_characters_are_looked_over(text: bytes) -> None:
    """They are faults that a reader tells of."""
    assert look_at(text).syntax == "json"
