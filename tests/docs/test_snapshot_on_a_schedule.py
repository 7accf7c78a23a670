"""The page on schedules, followed from an empty folder: the timer takes what it says, once a slot."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.capture import parse_view_spec
from tests.docs.documents import table_of
from tests.docs.following import Step, alike, follow

pytestmark = [pytest.mark.needs("curl"), pytest.mark.timeout(600)]
A_DAY, A_YEAR = "1440", "525600"
PAGE = Path("docs", "howto", "snapshot-on-a-schedule.md")


@pytest.fixture(scope="module")
def steps(repository: Path) -> list[Step]:
    """What each block of the page printed; with slots of a year, so that none begins while it runs."""
    return follow(repository / PAGE, repository=repository, instead={A_DAY: A_YEAR})


def test_every_block_prints_what_the_page_shows(steps: list[Step]) -> None:
    """Who follows the page sees what they were told they would see."""
    assert any(A_DAY in step.command for step in steps)
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []


def test_the_policies_of_live_dashboards_are_those_of_the_view_spec(repository: Path) -> None:
    """A policy that is misspelt on the page is refused when it is applied."""
    (_, said, _) = table_of(repository / PAGE, heading="What")[1]
    assert "`metadata: {snapshot_policy: hourly}`" in said
    assert "`daily`" in said
    spec = (
        "title: t\nsources: {s: {type: sql, connection: c, query: select 1}}\npanels: {p: {source: s, kind: metric}}\n"
    )
    for policy in ("hourly", "daily", '{cron: "30 7 * * 1-5", zone: Europe/Berlin}'):
        assert policy in said
        parse_view_spec(f"{spec}metadata: {{snapshot_policy: {policy}}}\n".encode(), format="yaml")
