"""The promise: what was acknowledged survives a power cut on an honest disk, with everything that it promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.power import QUICK_CUTS, QUICK_PUSHES, power_cuts
from chaos.tables import table


@pytest.mark.needs("gcc")
def test_no_power_cut_loses_what_was_acknowledged_or_damages_the_file(tmp_path: Path, seed: int) -> None:
    """Cut anywhere, with un-synced writes dropped and torn: the file is whole, and so is every promise in it."""
    report = power_cuts(tmp_path, cuts=QUICK_CUTS, pushes=QUICK_PUSHES, seed=seed)
    print(table(report))
    assert report.faults == {}
    assert report.acknowledged >= QUICK_PUSHES
