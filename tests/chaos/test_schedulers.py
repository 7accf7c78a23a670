"""The promise: any number of schedulers takes each slot once, whatever the clocks do."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from chaos.schedulers import SLOTS, plan, race
from chaos.tables import table

RACED = 40


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_eight_schedulers_take_each_slot_once(
    request: pytest.FixtureRequest, tmp_path: Path, seed: int, database: str
) -> None:
    """They race, the clock jumps ahead and back under them, and none is taken twice, missed or made up."""
    target = str(tmp_path / "stillframe.db") if database == "sqlite" else request.getfixturevalue("postgres_url")
    report = race(tmp_path, target, slots=RACED, seed=seed)
    print(table(report))
    assert report.faults == {}
    assert report.taken == RACED


def test_the_whole_plan_passes_every_change_of_two_years_and_has_a_thousand_slots(seed: int) -> None:
    """What is raced at full size is what is promised, whatever the seed."""
    planned = plan(slots=SLOTS, chance=random.Random(seed))
    assert planned.total == SLOTS
    assert planned.changes >= 24
    assert sorted(planned.moments) != list(planned.moments), "the clock never jumps back"
