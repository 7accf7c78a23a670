"""The page on replaying a snapshot, followed from an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.flows.doctor import REPLAYED_MOST
from tests.docs.following import alike, follow

pytestmark = pytest.mark.timeout(600)


def test_the_page_can_be_followed(repository: Path) -> None:
    """The same picture, also when the configuration weighs otherwise since."""
    page = repository / "docs" / "howto" / "replay-a-snapshot.md"
    steps = follow(page, repository=repository, instead={"~/stillframe/": f"{repository}/"})
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []
    assert steps[-1].printed == "True\n"
    assert f"up to {REPLAYED_MOST} projects" in page.read_text(encoding="utf8")
