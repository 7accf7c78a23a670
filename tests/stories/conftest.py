"""Every story runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stillframe.testing import WebhookReceiver
from tests.stories.house import House, app_client, furnish, inhabit, settings_of


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the story's database is: a file, or a fresh database of the real server."""
    if request.param == "sqlite":
        return str(tmp_path / "stillframe.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def house(target: str, tmp_path: Path) -> Iterator[House]:
    """A whole installation."""
    settings = settings_of(tmp_path, target)
    services, clock = furnish(settings)
    with app_client(services) as client:
        yield inhabit(settings, services, clock, client)
    services.close()


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A real receiver of webhooks."""
    with WebhookReceiver() as found:
        yield found
