"""keep what was captured and what was promised; the only SQL (window)."""

from __future__ import annotations

from stillframe.store.ageing import LOG_NAMES, LogName
from stillframe.store.answers import (
    AnswerState,
    CalmStanding,
    Claimed,
    EvaluationNote,
    Fresh,
    Lease,
    Match,
    Mismatch,
    OutboxGauge,
    Page,
    PersonaMatch,
    Promised,
    Rebased,
    Replay,
    Running,
    ScheduledDashboard,
    SeriesPoint,
    Settlement,
    Told,
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
from stillframe.store.standings import moved_to, standing_of
from stillframe.store.subscriptions import KEY_LOST
from stillframe.store.unit import Unit

__all__ = [
    "KEY_LOST",
    "LOG_NAMES",
    "AnswerState",
    "BackupNote",
    "CalmStanding",
    "Claimed",
    "EvaluationNote",
    "Fresh",
    "Kept",
    "Lease",
    "LogName",
    "Match",
    "Member",
    "Mismatch",
    "Moved",
    "OutboxGauge",
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
    "Told",
    "Unit",
    "inspected",
    "moved_to",
    "packed_report",
    "put_in_place",
    "read_note",
    "recoded",
    "require_replaceable",
    "require_sound",
    "sealed_addresses",
    "standing_of",
    "unpacked_beside",
    "write_backup",
]
