"""Flows are tested on SQLite, what takes locks on PostgreSQL too; the stories run both databases through the door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stillframe.notify import Notifier, WebhookChannel
from stillframe.testing import WebhookReceiver
from stillframe.wiring import now
from tests.flows.room import Room, people_room
from tests.stories.house import furnish, settings_of


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room of its own."""
    settings = settings_of(tmp_path, str(tmp_path / "stillframe.db"))
    furnished, clock = furnish(settings)
    # Outcomes are dated by the same clock as everything else; the signature's time stays the real one.
    policy = furnished.address_policy
    channel = WebhookChannel(policy=policy, clock=now, version="test", timeout_seconds=3)
    services = replace(furnished, notifier=Notifier(channel=channel, clock=clock, turn_seconds=10))
    yield people_room(settings, services, clock)
    services.close()


@pytest.fixture
def shared_room(postgres_url: str, tmp_path: Path) -> Iterator[Room]:
    """A room on PostgreSQL, where two transactions can wait for each other."""
    settings = settings_of(tmp_path, postgres_url)
    services, clock = furnish(settings)
    yield people_room(settings, services, clock)
    services.close()


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A real receiver of webhooks."""
    with WebhookReceiver() as found:
        yield found
