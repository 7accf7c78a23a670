"""Comma-separated text: typed cells, and the line that is at fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.csv_text import rows_of_csv
from stillframe.capture.deadline import Deadline
from stillframe.capture.interface import Read
from tests.capture.asking_files import SECONDS, ask, fault_of


def ask_csv(folder: Path, text: str | bytes, *, types: dict[str, Literal["text"]] | None = None) -> Read:
    (folder / "a.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return ask(folder, "a.csv", types=types)


def test_cells_are_typed_by_how_they_are_written(tmp_path: Path) -> None:
    """What JSON would write as a number is one, nothing is null, and all else stays the text it is."""
    read = ask_csv(tmp_path, 'id,a,b\nx,1,-2.5\ny,1e3,007\n"z, z",,"say ""hi"""\nw,+1,NaN\nv,"1,5",true\n')
    assert read.value == [
        {"id": "x", "a": 1, "b": -2.5},
        {"id": "y", "a": 1000.0, "b": "007"},
        {"id": "z, z", "a": None, "b": 'say "hi"'},
        {"id": "w", "a": "+1", "b": "NaN"},
        {"id": "v", "a": "1,5", "b": "true"},
    ]
    assert (read.rows, read.columns) == (5, ("id", "a", "b"))


def test_types_keep_a_column_as_text(tmp_path: Path) -> None:
    """A postal code is no number, whoever wrote it without zeros in front."""
    read = ask_csv(tmp_path, "id,code\n1,1234\n", types={"code": "text"})
    assert read.value == [{"id": 1, "code": "1234"}]


def test_a_header_alone_is_a_table_with_columns(tmp_path: Path) -> None:
    """An empty report still says what it is about."""
    read = ask_csv(tmp_path, "id,score\n")
    assert (read.value, read.columns) == ([], ("id", "score"))


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    """Spreadsheets write both."""
    assert ask_csv(tmp_path, b"\xef\xbb\xbfid,a\r\nx,1\r\n\r\n").value == [{"id": "x", "a": 1}]


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        (b"", "line 1", "header"),
        (b"\nid,a\n", "", ""),
        (b"id,id\n1,2\n", "line 1", "two columns are called 'id'"),
        (b"id,\n1,2\n", "line 1", "no name"),
        (b"id,a\n1,2\n3\n", "line 3", "1 cells, and the header has 2"),
        (b'id,a\n"1\n1",2\n3,4,5\n', "line 4", "3 cells"),
        (b'id,a\n1,"2\n', "line 2", "no CSV|not CSV"),
        (b'id,a\n1,"2"x\n', "line 2", "not CSV"),
        (b"id,a\n1,2\n\xff,3\n", "line 3", "UTF-8"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: bytes, path: str, says: str) -> None:
    """The line is where the row begins, as an editor counts it."""
    if not path:
        assert ask_csv(tmp_path, text).columns == ("id", "a")
        return
    (tmp_path / "a.csv").write_bytes(text)
    found, message = fault_of(tmp_path, "a.csv")
    assert found == path
    assert any(word in message for word in says.split("|"))


def test_a_type_for_no_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt column would lose its type in silence."""
    (tmp_path / "a.csv").write_text("id,code\n1,2\n")
    path, message = fault_of(tmp_path, "a.csv", types={"cod": "text"})
    assert path == "$.types.cod"
    assert "'code'" in message


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1),
                "n": st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
            }
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_again(rows: list[dict[str, Any]]) -> None:
    """Every text and every number that JSON can say survives the way through CSV."""
    lines = ['"{}",{}'.format(row["id"].replace('"', '""'), "" if row["n"] is None else repr(row["n"])) for row in rows]
    data = "\n".join(["id,n", *lines]).encode()
    deadline = Deadline.after(SECONDS)
    columns, found = rows_of_csv(data, types={"id": "text"}, max_rows=9, deadline=deadline)
    assert (columns, found) == (("id", "n"), rows)
