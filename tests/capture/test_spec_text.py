"""A view spec is read from YAML 1.2 or JSON, strictly, and never grows beyond what its text could mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.spec_text import LONGEST_TEXT_BYTES, MOST_VALUES, plain_document, read_text
from stillframe.errors import InvalidViewSpec


def refusal(text: str | bytes, **options: object) -> str:
    with pytest.raises(InvalidViewSpec) as caught:
        plain_document(read_text(text, format=options.get("format")))  # type: ignore[arg-type]  # because a test may say any word
    return str(caught.value)


def test_yaml_is_read_as_version_1_2() -> None:
    """`no` is a word and 012 is twelve: what people mean, not what YAML 1.1 made of it."""
    assert read_text("{country: no, on: off, day: 012}", format="yaml") == {"country": "no", "on": "off", "day": 12}


def test_a_number_with_an_exponent_needs_no_point() -> None:
    """A tolerance of 1e-6 is a number, however it is spelled."""
    assert read_text("[1e-6, 1.0e-6]", format="yaml") == [1e-6, 1e-6]


def test_merge_keys_and_aliases_work() -> None:
    """YAML that people share between panels stays readable."""
    text = "a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a"
    assert plain_document(read_text(text, format=None)) == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": {"x": 1}}


@pytest.mark.parametrize("text", ['{"a": 1}', b'\xef\xbb\xbf{"a": 1}', ' \n{"a": 1}', "{a: 1}", "a: 1"])
def test_without_a_format_both_are_read(text: str | bytes) -> None:
    """A file without a suffix, or standard input, is not asked twice what it is."""
    assert read_text(text, format=None) == {"a": 1}


def test_json_with_tabs_is_json() -> None:
    """YAML allows no tabs; JSON does, and a text that is JSON is read as JSON."""
    assert read_text('{\n\t"a":\t1}', format=None) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: a\nsources: [", "line 2, column 11"),
        ("title: a\ntitle: b", "a member occurs twice at line 2, column 1"),
        ("\tx: 1", "line 1, column 1"),
        ("a: !!python/name:os.system x", "constructor"),
        ("a: 1\n---\nb: 2", "not YAML at line 2"),
        ("a: \x01", "not YAML"),
        ("a: 2026-99-99", "not YAML"),
        ("d: 2026-01-02", "$.d: '2026-01-02' was read as a date; put it in quotes"),
        ("a: {1: x}", "$.a: the member 1 is not text; put it in quotes"),
        ("- a", "a mapping of members"),
        ("", "a mapping of members"),
        ("&x [*x]", "nested deeper"),
        ("- " * 1_000, "nested deeper"),
        (b"a: \xff", "not UTF-8: byte 3"),
    ],
)
def test_broken_yaml_is_refused_with_its_place(text: str | bytes, said: str) -> None:
    """Whoever wrote it finds the line without counting."""
    assert said in refusal(text, format="yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n}', "line 2, column 1"),
        ('{"a": 1, "a": 2}', "'a' occurs twice"),
        ('{"a": "\\ud800"}', "lone surrogate"),
        ("a: 1", "not JSON"),
    ],
)
def test_broken_json_is_refused_with_its_place(text: str, said: str) -> None:
    """JSON is held to its own grammar when it is called JSON."""
    assert said in refusal(text, format="json")


def test_a_few_aliases_cannot_make_a_million_values() -> None:
    """Nine lists of nine aliases of each other are a hundred bytes, and would be 387 million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert f"more than {MOST_VALUES} values" in refusal("\n".join(lines))


def test_a_text_that_is_too_long_is_not_even_read() -> None:
    """Reading YAML takes time; a view spec of a quarter of a megabyte is none."""
    assert str(LONGEST_TEXT_BYTES) in refusal("#" * (LONGEST_TEXT_BYTES + 1))
    assert read_text("#" * (LONGEST_TEXT_BYTES - 4) + "\n1", format=None) == 1


def test_the_document_is_a_copy() -> None:
    """A parsed view spec does not change when the caller's mapping does."""
    given_mapping = {"a": {"b": [1]}}
    copied = plain_document(given_mapping)
    given_mapping["a"]["b"].append(2)
    assert copied == {"a": {"b": [1]}}


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!<>|?,'\"#%@`\n\t 01.~=^$"), max_size=60) | st.text(max_size=20))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Every text is a document or a refusal with a path; nothing else comes out of the YAML library."""
    paths = ["$"]
    try:
        plain_document(read_text(text, format=None))
    except InvalidViewSpec as error:
        paths = [fault.path for fault in error.faults]
    assert paths
    assert all(path.startswith("$") for path in paths)
