"""The year is captured through the product's own path, and every notice can be traced to its rule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stillframe.cli.demo.example import days
from stillframe.cli.demo.scene import Scene, ready
from stillframe.cli.demo.year import Moment, notices, play
from stillframe.flows.discussion import list_notifications
from stillframe.flows.history import get_snapshot, list_snapshots
from stillframe.testing import WebhookReceiver

MONTH = 40
"""Days until each kind of notice has been seen: the snow of February is among them."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, list[Moment]]]:
    """A month and a bit, played once for all tests."""
    with WebhookReceiver() as receiver, ready(tmp_path_factory.mktemp("demo") / "folder", receiver) as scene:
        yield scene, list(play(scene, days(MONTH)))


def test_every_day_is_a_snapshot_as_of_its_evening(played: tuple[Scene, list[Moment]]) -> None:
    """Taken now, describing then."""
    scene, moments = played
    page = list_snapshots(scene.services, scene.alice, dashboard_ref=scene.dashboard_id, limit=MONTH)
    as_of = [record["as_of"][:10] for record in reversed(page.items)]
    assert as_of == [moment.date for moment in moments] == [day.date for day in days(MONTH)]
    assert {record["capture_status"] for record in page.items} == {"good"}


def test_the_board_always_has_the_same_carriers(played: tuple[Scene, list[Moment]]) -> None:
    """Small carriers do not come and go: every move is one carrier overtaking another."""
    scene, _ = played
    page = list_snapshots(scene.services, scene.alice, dashboard_ref=scene.dashboard_id, limit=MONTH)
    boards = set()
    for record in page.items[::10]:
        snapshot, _ = get_snapshot(scene.services, scene.alice, snapshot_id=record["id"])
        assert snapshot.payload.primary_table
        boards.add(frozenset(snapshot.payload.primary_table.ids))
    assert [len(board) for board in boards] == [11]


def test_the_first_day_is_silent(played: tuple[Scene, list[Moment]]) -> None:
    """It is the baseline of all others."""
    _, moments = played
    assert moments[0].headline is None
    assert moments[0].told == ()


def test_every_webhook_that_was_told_of_arrived_and_verifies(played: tuple[Scene, list[Moment]]) -> None:
    """What the demo says was sent is what its receiver has."""
    scene, moments = played
    sent = [told for moment in moments for told in moment.told if told.watch.path]
    ledger = scene.receiver.ledger
    assert len(ledger) == len(sent) > 0
    assert all(request.verified for request in ledger)
    assert len({request.delivery_id for request in ledger}) == len(ledger)


def test_every_mention_is_in_the_personas_inbox(played: tuple[Scene, list[Moment]]) -> None:
    """Exactly once for each capture that met the rule."""
    scene, moments = played
    inbox = list_notifications(scene.services, scene.alice, persona="network-desk", unread_only=False, limit=100)
    assert notices(moments)["podium"] == len(inbox.items) > 0


def test_several_rules_spoke(played: tuple[Scene, list[Moment]]) -> None:
    """A rule that never speaks shows nothing."""
    _, moments = played
    assert {"podium", "slow drift", "bad day"} <= notices(moments).keys()
    assert any(moment.is_telling for moment in moments)
