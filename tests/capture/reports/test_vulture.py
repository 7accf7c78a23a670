"""What vulture prints: what is unused, what of it is a definition, and that there is nothing, if it says so."""

from __future__ import annotations

import pytest

from stillframe.capture.reports.looking import look_at
from stillframe.capture.reports.vulture import VultureText
from stillframe.health.quality import is_definition
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said

READER = VultureText()
PRINTED = b"""kiosk/tills.py:3: unused import 'os' (90% confidence)
kiosk/tills.py:10: unused variable 'colour' (60% confidence)
kiosk/tills.py:14: unused attribute 'never_read' (60% confidence)
kiosk/tills.py:16: unused method 'put' (60% confidence)
kiosk/tills.py:23: unused property 'empty' (60% confidence)
kiosk/tills.py:27: unused class 'Drawer' (60% confidence)
kiosk/tills.py:32: unused function 'change' (60% confidence)
kiosk/tills.py:54: unreachable code after 'return' (100% confidence)
kiosk/tills.py:60: unreachable code after 'class' (100% confidence)
kiosk/tills.py:61: unsatisfiable 'if' condition (100% confidence)
"""
BY_SIZE = b"""kiosk/tills.py:3: unused import 'os' (90% confidence, 1 line)
kiosk/tills.py:32: unused function 'change' (60% confidence, 17 lines)
"""
NOT_PARSED = b"""kiosk/broken.py:1: invalid syntax at "def broken(:"
"""
NOTHING_FOUND = b"vulture 2.16\n"


def ids(data: bytes) -> list[str]:
    unused = said(READER, data).unused
    assert unused is not None
    return [finding.id for finding in unused]


def test_what_is_unused_is_named_by_file_and_name() -> None:
    """How sure vulture is, is no part of a picture; each is a low matter."""
    facts = said(READER, PRINTED)
    [first, *_] = facts.unused or ()
    assert (first.title, first.file, first.line, first.rule) == (
        "unused import 'os'",
        "kiosk/tills.py",
        3,
        "unused-import",
    )
    assert {(finding.part, finding.severity) for finding in facts.unused or ()} == {("quality", "low")}
    assert (facts.format, facts.tool, facts.version, facts.findings) == ("vulture", "vulture", None, None)


def test_only_functions_methods_classes_and_properties_are_definitions() -> None:
    """Variables, imports, attributes and code that nothing reaches are no part of what dead code is a share of."""
    definitions = [finding.title for finding in said(READER, PRINTED).unused or () if is_definition(finding)]
    assert definitions == [
        "unused method 'put'",
        "unused property 'empty'",
        "unused class 'Drawer'",
        "unused function 'change'",
    ]


def test_lines_that_were_inserted_above_change_nothing() -> None:
    """And neither do the sizes that `--sort-by-size` adds, nor the root of another machine."""
    moved = PRINTED.replace(b":3:", b":9:").replace(b":32:", b":38:")
    assert ids(moved) == ids(PRINTED)
    assert set(ids(BY_SIZE)) < set(ids(PRINTED))
    elsewhere = said(READER, BY_SIZE.replace(b"kiosk/", b"/builds/kiosk/"), root="/builds").unused or ()
    assert [finding.id for finding in elsewhere] == ids(BY_SIZE)


def test_two_of_one_name_in_one_file_are_two() -> None:
    """Two classes may each have a method that nobody calls."""
    twice = b"a.py:3: unused method 'put' (60% confidence)\na.py:9: unused method 'put' (60% confidence)\n"
    [first, second] = ids(twice)
    assert second == f"{first}:2"


def test_the_version_behind_a_report_says_that_vulture_ended_well() -> None:
    """It prints nothing where it finds nothing: an empty file says nothing, one with the version says that."""
    facts = said(READER, NOTHING_FOUND)
    assert (facts.unused, facts.version, facts.failed) == ([], "2.16", None)
    assert ids(PRINTED + NOTHING_FOUND) == ids(PRINTED)
    assert refusal(READER, b"").startswith("report.json: the report is empty")


def test_a_file_that_could_not_be_parsed_is_named() -> None:
    """What only that file uses is taken for unused; where nothing else was said, nothing was measured."""
    facts = said(READER, NOT_PARSED + PRINTED)
    assert [finding.file for finding in facts.findings or ()] == ["kiosk/broken.py"]
    failed = said(READER, NOT_PARSED)
    assert failed.failed == 'it could not parse kiosk/broken.py (invalid syntax at "def broken(:")'
    assert (failed.unused, failed.findings, failed.looks_for) == (None, None, ("quality",))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (PRINTED[:-20], 10),
        (PRINTED + b"Scanning: /project/kiosk/tills.py\n", 11),
        (PRINTED + b"change  # unused function (kiosk/tills.py:32)\n", 11),
        (PRINTED + b"x" * 5_000 + b":3: unused import 'os' (90% confidence)\n", 11),
    ],
)
def test_a_line_that_is_not_vultures_is_refused(data: bytes, line: int) -> None:
    """A report that was cut in a line, and one in another form, would hide what is unused."""
    assert refusal(READER, data).startswith(f"report.json: line {line}: vulture: this is no line of vulture's report")


@pytest.mark.parametrize(
    "text", [b"a.py:1:1: F401 'os' imported but unused\n", b"a.py:3: error: no (60% sure)\n", b"vulture\n"]
)
def test_another_text_is_not_taken_for_it(text: bytes) -> None:
    """Many tools print a file, a line and a sentence."""
    assert not READER.recognises(look_at(text))


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, there is an answer or a clear refusal."""
    assert_law(READER, [NOT_PARSED + PRINTED, BY_SIZE + NOTHING_FOUND])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Of more findings than a table has rows none is kept."""
    assert_bounded(READER, [BY_SIZE])
