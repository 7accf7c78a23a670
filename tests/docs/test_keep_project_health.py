"""The page on keeping a project's health, followed from an empty folder: it works, and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.following import Step, alike, follow

pytestmark = [pytest.mark.needs("curl"), pytest.mark.timeout(600)]
PAGES = ("keep-project-health.md", "compare-and-follow-trends.md")
PROMISED = (
    'stillframe dashboard snapshot create --scope project --project my-service --reason "pre-hardening"',
    "stillframe dashboard snapshot list --scope portfolio --group team-a --format json",
    "stillframe dashboard snapshot show ID --format json",
    "stillframe dashboard snapshot policy --format json",
    "stillframe dashboard snapshot compare --from-snapshot ID1 --to-snapshot ID2 --include-drilldown",
    "stillframe dashboard snapshot export ID --baseline-snapshot ID0 --format markdown",
)


@pytest.fixture(scope="module")
def steps(repository: Path) -> list[Step]:
    """What each block of the page printed."""
    page = repository / "docs" / "howto" / PAGES[0]
    return follow(page, repository=repository)


def test_every_block_prints_what_the_page_shows(steps: list[Step]) -> None:
    """Who follows the page sees what they were told they would see."""
    assert len(steps) > 8
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []


def test_a_worse_summary_is_told_of_and_a_repeated_one_is_not(steps: list[Step]) -> None:
    """The page's own promise: the lead hears of it."""
    assert sum("1 of its subscriptions matched: 1 delivered" in step.printed for step in steps) == 1
    assert "Nothing changed" in steps[-1].printed


@pytest.mark.parametrize("line", PROMISED)
def test_the_lines_that_are_promised_to_work_as_they_stand_are_followed(repository: Path, line: str) -> None:
    """With ids filled in; the pages that have them are run."""
    pages = [(repository / "docs" / "howto" / name).read_text(encoding="utf8") for name in PAGES]
    blocks = "\n".join(block for page in pages for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", page))
    assert line in re.sub(r'"\$(ID\d?)"', r"\1", blocks)


def test_what_varies_is_not_compared_and_all_else_is() -> None:
    """A check that cannot fail holds nothing."""
    one = "snapshot 1 as of 2026-01-01T00:00:00.000Z: 01a2168a-749b-71ac-bb08-fc13480f5549  \n"
    other = "snapshot  1 as of 2027-11-30T10:20:30Z: 01a2168a-9938-711c-9ab3-a6a6899e8b42"
    assert alike(one) == alike(other)
    assert alike(one) != alike(other.replace("snapshot  1", "snapshot 2"))
