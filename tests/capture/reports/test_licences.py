"""A licence expression is the choices that it gives; the licences of one choice hold together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.licences import (
    LONGEST_EXPRESSION,
    MOST_ALTERNATIVES,
    MOST_PARSED_LETTERS,
    Licences,
    alternatives,
    together,
)
from stillframe.capture.reports.walking import Walk
from stillframe.errors import CaptureRefused


def choices(text: str, *, named: bool = False) -> list[list[str]]:
    return [sorted(choice) for choice in alternatives(text, named=named)]


def licences() -> Licences:
    return Licences(Walk(Report(name="sbom.json", data=b"{}", look=Look(syntax="json")), of="spdx"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT", [["MIT"]]),
        ("mit", [["MIT"]]),
        ("MIT OR Zlib", [["MIT"], ["Zlib"]]),
        ("MIT AND Zlib", [["MIT", "Zlib"]]),
        ("(MIT OR Zlib) AND ISC", [["ISC", "MIT"], ["ISC", "Zlib"]]),
        ("MIT OR GPL-2.0-only AND Zlib", [["MIT"], ["GPL-2.0-only", "Zlib"]]),
        ("MIT OR MIT", [["MIT"]]),
        ("GPL-2.0+", [["GPL-2.0-or-later"]]),
        (
            "GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT",
            [["GPL-2.0-or-later WITH Classpath-exception-2.0"], ["MIT"]],
        ),
        ("LicenseRef-House AND MIT", [["LicenseRef-House", "MIT"]]),
        ("DocumentRef-other:LicenseRef-House", [["DocumentRef-other:LicenseRef-House"]]),
        ("Our Own Licence", [["Our Own Licence"]]),
    ],
)
def test_an_expression_gives_choices_of_licences_that_hold_together(text: str, expected: list[list[str]]) -> None:
    """OR gives a choice, AND does not, an exception stays with its licence."""
    assert choices(text) == expected


@pytest.mark.parametrize("text", ["MIT AND", "(MIT", "() AND MIT", "MIT OR (AND Zlib)", "MIT/X11", "MIT WITH", "a, b"])
def test_what_is_no_expression_stands_as_it_was_written(text: str) -> None:
    """A policy can name it; nothing is guessed into it."""
    assert choices(text) == [[text]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT OR Apache-2.0", [["MIT"], ["Apache-2.0"]]),
        ("LGPL with exceptions", [["LGPL with exceptions"]]),
        ("Choose this or that", [["Choose this or that"]]),
        ("BSD License", [["BSD License"]]),
    ],
)
def test_a_name_is_an_expression_only_where_every_part_is_a_known_licence(text: str, expected: list[list[str]]) -> None:
    """The words of a name may look like operators."""
    assert choices(text, named=True) == expected


def test_more_choices_than_the_bound_are_one_choice_of_everything() -> None:
    """Choices multiply: fifty pairs give more than there are atoms. The strictest reading hides no denied licence."""
    pairs = " AND ".join(f"(LicenseRef-a{index} OR LicenseRef-b{index})" for index in range(7))
    assert len(choices(pairs)) == 1
    assert len(choices(pairs)[0]) == 14
    single = " OR ".join(f"LicenseRef-{index}" for index in range(MOST_ALTERNATIVES))
    assert len(choices(single)) == MOST_ALTERNATIVES
    assert len(choices(f"{single} OR MIT")) == 1


def test_expressions_that_hold_at_once_multiply_and_unstated_ones_do_not_count() -> None:
    """A package with two licences declares both."""
    both = together([alternatives("MIT OR ISC"), (), alternatives("Zlib")])
    assert [sorted(choice) for choice in both] == [["MIT", "Zlib"], ["ISC", "Zlib"]]
    assert together([(), ()]) == ()


@pytest.mark.parametrize("text", [None, "", "  ", "NOASSERTION", "NONE", "UNKNOWN", "non-standard"])
def test_saying_nothing_is_no_licence(text: str | None) -> None:
    """Not stated is unknown, and no name that a policy could deny."""
    assert licences().of_expression(text) == ()
    assert licences().of_name(text) == ()


def test_a_report_of_endless_different_expressions_is_refused() -> None:
    """Reading an expression takes time that a hostile report could ask for without end."""
    read = licences()
    expression = " OR ".join(f"LicenseRef-{index}" for index in range(90))
    for _ in range(MOST_PARSED_LETTERS // len(expression) + 2):
        read.of_expression(expression)
    for index in range(MOST_PARSED_LETTERS // (len(expression) + 30)):
        read.of_expression(f"{expression} OR LicenseRef-{index}")
    with pytest.raises(CaptureRefused, match="different licence expressions"):
        [read.of_expression(f"{expression} AND LicenseRef-{index}") for index in range(50)]


@given(st.lists(st.sampled_from(["MIT", "Zlib", "AND", "OR", "WITH", "(", ")", "x", "é", "+", " ", "/"]), max_size=15))
def test_every_text_is_read_somehow(words: list[str]) -> None:
    """Whatever stands there: at least one choice, each of at least one name."""
    for named in (False, True):
        found = alternatives(" ".join(words) or "x", named=named)
        assert found
        assert all(found)


def test_a_text_that_is_too_long_to_be_an_expression_is_one_name() -> None:
    """Some tools put the whole licence where its name belongs."""
    [[name]] = choices("MIT OR " * LONGEST_EXPRESSION)
    assert name == ("MIT OR " * LONGEST_EXPRESSION)[:200]
    assert choices("(" * 60 + "MIT" + ")" * 60) == [["(" * 60 + "MIT" + ")" * 60]]
