"""How long a source may still take."""

from __future__ import annotations

import pytest

from stillframe.capture.deadline import Deadline
from stillframe.errors import SourceFailed


def test_while_there_is_time_nothing_happens() -> None:
    """A deadline only speaks when it is over."""
    deadline = Deadline.after(60)
    deadline.check()
    assert not deadline.is_over
    assert 59 < deadline.left_seconds <= 60


def test_when_the_time_is_up_the_whole_time_is_named() -> None:
    """What is left is never negative, since drivers take a negative limit for none."""
    deadline = Deadline.after(0)
    assert (deadline.is_over, deadline.left_seconds) == (True, 0.0)
    with pytest.raises(SourceFailed, match="did not answer within 0 s"):
        deadline.check()
