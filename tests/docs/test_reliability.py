"""The page about reliability names every attack with its command, and every way in which the product was broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.__main__ import ATTACKS
from chaos.broken import BREAKAGES, Breakage
from chaos.oracle import FAULTS
from tests.docs.documents import table_of


@pytest.fixture
def page(repository: Path) -> Path:
    return repository / "docs" / "reference" / "reliability.md"


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_has_its_command_and_a_seed(page: Path, attack: str) -> None:
    """A figure that nobody can make again is a claim."""
    assert f"    make chaos ARGS='{attack} --seed " in page.read_text("utf8")


def test_every_verdict_is_explained(page: Path) -> None:
    """Whoever reads a zero must know what was counted."""
    assert {row[0] for row in table_of(page, heading="Verdict")} == set(FAULTS)


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.name.replace(" ", "-"))
def test_every_breakage_is_listed_with_what_caught_it(page: Path, breakage: Breakage) -> None:
    """An oracle that cannot fail proves nothing, and one that did is named."""

    rows = [line for line in page.read_text("utf8").splitlines() if line.startswith(f"| {breakage.name} |")]
    assert len(rows) == 1
