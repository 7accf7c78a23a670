"""The promise: what was acknowledged is there after PostgreSQL was stopped at once in the middle of commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.postgres import postgres_server
from chaos.stops import QUICK_STOPS, stops
from chaos.tables import table


@pytest.mark.postgres
def test_what_was_acknowledged_is_there_after_immediate_stops(tmp_path: Path, seed: int) -> None:
    """The server recovers from its log; API and worker go on without a restart of their own."""
    with postgres_server() as server:
        report = stops(tmp_path, server, count=QUICK_STOPS, seed=seed)
    print(table(report))
    assert report.faults == {}
    assert report.in_flight > 0, "no stop met a transaction"
    assert report.acknowledged > QUICK_STOPS
