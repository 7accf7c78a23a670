"""Compares every raw report with its hash, looks for those that must be there, and reads every decision's answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, TextClause, bindparam, text
from sqlalchemy.exc import DBAPIError

from stillframe.errors import StoreError
from stillframe.model.examination import Observation
from stillframe.rules.retention import RELEASE_CLASS, RELEASE_TRIGGERS
from stillframe.store.frames import unpacked
from stillframe.store.types import unpack_id

DAMAGED_MOST = 20
"""After so many findings the others are counted and not named."""
_LISTED = 5

_REPORTS = text(
    """SELECT r.report,min(t.text) AS hash FROM reports r LEFT JOIN texts t ON t.key=r.report
GROUP BY r.report ORDER BY r.report"""
)
_PART = text("SELECT size,bytes FROM reports WHERE report=:report AND place=:place")
_LOST: TextClause = text(
    """SELECT t.text AS hash,s.id FROM report_uses u
LEFT JOIN texts t ON t.key=u.report
LEFT JOIN snapshots s ON s.dashboard=u.dashboard AND s.sequence=u.sequence
LEFT JOIN heads h ON h.dashboard=u.dashboard
LEFT JOIN texts c ON c.key=s.retention_class LEFT JOIN texts w ON w.key=s.trigger_source
WHERE t.key IS NULL OR s.id IS NULL
OR ((s.immutable=1 OR c.text=:release OR w.text IN :triggers OR u.sequence IN (h.head_sequence,h.last_sequence))
AND NOT EXISTS(SELECT 1 FROM reports r WHERE r.report=u.report AND r.place=0))
ORDER BY u.report,u.dashboard,u.sequence"""
).bindparams(bindparam("triggers", expanding=True))
_GATES = text("SELECT id,answer FROM gates ORDER BY id")


def report_findings(connection: Connection) -> Iterator[Observation]:
    """Compare every report with its hash, one part in memory at a time, and name those that are missing."""
    damaged = 0
    stored = connection.execute(_REPORTS).all()
    for report, name in stored:
        if name is None or not _is_what_its_hash_says(connection, report, name):
            damaged += 1
            if damaged <= DAMAGED_MOST:
                yield _broken("reports", f"the report {name or report} is not what its hash says")
    if damaged > DAMAGED_MOST:
        yield _broken("reports", f"{damaged - DAMAGED_MOST} more reports are damaged")
    wanted = {"release": RELEASE_CLASS, "triggers": sorted(RELEASE_TRIGGERS)}
    lost = connection.execute(_LOST, wanted).fetchmany(_LISTED)
    for row in lost:
        who = "a snapshot that is not there" if row.id is None else f"snapshot {unpack_id(row.id)}"
        yield _broken("reports", f"{who} keeps the report {row.hash or 'without a name'}, which is not there")
    if not damaged and not lost:
        message = f"{len(stored)} reports are what their hashes say, and none that must be kept is missing"
        yield Observation(check="reports", level="ok", message=message)


def gate_findings(connection: Connection) -> Iterator[Observation]:
    """Read the answer of every decision."""
    damaged = total = 0
    for row in connection.execute(_GATES, execution_options={"yield_per": 100}):
        total += 1
        if not _is_answer(bytes(row.answer)):
            damaged += 1
            if damaged <= _LISTED:
                yield _broken("gates", f"the answer of decision {unpack_id(row.id)} cannot be read")
    if damaged > _LISTED:
        yield _broken("gates", f"{damaged - _LISTED} more answers cannot be read")
    if not damaged:
        yield Observation(check="gates", level="ok", message=f"{total} decisions of release gates can be read")


def _is_what_its_hash_says(connection: Connection, report: int, sha256: str) -> bool:
    digest, read, size, place = hashlib.sha256(), 0, None, 0
    while size is None or read < size:
        try:
            row: Any = connection.execute(_PART, {"report": report, "place": place}).first()
            plain = b"" if row is None else unpacked(bytes(row.bytes))
        except (StoreError, DBAPIError):
            return False
        if row is None:
            return False
        digest.update(plain)
        size, read, place = row.size, read + len(plain), place + 1
    return digest.hexdigest() == sha256


def _is_answer(packed: bytes) -> bool:
    try:
        return isinstance(orjson.loads(unpacked(packed)), dict)
    except (StoreError, ValueError):
        return False


def _broken(check: str, message: str) -> Observation:
    return Observation(check=check, level="broken", message=message)
