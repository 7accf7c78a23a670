"""The promise: payloads have their time, records and their values stay for ever, and no crash in between is seen."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from stillframe.flows.cleanup import LEASE_SECONDS, clean_by_itself
from stillframe.flows.worker import Worker
from stillframe.store.inspection import inspected
from tests.stories.house import House

DAYS = 91
_CLEAN = """
import sys, time
from datetime import datetime
from pathlib import Path
from stillframe.config import load_settings
from stillframe.flows.cleanup import clean_by_itself
from stillframe.wiring import build_services
now = datetime.fromisoformat(sys.argv[2])
services = build_services(load_settings(Path(sys.argv[1])), create=False, clock=lambda: now)
print("cleaning", flush=True)
clean_by_itself(services, now=now)
"""


def test_an_expired_snapshot_is_410_with_its_record_and_its_values_stay(house: House) -> None:
    """Who asks for it gets everything that is left, and the line in the picture has no hole."""
    board = house.board()
    first = house.push(board, total=3, a=1)
    house.push(board, total=4, a=2)
    house.clock.move(days=DAYS)
    last = house.push(board, total=5, a=3)
    assert clean_by_itself(house.services, now=house.clock()) is not None
    gone = house.alice.ask("GET", f"/api/snapshot/{first['id']}")
    assert gone.status_code == 410
    document = gone.json()
    assert document["error_code"] == "gone"
    assert document["snapshot"]["payload"] == "expired"
    kept = ("id", "sequence", "timestamp", "initiator", "content_hash")
    assert {name: document["snapshot"][name] for name in kept} == {name: first[name] for name in kept}
    assert house.charlie.ask("GET", f"/api/snapshot/{first['id']}").status_code == 404
    points = house.alice.get(f"/api/dashboard/{board}/series?metric=total")["points"]
    assert [point["value"] for point in points] == [3, 4, 5]
    listed = house.alice.get(f"/api/dashboard/{board}/snapshots")["items"]
    assert [found["payload"] for found in listed] == ["present", "expired", "expired"]
    compared = house.alice.ask("GET", f"/api/dashboard/{board}/diff?from={first['id']}&to={last['id']}")
    assert (compared.status_code, compared.json()["snapshot"]["id"]) == (410, first["id"])


def test_a_worker_cleans_up_by_itself(house: House) -> None:
    """Retention is kept although nobody runs a command."""
    board = house.board()
    first = house.push(board, a=1)
    house.push(board, a=2)
    house.clock.move(days=DAYS + 1)
    worker = Worker(house.services)
    worker.start()
    give_up_at = time.monotonic() + 20
    while house.alice.ask("GET", f"/api/snapshot/{first['id']}").status_code == 200:
        assert time.monotonic() < give_up_at, "it never came"
        time.sleep(0.05)
    worker.stop(timeout_seconds=20)


def test_a_cleanup_that_is_killed_leaves_everything_readable(house: House, target: str, tmp_path: Path) -> None:
    """Killed at random moments: whatever was to stay is whole, and the next cleanup finishes the work."""
    boards = [house.board(f"Board {number}") for number in range(4)]
    old = [house.push(board, a=score)["id"] for score in range(30) for board in boards]
    house.clock.move(days=DAYS)
    young = [house.push(board, a=100 + score)["id"] for score in range(10) for board in boards]
    where = f'[database]\nurl = "{target}"' if "://" in target else f'[dashboard]\nsnapshot_db_path = "{target}"'
    config = tmp_path / "killed.toml"
    config.write_text(where, encoding="utf8")
    chance = random.Random(7)
    for _ in range(4):
        house.clock.move(seconds=LEASE_SECONDS + 1)
        _kill_while_cleaning(config, house.clock().isoformat(), after_seconds=chance.uniform(0, 0.15))
        assert [found.message for found in inspected(target) if found.level == "broken"] == []
        assert all(house.alice.ask("GET", f"/api/snapshot/{name}").status_code == 200 for name in young)
    house.clock.move(seconds=LEASE_SECONDS + 1)
    assert clean_by_itself(house.services, now=house.clock()) is not None
    assert {house.alice.ask("GET", f"/api/snapshot/{name}").status_code for name in old} == {410}
    assert {house.alice.ask("GET", f"/api/snapshot/{name}").status_code for name in young} == {200}


def _kill_while_cleaning(config: Path, now: str, *, after_seconds: float) -> None:
    with subprocess.Popen([sys.executable, "-c", _CLEAN, str(config), now], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "cleaning"
        time.sleep(after_seconds)
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=30)
