"""The page about a delivery's life draws every state and explains every letter, with the figures of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from stillframe.flows.dispatch import DEFERRED_MOST
from stillframe.flows.holdings import HELD_MOST_SECONDS, RENEW_EVERY_SECONDS
from stillframe.flows.services import Limits
from stillframe.flows.trial import TESTS_PER_MINUTE
from stillframe.flows.worker import BEAT_EVERY_SECONDS
from stillframe.model.delivery import DeliveryState
from stillframe.rules.retry import FAILING_MOST, RETRY_DELAYS_SECONDS
from stillframe.store.outbox import REPLAYABLE
from tests.docs.documents import table_of


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    """The page."""
    return (repository / "docs/discussions/the-life-of-a-delivery.md").read_text("utf8")


def drawing(page: str) -> str:
    """Return the diagram."""
    return page.split("```")[1]


def test_every_state_is_drawn_and_no_other(page: str) -> None:
    """A delivery can be where the page shows it, and nowhere else."""
    boxes = {word for inside in re.findall(r"│ +([a-z_]+) +│", drawing(page)) for word in inside.split()}
    assert boxes - {"due", "leased"} == set(get_args(DeliveryState))


def test_every_letter_of_the_diagram_is_explained_in_order(page: str) -> None:
    """Who looks at an arrow finds out who moves a delivery along it."""
    drawn = set(re.findall(r"\(([a-z])\)", drawing(page)))
    explained = re.findall(r"\(([a-z])\)", "".join(re.findall(r"(?m)^\| (\([a-z]\)[^|]*)\|", page)))
    assert explained == sorted(explained)
    assert set(explained) == drawn
    assert explained == [chr(ord("a") + number) for number in range(len(explained))]


def test_the_figures_are_those_of_the_code(page: str) -> None:
    """Leases, tries and patience are written twice."""
    waits = [f"{int(seconds)} s" for seconds in RETRY_DELAYS_SECONDS[1:3]]
    waits += [f"{int(seconds / 60)} min" for seconds in RETRY_DELAYS_SECONDS[3:5]]
    waits += [f"{int(seconds / 3_600)} h" for seconds in RETRY_DELAYS_SECONDS[5:]]
    assert f"{', '.join(waits[:-1])} and {waits[-1]}" in page
    assert Limits().lease_seconds == 10
    assert "A claim holds for ten seconds" in page
    assert RENEW_EVERY_SECONDS == 3
    assert "renews it every three seconds" in page
    assert HELD_MOST_SECONDS == 4 * 60
    assert "at most four minutes" in page
    assert f"nothing has reached it for {FAILING_MOST.total_seconds() / 3_600:g} hours" in page
    assert f"younger than {DEFERRED_MOST.total_seconds() / 3_600:g} hours" in page
    assert f"Every {BEAT_EVERY_SECONDS:g} seconds a worker" in page


def test_the_reference_names_every_state_and_which_can_be_replayed(repository: Path) -> None:
    """What a list of deliveries says is explained, and so is what its reader can do."""
    rows = table_of(repository / "docs/reference/semantics.md", heading="State")
    assert {row[0].strip("`") for row in rows} == set(get_args(DeliveryState))
    assert {row[0].strip("`") for row in rows if row[2].startswith("a replay")} == set(REPLAYABLE)


def test_the_how_to_says_how_many_tests_are_sent(repository: Path) -> None:
    """A bound that nobody was told of looks like a defect."""
    howto = (repository / "docs/howto/receive-webhooks.md").read_text("utf8")
    assert f"At most {TESTS_PER_MINUTE} tests of a subscription are sent a minute" in howto
