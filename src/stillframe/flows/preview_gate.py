"""The preview of a subscription to release gates: which decisions of a period would have been told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stillframe.flows.past import MOST_SNAPSHOTS, Past
from stillframe.flows.preview_answer import Noticed, Preview
from stillframe.model.facts import GateDecision
from stillframe.model.gate import GateRecord
from stillframe.report.release_notice import gate_headline
from stillframe.store import Unit

_A_PAGE = 200
_SAID = ("id", "decision", "profile", "adopted", "evidence_incomplete")


def decisions_told(unit: Unit, past: Past, *, since: datetime | None, outcomes: tuple[GateDecision, ...]) -> Preview:
    """
    Return the decisions of a period that would have been told, oldest first: each by itself, for none is held back.

    Shape   `since`: where the period begins; None: with its first snapshot.
    """
    begin = since or (past.records[0].timestamp if past.records else past.until)
    found = [
        Noticed(
            at=record.decided_at,
            kind="gate",
            headline=gate_headline(record.answer),
            reason={name: record.answer[name] for name in _SAID},
        )
        for record in _decisions(unit, past, since=begin, outcomes=outcomes)
    ]
    return Preview(past=past, notices=found[::-1])


def _decisions(unit: Unit, past: Past, *, since: datetime, outcomes: tuple[GateDecision, ...]) -> Iterator[GateRecord]:
    """Give the decisions with these outcomes, newest first and with their answers."""
    cursor: str | None = None
    looked_at = 0
    while looked_at < MOST_SNAPSHOTS:
        page = unit.gates.list([past.dashboard.id], limit=_A_PAGE, cursor=cursor)
        for line in page.items:
            if line.decided_at < since:
                return
            if line.decided_at <= past.until and line.decision in outcomes:
                whole = unit.gates.get(line.id)
                assert whole is not None
                yield whole
        looked_at += len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return
