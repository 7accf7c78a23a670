"""The last live view is answered again while it is young, and the oldest one goes when there are too many."""

from __future__ import annotations

import time

from stillframe.capture import Captured, capture, parse_view_spec
from stillframe.flows.live_views import _KEPT_VIEWS, LiveViews
from tests.flows.room import board_spec


def captured() -> Captured:
    """Return what a push says."""
    return capture(
        parse_view_spec(board_spec()),
        connections={},
        pushed={"board": [], "total": 1},
        max_rows=10,
        source_timeout_seconds=1,
    )


def test_a_view_is_young_for_so_long_and_no_longer() -> None:
    """Age is measured from when it was kept, and zero seconds keep nothing."""
    views, view = LiveViews(), captured()
    assert views.young(("board", "spec"), seconds=60) is None
    views.keep(("board", "spec"), view)
    assert views.young(("board", "spec"), seconds=60) is view
    assert views.young(("board", "another spec"), seconds=60) is None
    time.sleep(0.02)
    assert views.young(("board", "spec"), seconds=0.01) is None


def test_the_least_recently_kept_view_goes_first() -> None:
    """Memory is bounded however many dashboards there are."""
    views, view = LiveViews(), captured()
    for number in range(_KEPT_VIEWS):
        views.keep((str(number), "spec"), view)
    views.keep(("0", "spec"), view)
    views.keep(("one more", "spec"), view)
    assert views.young(("0", "spec"), seconds=60) is view
    assert views.young(("1", "spec"), seconds=60) is None
