"""keep what was captured and what was promised; the only SQL (window)."""

from __future__ import annotations

from stillframe.store.ageing import LOG_NAMES, LogName
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
from stillframe.store.cleanup import Member, Moved, Removal, Standing, StoredChain
from stillframe.store.database import Store
from stillframe.store.recoding import Kept, recoded
from stillframe.store.schema import SchemaState
from stillframe.store.unit import Unit

__all__ = [
    "LOG_NAMES",
    "AnswerState",
    "Claimed",
    "Fresh",
    "Kept",
    "LogName",
    "Match",
    "Member",
    "Mismatch",
    "Moved",
    "Page",
    "PersonaMatch",
    "Promised",
    "Rebased",
    "Removal",
    "Replay",
    "Running",
    "ScheduledDashboard",
    "SchemaState",
    "SeriesPoint",
    "Settlement",
    "Standing",
    "Store",
    "StoredChain",
    "Unit",
    "recoded",
]
