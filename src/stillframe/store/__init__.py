"""keep what was captured and what was promised; the only SQL (window)."""

from __future__ import annotations

from stillframe.store.answers import (
    AnswerState,
    Claimed,
    Fresh,
    Match,
    Mismatch,
    Page,
    PersonaMatch,
    Promised,
    Rebased,
    Replay,
    Running,
    ScheduledDashboard,
    SeriesPoint,
    Settlement,
)
from stillframe.store.database import Store
from stillframe.store.schema import SchemaState
from stillframe.store.unit import Unit

__all__ = [
    "AnswerState",
    "Claimed",
    "Fresh",
    "Match",
    "Mismatch",
    "Page",
    "PersonaMatch",
    "Promised",
    "Rebased",
    "Replay",
    "Running",
    "ScheduledDashboard",
    "SchemaState",
    "SeriesPoint",
    "Settlement",
    "Store",
    "Unit",
]
