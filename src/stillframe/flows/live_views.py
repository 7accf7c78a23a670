"""The last live view of each dashboard, kept in memory while it is young."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

from stillframe.capture import Captured

_KEPT_VIEWS = 64


class LiveViews:
    """A bounded map from a dashboard and its view spec's hash to what its sources last said."""

    def __init__(self) -> None:
        self._views: OrderedDict[tuple[str, str], tuple[float, Captured]] = OrderedDict()
        self._lock = Lock()

    def young(self, key: tuple[str, str], *, seconds: float) -> Captured | None:
        """Return the last view of a key if it is younger than `seconds`."""
        with self._lock:
            kept_at, captured = self._views.get(key, (0.0, None))
        return captured if captured is not None and time.monotonic() - kept_at < seconds else None

    def keep(self, key: tuple[str, str], captured: Captured) -> None:
        with self._lock:
            self._views[key] = (time.monotonic(), captured)
            self._views.move_to_end(key)
            if len(self._views) > _KEPT_VIEWS:
                self._views.popitem(last=False)
