"""The promise: a full disk is said at once, loses nothing, and is over when there is room again."""

from __future__ import annotations

from pathlib import Path

from chaos.full import full
from chaos.tables import table

SAID_SECONDS = 1.0
AGAIN_SECONDS = 10.0


def test_a_full_disk_is_said_at_once_and_is_over_when_there_is_room(tmp_path: Path, seed: int) -> None:
    """507 within a second, every acknowledged snapshot kept, API and worker at work again without a restart."""
    report = full(tmp_path, rounds=1, seed=seed)
    print(table(report))
    assert report.faults == {}
    assert report.slowest_refusal <= SAID_SECONDS
    assert max(report.slowest_api, report.slowest_worker) <= AGAIN_SECONDS
