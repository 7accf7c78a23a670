"""Replay: a snapshot's stored reports read again, by the formula that it was scored by, must give the same picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillframe.capture import captured_from, read_summary
from stillframe.capture.reports import reader_versions
from stillframe.diff import compute_diff
from stillframe.errors import Gone, InvalidInput
from stillframe.flows.reading_reports import GATE, READING, carried_gate, parsed, reread, stored_report
from stillframe.flows.scopes import SUMMARY_FORMAT
from stillframe.flows.seeing import visible_snapshot
from stillframe.flows.services import Services
from stillframe.health import project_payload, release_summary
from stillframe.model.bundle import kept_entries
from stillframe.model.identity import Caller
from stillframe.model.payload import Payload
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import Unit

LISTED_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """
    What came of reading a snapshot's evidence again.

    Shape   `readers_changed`: `{name, format, stored, now}` of each report whose reader has another version now.
            `differences`: the diff from the stored picture to the replayed one, its lists cut; None where they are the
            same, to the last digit.
    """

    record: SnapshotRecord
    replayed_hash: str
    readers_changed: Sequence[Mapping[str, Any]]
    differences: Mapping[str, Any] | None

    @property
    def identical(self) -> bool:
        return self.replayed_hash == self.record.content_hash

    def as_dict(self) -> dict[str, Any]:
        return {
            "snapshot_id": self.record.id,
            "dashboard_id": self.record.dashboard_id,
            "identical": self.identical,
            "content_hash": self.record.content_hash,
            "replayed_hash": self.replayed_hash,
            "formula_digest": self.record.formula_digest,
            "reports": [dict(entry) for entry in self.record.source_bundle],
            "readers_changed": [dict(found) for found in self.readers_changed],
            "differences": None if self.differences is None else dict(self.differences),
        }


def replay_snapshot(services: Services, caller: Caller, *, snapshot_id: str) -> dict[str, Any]:
    """
    Read the stored evidence of a project's snapshot again and compare the picture that it gives with the stored one.

    Errors  NotFound; InvalidInput for a snapshot that was not made from reports or a summary; Gone when its payload or
            a report has had its time; CaptureRefused where this version no longer takes a report.
    Source  docs/howto/replay-a-snapshot.md.
    """
    with services.store.read() as unit:
        view, _ = visible_snapshot(unit, caller, snapshot_id)
        return replay_of(unit, view.record, view.payload).as_dict()


def replay_of(unit: Unit, record: SnapshotRecord, stored: Payload) -> Replay:
    """
    Replay one snapshot.

    Errors  As `replay_snapshot`.
    """
    replayed = captured_from(_again(unit, record))
    same = replayed.content_hash == record.content_hash
    diff = None if same else compute_diff(stored, replayed.payload)
    return Replay(
        record=record,
        replayed_hash=replayed.content_hash,
        readers_changed=list(_readers_changed(record)),
        differences=None if diff is None else diff.as_dict(limit=LISTED_MOST),
    )


def _again(unit: Unit, record: SnapshotRecord) -> Payload:
    """Return the picture that the stored evidence gives now."""
    formats = {entry["format"]: entry for entry in kept_entries(record.source_bundle)}
    gate = carried_gate(unit, record)
    if gate is None and GATE in formats:
        raise Gone("what the release gate decided of this snapshot has had its time; its hash remains in the record")
    if READING in formats:
        assessment = reread(unit, record).assess([] if gate is None else [gate])
        return project_payload(assessment.summaries, findings=assessment.findings)
    if SUMMARY_FORMAT not in formats:
        raise InvalidInput("only a project's snapshot that reports or a summary were brought for can be replayed")
    summary = read_summary(parsed(stored_report(unit, formats[SUMMARY_FORMAT])))
    released = {} if gate is None else {"release": release_summary([gate])}
    return project_payload({**summary.summaries, **released}, findings=summary.findings)


def _readers_changed(record: SnapshotRecord) -> list[dict[str, Any]]:
    now = reader_versions()
    return [
        {"name": entry["name"], "format": entry["format"], "stored": entry["reader"], "now": now[entry["format"]]}
        for entry in kept_entries(record.source_bundle)
        if entry["format"] in now and entry["reader"] != now[entry["format"]]
    ]
