"""The page on trusting a rule, followed on three months of real flights: it prints what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from stillframe.flows.evaluation_answer import Judged
from stillframe.flows.past import MOST_SNAPSHOTS
from stillframe.flows.trial import TESTS_PER_MINUTE
from stillframe.model.verdict import OUTCOMES
from stillframe.rules.suggesting import WANTED_PER_MONTH
from stillframe.testing import WebhookReceiver
from tests.docs.carrier_days import furnish
from tests.docs.documents import table_of
from tests.docs.following import Step, alike, follow

pytestmark = [pytest.mark.needs("curl"), pytest.mark.timeout(600)]
PAGE = Path("docs", "howto", "trust-a-rule.md")
DAYS = 90
A_WEEK_SECONDS = 604_800


@pytest.fixture(scope="module")
def receiver() -> WebhookReceiver:
    """Where the test notice goes."""
    return WebhookReceiver()


@pytest.fixture(scope="module")
def steps(repository: Path, receiver: WebhookReceiver, tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    """What each block of the page printed."""
    home = tmp_path_factory.mktemp("home")
    furnish(
        home,
        days=DAYS,
        persona="network-desk",
        rule={"top_n_reordering": 3},
        calm={"cooldown_seconds": A_WEEK_SECONDS},
    )
    with receiver:
        address = receiver.url("/carriers")
        return follow(
            repository / PAGE, repository=repository, home=home, instead={"https://hooks.example.org/carriers": address}
        )


def test_every_block_prints_what_the_page_shows(steps: list[Step]) -> None:
    """Who follows the page sees what they were told they would see."""
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []


def test_every_block_that_prints_has_its_output_on_the_page(steps: list[Step]) -> None:
    """An output that nobody was shown makes a reader wonder what went wrong."""
    assert [step.command for step in steps if step.printed.strip() and step.shown is None] == []


def test_the_test_arrives_and_says_that_it_is_one(steps: list[Step], receiver: WebhookReceiver) -> None:
    """What a receiver gets is a whole notice."""
    assert len(steps) > 6
    (arrived,) = receiver.ledger
    assert b'"test":true' in arrived.body


def test_the_words_and_figures_of_the_page_are_those_of_the_code(repository: Path) -> None:
    """A number that is written twice is checked."""
    page = (repository / PAGE).read_text(encoding="utf8")
    assert f"of more than {MOST_SNAPSHOTS:,} the newest {MOST_SNAPSHOTS:,}" in page
    assert f"At most {TESTS_PER_MINUTE} tests" in page
    assert WANTED_PER_MONTH == (1, 4, 30)
    assert "one, four and thirty notices a month" in page
    named = {row[0].strip("`") for row in table_of(repository / PAGE, heading="`OUTCOME`")}
    assert named == {*OUTCOMES, *get_args(get_args(Judged)[-1])}
