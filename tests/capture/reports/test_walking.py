"""Long lists are walked item by item; every fault has its place, and nothing grows without bound."""

from __future__ import annotations

import msgspec
import pytest

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.walking import MOST_ITEM_BYTES, MOST_KEPT_BYTES, NOTHING, Walk, is_there
from stillframe.errors import CaptureRefused


class Thing(msgspec.Struct):
    name: str


THING = msgspec.json.Decoder(Thing)


def walk(size: int = 10_000_000) -> Walk:
    return Walk(Report(name="r.json", data=b" " * size, look=Look(syntax="json")), of="things")


def walked(text: bytes, *, most: int = 10) -> list[tuple[str, str]]:
    items = walk().items(msgspec.Raw(text), THING, path="$.list", most=most)
    return [(path, thing.name) for path, thing in items]


def refusal(text: bytes, *, most: int = 10) -> tuple[str, str]:
    with pytest.raises(CaptureRefused) as caught:
        walked(text, most=most)
    [fault] = caught.value.faults
    return fault.path, fault.message


def test_each_item_comes_with_its_path() -> None:
    """So that what is wrong with it can be found."""
    assert walked(b'[{"name": "a"}, {"name": "b"}]') == [("$.list[0]", "a"), ("$.list[1]", "b")]


def test_no_list_and_an_empty_list_have_no_items_and_are_told_apart() -> None:
    """Not looked at is not nothing found."""
    assert walked(b"null") == walked(b"[]") == []
    assert not is_there(NOTHING)
    assert not is_there(msgspec.Raw(b"null"))
    assert is_there(msgspec.Raw(b"[]"))
    assert is_there(msgspec.Raw(b"true"))


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        (b"{}", "$.list", "Expected `array`"),
        (b'[{"name": "a"}, 1]', "$.list[1]", "Expected `object`"),
        (b'[{"name": "a"}, {"name": 2}]', "$.list[1].name", "Expected `str`"),
        (b"[{}]", "$.list[0]", "missing required field `name`"),
        (b'[{"name": "\xff"}]', "$.list[0]", "not UTF-8"),
        (b'[{"name": "\\ud800"}]', "$.list", "lone surrogate"),
        (b'[{"name": "%s"}]' % (b"x" * MOST_ITEM_BYTES), "$.list[0]", "too many for one entry"),
        (b"[%s]" % b",".join([b'{"name": "a"}'] * 11), "$.list", "at most 10"),
        (b'[{"name": "a", "x": %s}]' % (b"[" * 100_000 + b"]" * 100_000), "$.list", "nested too deep"),
    ],
)
def test_every_fault_is_named_with_its_place(text: bytes, path: str, says: str) -> None:
    """The file, the format, the path below it."""
    place, message = refusal(text)
    assert place == f"r.json: {path}"
    assert message.startswith("things: ")
    assert says in message


def test_what_is_kept_is_counted_and_has_a_bound() -> None:
    """A text costs what it needs in memory, which one emoji makes four times as much."""
    kept = walk()
    text = "😀" + "x" * 1_000_000
    for _ in range(MOST_KEPT_BYTES // (4 * len(text) + 1_000)):
        kept.keep(text, None)
    with pytest.raises(CaptureRefused, match="more memory"):
        kept.keep(text)
