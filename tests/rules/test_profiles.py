"""Profiles: the three built in stand to the figure, and a digest names what a profile asks."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.errors import InvalidInput
from stillframe.model.canonical import digest_of
from stillframe.rules.profiles import BUILT_IN, parse_profile
from tests.rules.candidates import COVERAGE, CRITICAL, NO_WORSE

FIGURES = {
    "gost-56939": [
        ("blocker", "critical", "= 0"),
        ("blocker", "high", "= 0"),
        ("blocker", "audit.taint_paths", "<= 0"),
        ("blocker", "compliance.score", ">= 60"),
        ("blocker", "compliance.threat_model_current", ">= 1"),
        ("blocker", "compliance.security_files_reviewed", ">= 1"),
        ("warning", "quality.dead_code", "<= 0.05"),
        ("warning", "quality.coverage.line", ">= 0.55"),
        ("warning", "medium", "<= 20"),
    ],
    "standard": [
        ("blocker", "critical", "= 0"),
        ("blocker", "high", "<= 5"),
        ("warning", "quality.complexity", "<= 15"),
        ("warning", "quality.coverage.line", ">= 0.55"),
    ],
    "minimal": [("blocker", "critical", "= 0")],
}


def test_the_built_in_profiles_stand_to_the_figure() -> None:
    """These figures are a published promise."""
    from stillframe.rules.gate_wording import limit_text

    assert {
        name: [(check.severity, check.findings or check.metric, limit_text(check)) for check in found.checks]
        for name, found in BUILT_IN.items()
    } == FIGURES


def test_blockers_that_ask_for_evidence_fail_without_it() -> None:
    """Of `minimal` and of warnings nothing is asked."""
    for name, found in BUILT_IN.items():
        for check in found.checks:
            strict = check.severity == "blocker" and name != "minimal"
            assert check.on_missing == ("fail" if strict else "skip")
            assert check.within == (() if check.findings is None else ("audit", "sca"))


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_name_cannot_be_taken(name: str) -> None:
    """Whoever reads `standard` in an answer knows what it was."""
    for spelled in (name, name.upper()):
        with pytest.raises(InvalidInput, match="is built in"):
            parse_profile({**BUILT_IN[name].document, "name": spelled}, source="given")


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_copy_under_another_name_asks_the_same(name: str) -> None:
    """A profile's document can be taken, renamed and changed."""
    copy = parse_profile({**BUILT_IN[name].document, "name": "copy"}, source="copy.toml")
    assert (copy.checks, copy.source) == (BUILT_IN[name].checks, "copy.toml")
    assert copy.digest != BUILT_IN[name].digest


def test_the_digest_is_of_the_canonical_document() -> None:
    """Spelling and defaults do not change it; where the profile came from does not either."""
    short = {"name": "ours", "check": [CRITICAL, COVERAGE, NO_WORSE]}
    full = parse_profile(short, source="given").document
    assert {parse_profile(document, source=source).digest for document in (short, full) for source in "ab"} == {
        digest_of(full)
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"at_most": 1},
        {"severity": "warning"},
        {"type": "custom"},
        {"findings": "high"},
        {"within": ["sca"]},
        {"on_missing": "fail"},
        {"title": "Critical"},
        {"at_least": 0},
        {"id": "other"},
    ],
)
def test_whatever_is_asked_otherwise_has_another_digest(changed: dict[str, Any]) -> None:
    """A decision names exactly what it was decided by."""
    one, other = (
        parse_profile({"name": "ours", "check": [check]}, source="given") for check in (CRITICAL, CRITICAL | changed)
    )
    assert one.digest != other.digest


def test_a_profile_says_its_document_digest_and_source() -> None:
    """What is shown of a profile can be given back."""
    said = BUILT_IN["minimal"].as_dict()
    assert said == {**BUILT_IN["minimal"].document, "digest": BUILT_IN["minimal"].digest, "source": "built-in"}
