"""The doctor looks at the whole installation: the database and the key that opens its secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stillframe.flows.backup import Installation
from stillframe.flows.doctor import examine
from stillframe.model.examination import Observation
from stillframe.testing import WebhookReceiver
from stillframe.wiring import installation
from tests.flows import scoped
from tests.flows.gated import bandit, bring
from tests.flows.room import ANY, Room
from tests.flows.upkeep import ageing_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room with a board and a webhook on it."""
    with ageing_room(tmp_path, str(tmp_path / "stillframe.db")) as found, WebhookReceiver() as receiver:
        found.subscribe(found.board(), receiver, ANY)
        yield found


def key_finding(here: Installation) -> Observation:
    (found,) = [item for item in examine(here).items if item.check == "key"]
    return found


def test_a_whole_installation_is_healthy(room: Room) -> None:
    """Nothing is broken and nothing needs a warning."""
    found = examine(installation(room.settings))
    assert (found.healthy, found.warnings) == (True, ())


def test_a_lost_key_is_broken_as_long_as_something_active_is_sealed_with_it(room: Room) -> None:
    """Webhooks cannot be told; once they are paused, it is something to know."""
    here = installation(room.settings)
    here.key_path.rename(here.key_path.with_name("lost"))
    assert key_finding(here).level == "broken"
    with room.services.store.write() as unit:
        ids = [found.id for found, _ in unit.subscriptions.sealed_addresses()]
        unit.subscriptions.pause(ids, reason="for a test", at=room.clock())
    assert key_finding(here).level == "warning"


def test_another_key_is_told_from_the_right_one(room: Room) -> None:
    """It is there, it is a key, and it opens nothing."""
    found = key_finding(replace(installation(room.settings), given_key=b"k" * 32))
    assert found.level == "broken"
    assert "of the configuration does not open the addresses of 1 of 1 webhooks" in found.message


def test_a_file_that_is_no_key_is_broken(room: Room) -> None:
    """With a sentence about the file and never its content."""
    here = installation(room.settings)
    here.key_path.write_text("the cat sat on it", encoding="utf8")
    found = key_finding(here)
    assert found.level == "broken"
    assert "cat" not in found.message


def test_the_doctor_replays_what_reports_became(room: Room) -> None:
    """The stored bundle gives the same picture; a summary and a project without a frame are no fault."""
    scoped.settle_in(room)
    bring(room, bandit(high=1))
    scoped.score(room, "a/b", 70)
    [found] = [item for item in examine(installation(room.settings)).items if item.check == "replay"]
    assert (found.level, found.message) == ("ok", "the newest frames of 2 projects were replayed from their reports")


def test_an_installation_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    """Looking makes nothing."""
    found = examine(Installation(target=str(tmp_path / "no.db"), key_path=tmp_path / "no.key"))
    assert [item.check for item in found.broken] == ["file"]
    assert list(tmp_path.iterdir()) == []
