"""A form with files is what the standard says, holds none of them in memory, and can be sent again."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterable
from email import message_from_bytes
from pathlib import Path

import pytest

from stillframe.cli.form import PIECE_BYTES, Form, form_of
from stillframe.errors import InvalidInput


def read_back(form: Form) -> list[tuple[str | None, str | None, str, bytes]]:
    """Each part's name, file name, media type and bytes, as the standard library reads them."""
    message = message_from_bytes(b"Content-Type: " + form.content_type.encode() + b"\r\n\r\n" + b"".join(form))
    parts = message.get_payload()
    assert isinstance(parts, list)
    return [
        (
            str(part.get_param("name", header="content-disposition")),  # type: ignore[union-attr]  # because the parts are messages
            part.get_filename(),  # type: ignore[union-attr]  # because the parts are messages
            part.get_content_type(),  # type: ignore[union-attr]  # because the parts are messages
            part.get_payload(decode=True),  # type: ignore[union-attr, misc]  # because the parts are messages
        )
        for part in parts
    ]


def test_a_form_holds_the_request_and_then_each_file(tmp_path: Path) -> None:
    """Under the name that the caller gives, which need not be the one on the disk."""
    (tmp_path / "a").write_bytes(b"{}")
    (tmp_path / "b").write_bytes(b"")
    form = form_of({"reason": "ü"}, [("bandit.json", tmp_path / "a"), ('of "two".json', tmp_path / "b")])
    assert read_back(form) == [
        ("request", None, "application/json", '{"reason": "ü"}'.encode()),
        ("report", "bandit.json", "application/octet-stream", b"{}"),
        ("report", 'of "two".json', "application/octet-stream", b""),
    ]


@pytest.mark.parametrize("sizes", [(), (0,), (1, PIECE_BYTES, PIECE_BYTES + 1)])
def test_a_form_is_as_long_as_it_says_each_time(tmp_path: Path, sizes: Iterable[int]) -> None:
    """A wrong length would cut the request or hang it; and a second try sends the same bytes."""
    files = []
    for size in sizes:
        (tmp_path / f"{size}").write_bytes(os.urandom(size))
        files.append((f"{size}.json", tmp_path / f"{size}"))
    form = form_of({}, files)
    first = b"".join(form)
    assert len(first) == form.length
    assert b"".join(form) == first


def test_no_name_of_a_file_makes_a_header_of_its_own(tmp_path: Path) -> None:
    """A line break in a name stays in the name."""
    (tmp_path / "a").write_bytes(b"{}")
    form = form_of({}, [('a"\r\nX-Role: admin\r\n\r\n.json', tmp_path / "a")])
    assert b"\r\nX-Role" not in b"".join(form)
    assert len(read_back(form)) == 2


def test_no_file_is_held_in_memory(tmp_path: Path) -> None:
    """A report of many megabytes passes through in pieces."""
    with (tmp_path / "large").open("wb") as large:
        large.truncate(32 * 1024 * 1024)
    form = form_of({}, [("large.json", tmp_path / "large")])
    tracemalloc.start()
    try:
        assert sum(map(len, form)) == form.length
        assert tracemalloc.get_traced_memory()[1] < 4 * PIECE_BYTES
    finally:
        tracemalloc.stop()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Before anything is sent."""
    os.mkfifo(tmp_path / "pipe")
    holder = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        for name, says in (("absent", "No such file"), (".", "Is a directory"), ("pipe", "only once")):
            with pytest.raises(InvalidInput, match=says) as refused:
                form_of({}, [("a.json", tmp_path / name)])
            assert str(tmp_path / name) in refused.value.message
    finally:
        os.close(holder)


@pytest.mark.parametrize(("change", "says"), [(b"x", "became shorter"), (None, "No such file")])
def test_a_file_that_changes_while_it_is_sent_is_named(tmp_path: Path, change: bytes | None, says: str) -> None:
    """Half of one report and half of another would be evidence of neither."""
    path = tmp_path / "a"
    path.write_bytes(b"longer")
    form = form_of({}, [("a.json", path)])
    path.unlink()
    if change is not None:
        path.write_bytes(change)
    with pytest.raises(InvalidInput, match=says):
        b"".join(form)


def test_what_was_added_to_a_file_meanwhile_is_not_sent(tmp_path: Path) -> None:
    """The length was promised: what is sent is the file as it was when it was measured."""
    path = tmp_path / "a"
    path.write_bytes(b"{}")
    form = form_of({}, [("a.json", path)])
    path.write_bytes(b"{}and more")
    assert read_back(form)[1][3] == b"{}"
