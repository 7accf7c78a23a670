"""Identity: a finding is known by its rule, its file and what stands in the line, wherever that line stands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.reports import read_report
from stillframe.capture.reports.identity import (
    LONGEST_ID,
    LONGEST_TITLE,
    Place,
    content_of,
    finding_ids,
    line_in,
    one_line,
    relative_file,
    title_of,
)

MOVED = Path(__file__).resolve().parent / "moved"
places = st.builds(
    Place,
    rule=st.sampled_from(["B101", "B602"]),
    file=st.sampled_from(["a.py", "b.py"]),
    content=st.sampled_from(["x = 1", "  x  =  1 ", "y = 2"]),
    line=st.integers(min_value=1, max_value=40),
)


def known(path: Path) -> Counter[tuple[str, str]]:
    facts = read_report(path.name, path.read_bytes(), root="/project")
    return Counter((found.id, found.title) for found in facts.findings or ())


@pytest.mark.parametrize(
    "name", ["bandit.json", "bandit.sarif", "ruff.json", "ruff.sarif", "semgrep.json", "semgrep.sarif"]
)
def test_lines_inserted_above_findings_make_nothing_new_and_fix_nothing(name: str) -> None:
    """The tools' own reports of one file before and after it grew: 0 new, 0 fixed, and the same words."""
    before, after = known(MOVED / "before" / name), known(MOVED / "after" / name)
    assert len(before) >= 3
    assert after == before


@given(st.lists(places, max_size=12), st.integers(min_value=1, max_value=500))
def test_ids_are_unique_and_stay_where_all_lines_move_on(found: list[Place], further: int) -> None:
    """An id names one finding, and holds no line number."""
    ids = finding_ids(found)
    assert len(set(ids)) == len(ids)
    assert finding_ids([place._replace(line=place.line + further) for place in found]) == ids


@given(st.lists(places, max_size=12, unique_by=lambda place: place.line), st.randoms())
def test_the_order_in_which_a_tool_tells_changes_no_id(found: list[Place], chance: object) -> None:
    """Of the same once more, the one that stands higher is the first."""
    told = list(zip(found, finding_ids(found), strict=True))
    chance.shuffle(told)  # type: ignore[attr-defined]  # because hypothesis gives its random no type
    assert finding_ids([place for place, _ in told]) == [id_ for _, id_ in told]


@given(st.lists(places, max_size=8), places)
def test_a_finding_of_another_kind_changes_no_id_of_the_others(found: list[Place], other: Place) -> None:
    """What somebody adds is new, and nothing else is."""
    other = other._replace(rule="B999", line=1)
    assert finding_ids([other, *found])[1:] == finding_ids(found)


def test_an_edited_line_is_another_finding_and_an_indented_one_is_not() -> None:
    """Code that moved into an `if` is the same code."""
    one = Place(rule="B602", file="a.py", content="run(words)", line=3)
    plain, indented, edited = (
        finding_ids([one._replace(content=text)]) for text in ("run(words)", "\t    run(words)\n", "run(word)")
    )
    assert plain == indented != edited


def test_names_too_long_for_an_id_are_still_told_apart() -> None:
    """What is cut off counts in the digest."""
    ids = finding_ids([Place(rule="R", file="d/" * 400 + name, content="x", line=1) for name in ("a.py", "b.py")])
    assert len(set(ids)) == 2
    assert all(len(id_) <= LONGEST_ID for id_ in ids)
    assert not any(id_.endswith(":2") for id_ in ids)


@pytest.mark.parametrize(
    ("path", "root", "file"),
    [
        ("src/db.py", None, "src/db.py"),
        ("./src/db.py", None, "src/db.py"),
        ("src/./x/../db.py", None, "src/db.py"),
        (r".\src\db.py", None, "src/db.py"),
        (r"C:\work\src\db.py", r"c:\work", "src/db.py"),
        ("file:///C:/builds/src/db.py", "C:/builds/", "src/db.py"),
        ("file:///c%3A/builds/src/db.py", "C:/builds/", "src/db.py"),
        ("file:///home/ci/my%20service/src/db.py", "/home/ci/my service", "src/db.py"),
        ("file:///home/ci/src/db.py", "file:///home/ci/", "src/db.py"),
        ("file://localhost/home/ci/src/db.py", "/home/ci", "src/db.py"),
        ("file:/home/ci/src/db.py", "/home/ci", "src/db.py"),
        ("/home/ci/src/db.py", "/home/ci/", "src/db.py"),
        ("/home/ci2/db.py", "/home/ci", "/home/ci2/db.py"),
        ("/home/ci", "/home/ci", "/home/ci"),
        ("https://example.test//a/../b.py", None, "https://example.test//a/../b.py"),
        ("100%25.py", None, "100%25.py"),
        ("a\nb.py", None, "a b.py"),
        ("", None, ""),
    ],
)
def test_a_file_has_one_name_on_every_machine(path: str, root: str | None, file: str) -> None:
    """URLs, backslashes, dots and the folder of the build are undone."""
    assert relative_file(path, root) == file


@given(st.text(), st.none() | st.text())
def test_any_path_becomes_some_name(path: str, root: str | None) -> None:
    """Whatever a tool writes there, and it can be printed."""
    assert relative_file(path, root).isprintable()


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("two\n  lines\tand\x1b[31m more", "two lines and [31m more"),
        ("Redefinition of `x` from line 3", "Redefinition of `x` from line …"),
        ("Lines 3-5, 9 and 12 differ", "Lines … differ"),
        ("Line too long (130 > 120)", "Line too long (130 > 120)"),
        ("offline 3", "offline 3"),
    ],
)
def test_a_title_is_one_line_without_line_numbers(message: str, title: str) -> None:
    """A picture that only moved is the same picture, byte for byte."""
    assert title_of(message) == title
    assert len(title_of(message * 1_000)) <= LONGEST_TITLE


def test_what_cannot_be_printed_is_a_space() -> None:
    """Titles go to terminals and pages."""
    assert one_line(" a\x00\x9bb\u202ec ") == "a b c"


def test_without_a_line_a_finding_is_known_by_what_is_said() -> None:
    """And what is said may name the line of another."""
    assert content_of("  ", "as on line 7") == content_of(None, "as on line 9")
    assert content_of("x = 1", "as on line 7") == "x = 1"


def test_a_line_outside_of_its_excerpt_is_not_known() -> None:
    """An excerpt starts at a line of its own."""
    assert line_in("a\nb", starts_at=5, line=6) == "b"
    assert line_in("a\nb", starts_at=5, line=7) is None
    assert line_in("a\nb", starts_at=5, line=4) is None


@pytest.mark.parametrize(
    "message",
    [
        "Possible hardcoded password: 'hunter2'",
        'Possible hard-coded secret: "hunter2 with \'more"',
        "Possible hardcoded password: 'hunter2",
    ],
)
def test_a_password_that_a_scanner_quotes_is_told_no_further(message: str) -> None:
    """A title goes into pictures, notices and comments; the report itself keeps what the tool wrote."""
    assert "hunter" not in title_of(message)
    assert title_of(message).endswith(": …")


def test_a_function_that_grows_is_the_same_finding() -> None:
    """How far a limit is passed is no part of what is found; two limits are still told apart by their rule."""
    assert content_of(None, "`run` is too complex (13 > 10)") == content_of(None, "`run` is too complex (14 > 10)")
    assert content_of("x = f(13 > 10)", "") != content_of("x = f(14 > 10)", "")
