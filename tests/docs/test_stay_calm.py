"""The page on staying calm, followed from an empty folder: it prints what it shows, and names what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.cli.reference import cli_reference
from stillframe.model.calm import CALM_MEMBERS
from stillframe.rules.replies import COMMANDS
from tests.docs.documents import table_of
from tests.docs.following import Step, alike, follow

pytestmark = pytest.mark.timeout(600)
PAGE = Path("docs", "howto", "stay-calm.md")


@pytest.fixture(scope="module")
def steps(repository: Path) -> list[Step]:
    """What each block of the page printed."""
    return follow(repository / PAGE, repository=repository)


def test_every_block_prints_what_the_page_shows(steps: list[Step]) -> None:
    """Who follows the page sees what they were told they would see."""
    assert len(steps) > 6
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []


def test_every_block_that_prints_has_its_output_on_the_page(steps: list[Step]) -> None:
    """An output that nobody was shown makes a reader wonder what went wrong."""
    assert [step.command for step in steps if step.printed.strip() and step.shown is None] == []


def test_everything_that_makes_calm_is_on_the_page(repository: Path) -> None:
    """A manner that the page forgets is one that nobody tries; an option that it misspells is refused."""
    rows = table_of(repository / PAGE, heading="You say")
    assert {row[2].strip("`") for row in rows} == {*CALM_MEMBERS, "importance", "max_items"}
    reference = cli_reference()
    for _, option, _ in rows:
        assert f"| `{option.strip('`').split()[0]}" in reference


def test_the_replies_of_the_page_are_those_that_act(repository: Path) -> None:
    """A reply that does nothing is worse than none."""
    rows = table_of(repository / PAGE, heading="Reply")
    assert [row[0].strip("`").split()[0] for row in rows] == list(COMMANDS)
