"""Data on stdout, complete and safe to show; talk on stderr."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.cli.output import (
    cell_text,
    check_file,
    check_place,
    facts,
    give,
    give_bytes,
    give_items,
    give_page,
    one_line,
    say,
    table,
)
from stillframe.errors import InvalidInput

CELLS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20))


def test_json_goes_out_whole_and_tables_stay_in(capsys: pytest.CaptureFixture[str]) -> None:
    """Who asks for JSON gets one document and nothing else."""
    give({"a": ["é", None]}, output="json", lines=["never shown"])
    said = capsys.readouterr()
    assert json.loads(said.out) == {"a": ["é", None]}
    assert said.err == ""


def test_a_table_is_printed_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    """People get the lines, and no JSON."""
    give({"a": 1}, output="table", lines=["one", "two"])
    assert capsys.readouterr().out == "one\ntwo\n"


def test_talk_does_not_mix_with_data(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe must carry data only."""
    say("a word")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "a word\n")


def test_columns_are_aligned_whatever_the_width_of_letters() -> None:
    """A name in Chinese takes two cells a letter."""
    assert table([{"a": "東京", "b": 1}, {"a": "Rome", "b": 22}], ["a", "b"]) == ["A     B", "東京  1", "Rome  22"]


def test_no_rows_make_no_table() -> None:
    """A heading over nothing looks like a fault."""
    assert table([], ["a"]) == []


def test_what_is_absent_is_left_out_of_the_facts() -> None:
    """False and zero are said, nothing is not."""
    assert facts({"a": None, "bc": False, "d": 0}) == ["bc  no", "d   0"]


@given(st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}), min_size=1, max_size=5))
def test_a_table_has_a_line_for_each_row_and_no_control_character(rows: list[dict[str, object]]) -> None:
    """Whatever the data hold, they cannot move the cursor or break the line."""
    lines = table(rows, ["a", "b"])
    assert len(lines) == len(rows) + 1
    assert not [letter for line in lines for letter in line if unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cf")]


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    """And printable to the end."""
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (False, "no"), (1.5, "1.5"), ("\x1b[31mred\n", "[31mred"), ([1, "a"], "1, a"), ({"a": 1}, '{"a": 1}')],
)
def test_a_value_becomes_one_piece_of_a_line(value: object, text: str) -> None:
    """The escape that would colour the terminal is gone, its harmless rest is shown."""
    assert cell_text(value) == text


def test_an_empty_list_says_what_that_means_beside_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    """A program still gets the whole JSON; a person learns that nothing is wrong."""
    give_items([], output="json", lines=[], empty="There are none yet.")
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"items": [], "next_cursor": None}
    assert captured.err == "There are none yet.\n"
    give_items([{"a": 1}], output="table", lines=["1"], empty="There are none yet.")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("1\n", "")


def test_a_page_is_printed_with_all_that_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    """A member that one list has and another has not is no less part of the answer."""
    give_page({"items": [], "next_cursor": None, "limit_applied": 200}, output="json", lines=[], empty="None.")
    said = capsys.readouterr()
    assert json.loads(said.out)["limit_applied"] == 200
    assert said.err == "None.\n"


def test_a_document_is_written_byte_for_byte(tmp_path: Path) -> None:
    """No line end is translated."""
    give_bytes(b"a\r\n\xff", file=tmp_path / "document")
    assert (tmp_path / "document").read_bytes() == b"a\r\n\xff"
    with pytest.raises(InvalidInput, match=r"--output: .* cannot be written: Is a directory"):
        give_bytes(b"", file=tmp_path)


def test_a_file_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    """What was decided must not be lost for want of a folder; nothing is made meanwhile."""
    check_file(None)
    check_file(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    for wrong in (tmp_path, tmp_path / "no" / "such"):
        with pytest.raises(InvalidInput, match=r"--output: .* cannot be written"):
            check_file(wrong)


def test_what_is_no_terminal_may_be_sent_anything(tmp_path: Path) -> None:
    """The refusal for a terminal is shown with a real one, in `test_evidence`."""
    check_place(None, binary=True)
    check_place(tmp_path / "a", binary=True)
