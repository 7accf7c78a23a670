"""A refusal names its faults, and not more of them than somebody reads."""

from __future__ import annotations

from stillframe.capture.refusals import MOST_FAULTS, refuse, refused
from stillframe.errors import Fault


def test_the_first_faults_are_said_and_the_rest_counted() -> None:
    """Fifty thousand bad rows are one short answer with an exact total."""
    faults = [Fault(path=f"$.rows[{n}]", message="wrong") for n in range(50_000)]
    said = refuse(faults).faults
    assert said[:MOST_FAULTS] == tuple(faults[:MOST_FAULTS])
    assert said[MOST_FAULTS:] == (Fault(path="$", message="and 49980 more like these"),)
    assert refuse(faults[:MOST_FAULTS]).faults == tuple(faults[:MOST_FAULTS])


def test_one_fault_is_one_sentence() -> None:
    """The message is the path and what is wrong there."""
    assert str(refused("$.data", "send it")) == "$.data: send it"
