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
from stillframe.store.backup import (
    BackupNote,
    put_in_place,
    read_note,
    require_replaceable,
    require_sound,
    unpacked_beside,
    write_backup,
)
from stillframe.store.cleanup import Member, Moved, Removal, Standing, StoredChain
from stillframe.store.database import Store
from stillframe.store.inspection import inspected, sealed_addresses
from stillframe.store.recoding import Kept, recoded
from stillframe.store.report_cleanup import ReportRemoval, StoredReport
from stillframe.store.reports import PackedReport, packed_report
from stillframe.store.schema import SchemaState
from stillframe.store.unit import Unit

__all__ = [
    "LOG_NAMES",
    "AnswerState",
    "BackupNote",
    "Claimed",
    "Fresh",
    "Kept",
    "LogName",
    "Match",
    "Member",
    "Mismatch",
    "Moved",
    "PackedReport",
    "Page",
    "PersonaMatch",
    "Promised",
    "Rebased",
    "Removal",
    "Replay",
    "ReportRemoval",
    "Running",
    "ScheduledDashboard",
    "SchemaState",
    "SeriesPoint",
    "Settlement",
    "Standing",
    "Store",
    "StoredChain",
    "StoredReport",
    "Unit",
    "inspected",
    "packed_report",
    "put_in_place",
    "read_note",
    "recoded",
    "require_replaceable",
    "require_sound",
    "sealed_addresses",
    "unpacked_beside",
    "write_backup",
]
