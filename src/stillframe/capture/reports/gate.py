"""What Stillframe's own release gate decided, read again when a snapshot is replayed; from nobody else is it taken."""

from __future__ import annotations

from typing import Final

import msgspec

from stillframe.capture.reports.documents import decoded
from stillframe.capture.reports.interface import Look, Report
from stillframe.model.facts import GateDecision, ReportFacts

FORMAT: Final = "stillframe.gate/1"
_FAMILY: Final = "stillframe.gate/"


class _Counts(msgspec.Struct, frozen=True):
    blockers_failed: int
    warnings_failed: int
    skipped: int
    suppressed: int


class _Document(msgspec.Struct, frozen=True):
    schema: str
    decision: GateDecision
    counts: _Counts


_DOCUMENT: Final = msgspec.json.Decoder(_Document)


class GateReport:
    """Reads the document that the gate wrote into a snapshot's evidence."""

    format = FORMAT
    title = FORMAT
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether it names the gate's schema, of whatever version."""
        return look.syntax == "json" and look.marks.get("schema", "").startswith(_FAMILY)

    def read(self, report: Report) -> ReportFacts:
        """
        Read the decision and its counts.

        Errors  CaptureRefused naming format and position.
        """
        found = decoded(report, _DOCUMENT, of=FORMAT)
        if found.schema != FORMAT:
            raise report.refused("$.schema", f"{FORMAT} is read", of=FORMAT)
        return ReportFacts(
            format=FORMAT,
            reader=self.version,
            tool="stillframe",
            gate=found.decision,
            gate_counts=msgspec.structs.asdict(found.counts),
        )
