"""What Prometheus reads: the process's figures with what only the database knows, also when that cannot be read."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stillframe.errors import ConfigurationError, Forbidden
from stillframe.flows.exposition import exposition, read_metrics, serve_metrics
from stillframe.testing import Answer, WebhookReceiver
from tests.flows.room import ANY, Room


def scraped(text: bytes) -> dict[tuple[str, str], float]:
    """Every sample, by its name and the values of its labels."""
    families = text_string_to_metric_families(text.decode())
    return {(one.name, _labels(one.labels)): one.value for family in families for one in family.samples}


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(labels[name] for name in sorted(labels))


def test_what_waits_is_told_by_channel_and_state_with_its_age(room: Room) -> None:
    """A receiver that is down leaves one delivery waiting; it grows old once it is due."""
    board = room.board()
    room.take(board, a=1)
    with WebhookReceiver(Answer(status=503)) as receiver:
        room.subscribe(board, receiver, ANY)
        room.take(board, a=2)
        room.settle()
    found = scraped(exposition(room.services))
    assert found["stillframe_store_up", ""] == 1
    assert found["stillframe_outbox_depth", "webhook,pending"] == 1
    assert found["stillframe_outbox_oldest_due_age_seconds", "webhook"] == 0
    assert found["stillframe_deliveries_total", "webhook,again"] == 1
    room.clock.move(hours=1)
    late = scraped(exposition(room.services))["stillframe_outbox_oldest_due_age_seconds", "webhook"]
    assert 3_500 < late <= 3_600


def test_what_is_due_and_not_sent_is_said_in_one_figure(room: Room) -> None:
    """The same as readyz says: what waits for its time is no fault, what waits beyond it is."""
    board = room.board()
    room.take(board, a=1)
    with WebhookReceiver(Answer(status=503)) as receiver:
        room.subscribe(board, receiver, ANY)
        room.take(board, a=2)
        room.settle()
    assert scraped(exposition(room.services))["stillframe_sending", ""] == 1
    room.clock.move(hours=1)
    assert scraped(exposition(room.services))["stillframe_sending", ""] == 0


def test_a_worker_that_is_silent_grows_old_and_none_is_no_figure(room: Room) -> None:
    """Of several the one that was seen last counts: one that died long ago is no alarm."""
    assert ("stillframe_worker_beat_age_seconds", "") not in scraped(exposition(room.services))
    with room.services.store.write() as unit:
        unit.workers.beat("dead", "worker", room.clock())
    room.clock.move(seconds=90)
    with room.services.store.write() as unit:
        unit.workers.beat("alive", "worker", room.clock())
    room.clock.move(seconds=7)
    found = scraped(exposition(room.services))
    assert found["stillframe_worker_beat_age_seconds", ""] == 7
    assert found["stillframe_workers", ""] == 1


def test_what_the_process_did_is_in_it(room: Room) -> None:
    """A capture, its diff, a match and a persona that was told."""
    board = room.board()
    room.take(board, a=1)
    room.subscribe(board, "alice", ANY)
    room.take(board, a=2)
    found = scraped(exposition(room.services))
    assert found["stillframe_captures_total", "good"] == 2
    assert found["stillframe_capture_duration_seconds_count", ""] == 2
    assert found["stillframe_diffs_total", ""] == 1
    assert found["stillframe_matches_total", ""] == 1
    assert found["stillframe_deliveries_total", "persona,sent"] == 1
    assert any(name == "stillframe_build_info" for name, _ in found)
    assert found["process_resident_memory_bytes", ""] > 0


def test_a_database_that_is_gone_is_said_and_the_rest_is_there(room: Room) -> None:
    """When the database is gone the figures are needed most."""
    path = Path(room.settings.store_target)
    room.services.store.close()
    with path.open("r+b") as file:
        file.truncate(100)
    found = scraped(exposition(room.services))
    assert found["stillframe_store_up", ""] == 0
    assert ("stillframe_workers", "") not in found
    assert any(name == "stillframe_build_info" for name, _ in found)


def test_only_admins_read_them(room: Room) -> None:
    """What a house does is not everybody's business."""
    assert b"stillframe_store_up 1.0" in read_metrics(room.services, room.root)
    with pytest.raises(Forbidden):
        read_metrics(room.services, room.alice)


def test_a_process_without_the_door_answers_on_a_port_of_its_own(room: Room) -> None:
    """Until it is told to end; a port that is taken is said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"127.0.0.1:{port} for metrics"):
            serve_metrics(room.services, host="127.0.0.1", port=port)
    end = serve_metrics(room.services, host="127.0.0.1", port=port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert scraped(answer.read())["stillframe_store_up", ""] == 1
    end()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)
