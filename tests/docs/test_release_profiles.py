"""The page on release profiles: its tables are the built-in profiles, and its example is a profile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stillframe.capture.profile_file import profile_document
from stillframe.model.gate import CHECK_SEVERITIES, CHECK_TYPES, Check
from stillframe.rules.gate_wording import limit_text, listed
from stillframe.rules.profile_grammar import CHECK_MEMBERS, PROFILE_MEMBERS
from stillframe.rules.profiles import BUILT_IN, parse_profile
from tests.docs.documents import anchors_in, blocks_of, table_of


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page."""
    return repository / "docs" / "reference" / "release-profiles.md"


def row(check: Check) -> str:
    """A check as the page tells it."""
    of_findings = f"open {check.findings} findings in {listed(check.within)}" if check.findings else ""
    asks = of_findings or f"`{check.metric}`"
    without = "fails" if check.on_missing == "fail" else "skipped"
    return f"| `{check.id}` | {check.type} | {check.severity} | {asks} `{limit_text(check)}` | {without} |"


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_page_has_each_built_in_profile_to_the_figure(page: Path, name: str) -> None:
    """What is promised is what is checked."""
    told = re.search(rf"(?m)^`{name}`:\n\n\| Check.*\n\| ---.*\n((?:\|.*\n)+)", page.read_text(encoding="utf8"))
    assert told
    assert told[1].splitlines() == list(map(row, BUILT_IN[name].checks))


def test_the_example_is_a_profile(page: Path) -> None:
    """With a check of every form."""
    [block] = blocks_of(page, language="toml")
    found = parse_profile(profile_document(block.text.encode(), name="payments.toml"), source="payments.toml")
    assert found.name == "payments"
    assert {form for check in found.checks for form in ("findings", "metric", "forbid") if getattr(check, form)} == {
        "findings",
        "metric",
        "forbid",
    }


def test_the_page_has_every_member_and_every_word(page: Path) -> None:
    """A member that the page forgets is one that nobody uses."""
    members = [
        [name.strip("`") for name, _ in table_of(page, heading=f"Member of a {of}")] for of in ("profile", "check")
    ]
    assert members == [list(PROFILE_MEMBERS), list(CHECK_MEMBERS)]
    said = {row[0]: row[1] for row in table_of(page, heading="Member of a check")}
    assert re.findall(r"`(\w+)`", said["`type`"]) == list(CHECK_TYPES)
    assert re.findall(r"`(\w+)`", said["`severity`"]) == list(CHECK_SEVERITIES)


def test_the_page_points_to_a_place_that_is_there(page: Path, repository: Path) -> None:
    """The rules have their own page."""
    semantics = (repository / "docs" / "reference" / "semantics.md").read_text(encoding="utf8")
    assert "(semantics.md#rules)" in page.read_text(encoding="utf8")
    assert "rules" in anchors_in(semantics)
