"""The promise: after a 2xx nothing is lost, and nothing that is known to have arrived is sent again, whoever dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.storm import QUICK, storm
from chaos.tables import table

KILLS = 30
"""On each of the two databases."""


@pytest.mark.timeout(300)
def test_a_storm_of_kills_loses_nothing_and_tells_nobody_twice(target: str, tmp_path: Path, seed: int) -> None:
    """
    Clients push and try again, receivers misbehave, and whoever serves, works or keeps the time is killed.

    Afterwards every acknowledged snapshot is there, each key made at most one, everybody who must be told was told, of
    one delivery always the same, nobody else was, and each repeat is explained by a try that failed or a sender that
    died.
    """
    report = storm(tmp_path, target, size=QUICK, seed=seed)
    print(table(report))
    assert report.faults == {}
    assert report.kills.total() >= KILLS
    assert report.verdicts.redelivered.total() > 0, "the kills met nobody"
    assert report.acknowledged > KILLS / 2, "the storm hardly let anything through"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the storm blows: a file, or a fresh database of the real server."""
    if request.param == "sqlite":
        return str(tmp_path / "stillframe.db")
    url: str = request.getfixturevalue("postgres_url")
    return url
