"""One process at a time reads a dashboard's sources, and a dead one is not waited for longer than its lease."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from stillframe.capture import Connection, ViewSpec, parse_view_spec
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.reading_turns import reading_turn
from stillframe.flows.services import Services
from stillframe.flows.snapshots import spec_of
from stillframe.model.dashboard import Dashboard
from stillframe.wiring import build_services
from tests.flows.room import Room


@pytest.fixture
def read_board(room: Room, tmp_path: Path) -> tuple[Dashboard, ViewSpec]:
    """A dashboard over a file."""
    room.services.connections["files"] = Connection(name="files", url=str(tmp_path))  # type: ignore[index]  # because the map that wiring made is a dict
    spec = {
        "title": "Read",
        "sources": {"rows": {"type": "file", "connection": "files", "path": "rows.json"}},
        "panels": {"board": {"source": "rows", "kind": "table"}},
    }
    board = create_dashboard(room.services, room.root, view_spec=parse_view_spec(spec))
    return board, spec_of(board)


def test_two_processes_never_read_at_the_same_time(room: Room, read_board: tuple[Dashboard, ViewSpec]) -> None:
    """The second waits and then reads afresh; the lease is given back even when reading fails."""
    others = [replace(build_services(room.settings, create=False), clock=room.clock) for _ in range(2)]
    inside, most = [0], [0]

    def read(services: Services) -> None:
        for fails in (False, True, False):
            try:
                with reading_turn(services, *read_board):
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                    time.sleep(0.02)
                    inside[0] -= 1
                    if fails:
                        raise KeyError
            except KeyError:
                continue

    threads = [threading.Thread(target=read, args=(found,)) for found in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    for services in others:
        services.close()
    assert most == [1]


def test_a_dead_reader_is_waited_for_until_its_lease_ends(room: Room, read_board: tuple[Dashboard, ViewSpec]) -> None:
    """Nobody gave the lease back: time does."""
    board, spec = read_board
    with room.services.store.write() as unit:
        assert unit.leases.acquire(f"capture:{board.id}", "dead", room.clock(), seconds=30)
    entered = threading.Event()

    def read() -> None:
        with reading_turn(room.services, board, spec):
            entered.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert not entered.wait(0.3)
    room.clock.move(seconds=31)
    assert entered.wait(5)
    thread.join(5)


def test_a_push_reads_nothing_and_needs_no_turn(room: Room) -> None:
    """Its pictures come with it: no lease is taken, nobody is waited for."""
    board = room.board()
    with room.services.store.write() as unit:
        token = unit.leases.acquire(f"capture:{board.id}", "somebody", room.clock(), seconds=60)
    started = time.monotonic()
    with reading_turn(room.services, board, spec_of(board)):
        assert time.monotonic() - started < 5, "it waited for somebody's lease"
    with room.services.store.write() as unit:
        assert unit.leases.renew(f"capture:{board.id}", token or 0, now=room.clock(), seconds=60), (
            "it let go of another's"
        )
