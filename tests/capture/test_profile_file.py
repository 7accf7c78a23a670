"""A profile's TOML file: a document, or a refusal that names the file and the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.profile_file import LARGEST_BYTES, profile_document
from stillframe.errors import InvalidInput
from stillframe.rules.profiles import parse_profile

PROFILE = b"""\
name = "ours"

[[check]]
id = "no-critical"
type = "security"
severity = "blocker"
findings = "critical"
at_most = 0

[[check]]
id = "sca-no-worse"
type = "security"
severity = "blocker"
forbid = { dimension_state = "regressed", on_dimension = "sca" }
"""


@pytest.mark.parametrize("data", [PROFILE, b"\xef\xbb\xbf" + PROFILE, PROFILE.replace(b"\n", b"\r\n")])
def test_a_file_gives_the_document_that_it_holds(data: bytes) -> None:
    """Whichever editor wrote it, it is the same profile."""
    found = parse_profile(profile_document(data, name="gate.toml"), source="gate.toml")
    assert [check.id for check in found.checks] == ["no-critical", "sca-no-worse"]
    assert found.digest == parse_profile(profile_document(PROFILE, name="other.toml"), source="other.toml").digest


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a = 1\nb = [1,,]", "this is not TOML: Invalid value (at line 2, column 8)"),
        (b"a = 1\na = 2", "Cannot overwrite a value (at line 2, the end)"),
        (b"", ""),
        (b"a = 1\nb = '\xff'", "not UTF-8: a byte at line 2"),
        (b'a = "\\ud800"', "not a Unicode scalar value (at line 1"),
        (b"a = " + b"9" * 5000, "a number or a date"),
        (b"a = " + b"[" * 5000, "nested deeper"),
        (b"#" * (LARGEST_BYTES + 1), f"at most {LARGEST_BYTES}"),
    ],
)
def test_a_refusal_names_the_file_and_the_line(data: bytes, said: str) -> None:
    """Whoever wrote it opens it there."""
    if not said:
        assert profile_document(data, name="gate.toml") == {}
        return
    with pytest.raises(InvalidInput) as caught:
        profile_document(data, name="gate.toml", path="$.profile")
    assert [fault.path for fault in caught.value.faults] == ["$.profile"]
    assert caught.value.message.startswith("$.profile: gate.toml: ")
    assert said in caught.value.message


@given(st.binary(max_size=200) | st.integers(0, len(PROFILE)).map(lambda end: PROFILE[:end]))
def test_whatever_is_given_is_read_or_refused(data: bytes) -> None:
    """Cut short or of another kind: never a traceback."""
    faults: object = None
    checks: object = None
    try:
        checks = parse_profile(profile_document(data, name="gate.toml"), source="gate.toml").checks
    except InvalidInput as refused:
        faults = refused.faults
    assert checks or faults
