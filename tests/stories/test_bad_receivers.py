"""Half of all receivers misbehave in every way: the others are told as if they did not."""

from __future__ import annotations

import pytest

from bench.misbehaving import KINDS
from bench.receivers import GOOD, REACH_MIB, measure
from stillframe.testing import Drip, Endless, Hang, Reset

CAPTURES = 5
SEED = 20_261_126
LATE_MOST_SECONDS = 30.0
"""A machine that tests on all its cores at once is no measure of speed; `python -m bench.receivers` asks for 1 s."""


@pytest.mark.timeout(300)
def test_good_receivers_are_told_whatever_the_bad_ones_do() -> None:
    """A real server and 200 receivers in other processes: every good one hears of every change, in bounded memory."""
    felt = measure(captures=CAPTURES, seed=SEED)
    assert felt.missing == 0
    assert len(felt.late) == GOOD * (CAPTURES - 1)
    assert felt.p99 < LATE_MOST_SECONDS
    assert felt.peak_mib < REACH_MIB


def test_they_misbehave_in_every_way() -> None:
    """Hang, drip, endless body, reset after reading, redirects, 410, 429 with odd waits, no HTTP."""
    behaviours = [behaviour for found in KINDS.values() for behaviour in found]
    assert {Hang, Drip, Endless, Reset} <= set(map(type, behaviours))
    assert {getattr(behaviour, "status", None) for behaviour in behaviours} >= {307, 410, 500}
