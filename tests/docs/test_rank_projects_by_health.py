"""The page on ranking projects, followed from an empty folder: who is told, and who is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.following import Step, alike, follow

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def steps(repository: Path) -> list[Step]:
    """What each block of the page printed."""
    return follow(repository / "docs" / "howto" / "rank-projects-by-health.md", repository=repository)


def test_every_block_prints_what_the_page_shows(steps: list[Step]) -> None:
    """Who follows the page sees what they were told they would see."""
    assert len(steps) > 5
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []


def test_a_fall_is_told_of_and_a_rise_is_not(steps: list[Step]) -> None:
    """As the page says of each: out of the first three, worse dependencies, better ones, a score that went missing."""
    told = [line for step in steps for line in step.printed.splitlines() if "subscriptions matched" in line]
    assert [int(line.split()[0]) for line in told] == [1, 1, 0, 2]
