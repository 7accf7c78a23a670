"""The page on comparing and on trends, followed from an empty folder: it works, and prints what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.following import Step, alike, follow

pytestmark = [pytest.mark.needs("curl"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def steps(repository: Path) -> list[Step]:
    """What each block of the page printed."""
    page = repository / "docs" / "howto" / "compare-and-follow-trends.md"
    return follow(page, repository=repository)


def test_every_block_prints_what_the_page_shows(steps: list[Step]) -> None:
    """Who follows the page sees what they were told they would see."""
    assert len(steps) > 8
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []


def test_every_block_that_prints_has_its_output_on_the_page(steps: list[Step]) -> None:
    """An output that nobody was shown makes a reader wonder what went wrong."""
    assert [step.command for step in steps if step.printed.strip() and step.shown is None] == []
