"""Reading tool reports once: their facts, the bytes that are kept of them, and what a record says that it was made
from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from stillframe.capture.reports import MOST_FINDINGS, read_own, read_report, reader_versions
from stillframe.errors import CaptureRefused, Fault, Gone, InvalidInput
from stillframe.flows.services import Services
from stillframe.health import Assessment, Formula, assess
from stillframe.model.bundle import kept_entries
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.facts import Evidence
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store import PackedReport, Unit, packed_report

READING = "stillframe.reading/1"
GATE = "stillframe.gate/1"
MOST_REPORTS = 100
MOST_KLOC = 1_000_000.0
LONGEST_ROOT = 1_000
PRODUCT = "stillframe"
READING_NAME = "reading"
GATE_NAME = "release gate"
OWN_NAMES = frozenset({READING_NAME, GATE_NAME})


@dataclass(frozen=True, kw_only=True)
class GivenReport:
    """
    One report file as somebody brought it.

    Shape   `read` gives its bytes when it is its turn, so that of many large reports one is in memory at a time.
    """

    name: str
    size: int
    read: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """
    What no report says of itself.

    Shape   `root`: the folder that absolute paths in reports start from.
    Units   `kloc`: thousand lines of code, where no report counts them.
    """

    kloc: float | None = None
    root: str | None = None

    def check(self) -> None:
        """
        Refuse what cannot be.

        Errors  InvalidInput naming the member.
        """
        if self.kloc is not None and not 0 < self.kloc <= MOST_KLOC:
            raise InvalidInput.at("$.kloc", f"more than 0, at most {MOST_KLOC:g} thousand lines of code")
        if self.root is not None and not 1 <= len(self.root) <= LONGEST_ROOT:
            raise InvalidInput.at("$.root", f"a folder of 1 to {LONGEST_ROOT} characters")


@dataclass(frozen=True, kw_only=True)
class ReadReports:
    """
    Reports that were read, with how they are to be scored.

    Shape   `packed`: the bytes to keep, if the store has them not yet. `evidence`: of each report once, however often
            it was given.
    """

    formula: Formula
    options: ReadingOptions
    reading: Mapping[str, Any]
    """The entry of the reading document in a bundle."""
    evidence: tuple[Evidence, ...]
    packed: tuple[PackedReport, ...] = ()
    _assessed: dict[tuple[str, ...], Assessment] = field(default_factory=dict, repr=False, compare=False)
    """By the hashes of what came beside: many thousand findings are scored once for a head that moved."""

    def assess(self, more: Sequence[Evidence] = ()) -> Assessment:
        """
        Score the reports, together with `more`.

        Errors  CaptureRefused naming the two reports that contradict each other, and for more findings than a table
                may have rows.
        """
        beside = tuple(found.sha256 for found in more)
        if beside not in self._assessed:
            found = assess([*self.evidence, *more], formula=self.formula, kloc=self.options.kloc)
            if len(found.findings or ()) > MOST_FINDINGS:
                message = (
                    f"the reports together hold more than {MOST_FINDINGS:,} findings; narrow what the tools look at"
                )
                raise CaptureRefused(faults=[Fault(path="$.report", message=message)])
            self._assessed[beside] = found
        return self._assessed[beside]

    def bundle(self, assessment: Assessment, more: Sequence[Evidence] = ()) -> tuple[Mapping[str, Any], ...]:
        """Return what a record says that its picture was made from: how it was read, then every report."""
        found = (entry_of(each, parts=assessment.parts.get(each.name, ())) for each in (*self.evidence, *more))
        return (self.reading, *found)


def read_reports(services: Services, reports: Sequence[GivenReport], options: ReadingOptions) -> ReadReports:
    """
    Read reports, one at a time, and pack their bytes to be kept.

    Errors  InvalidInput for options that cannot be and for too many reports; CaptureRefused naming file, format and
            position.
    """
    options.check()
    if len(reports) > MOST_REPORTS:
        raise InvalidInput.at("$.report", f"at most {MOST_REPORTS} reports at a time, not {len(reports)}")
    _refuse_twins(reports)
    formula = services.formula(reader_versions())
    reading = packed_report(canonical_bytes(reading_document(formula, options)))
    packed, evidence = [reading], []
    seen: set[str] = set()
    for given in reports:
        data = given.read()
        facts = read_report(given.name, data, root=options.root)
        kept = packed_report(data)
        if kept.sha256 in seen:
            continue
        seen.add(kept.sha256)
        packed.append(kept)
        evidence.append(Evidence(name=given.name, sha256=kept.sha256, size=kept.size, facts=facts))
    return ReadReports(
        formula=formula,
        options=options,
        reading=_reading_entry(reading),
        evidence=tuple(evidence),
        packed=tuple(packed),
    )


def reread(unit: Unit, record: SnapshotRecord) -> ReadReports:
    """
    Read the stored reports of a snapshot again, with the formula that it was scored by.

    A release gate's decision among them is left out: `carried_gate` has it.

    Errors  Gone if any of them has had its time; InvalidInput if the snapshot was not made from reports; CaptureRefused
            where this version no longer takes one of them.
    """
    entries = kept_entries(record.source_bundle)
    reading = next((entry for entry in entries if entry["format"] == READING), None)
    if reading is None:
        raise InvalidInput("this snapshot was not made from reports")
    formula, options = options_of(parsed(stored_report(unit, reading)))
    evidence = [
        _evidence(entry["name"], stored_report(unit, entry), root=options.root)
        for entry in entries
        if entry["format"] not in (READING, GATE)
    ]
    return ReadReports(formula=formula, options=options, reading=reading, evidence=tuple(evidence))


def reading_document(formula: Formula, options: ReadingOptions) -> dict[str, Any]:
    """Return all that a replay needs to know beside the reports themselves."""
    return {"schema": READING, "formula": formula.document(), "kloc": options.kloc, "root": options.root}


def options_of(document: Mapping[str, Any]) -> tuple[Formula, ReadingOptions]:
    """
    Return the formula and the options that a reading document holds.

    Errors  InvalidInput for a formula that this version does not know.
    """
    return Formula.from_document(document["formula"]), ReadingOptions(kloc=document["kloc"], root=document["root"])


def carried_gate(unit: Unit, record: SnapshotRecord | None) -> Evidence | None:
    """
    Return what a release gate decided last, as a snapshot's evidence has it; None where no gate did, or its document
    has had its time.

    Source  docs/reference/semantics.md, "Release gates".
    """
    entries = [] if record is None else kept_entries(record.source_bundle)
    entry = next((found for found in entries if found["format"] == GATE), None)
    data = None if entry is None else unit.reports.get(entry["sha256"])
    return None if entry is None or data is None else gate_evidence(data)


def gate_evidence(data: bytes) -> Evidence:
    """Return a gate's decision as evidence."""
    facts = read_own(GATE_NAME, data)
    return Evidence(name=GATE_NAME, sha256=content_hash(data), size=len(data), facts=facts)


def parsed(data: bytes) -> Mapping[str, Any]:
    """Return a document of our own as it was written."""
    document: Mapping[str, Any] = orjson.loads(data)
    return document


def entry_of(found: Evidence, *, parts: Iterable[str]) -> dict[str, Any]:
    """Return what a bundle says of one report: its name and hash, what wrote it, and which parts it fed."""
    return {
        "name": found.name,
        "sha256": found.sha256,
        "bytes": found.size,
        "tool": found.facts.tool,
        "version": found.facts.version,
        "format": found.facts.format,
        "reader": found.facts.reader,
        "parts": list(parts),
    }


def _reading_entry(packed: PackedReport) -> dict[str, Any]:
    return {
        "name": READING_NAME,
        "sha256": packed.sha256,
        "bytes": packed.size,
        "tool": PRODUCT,
        "version": None,
        "format": READING,
        "reader": 1,
        "parts": [],
    }


def stored_report(unit: Unit, entry: Mapping[str, Any]) -> bytes:
    """
    Return the bytes of a report that a bundle names.

    Errors  Gone if they have had their time; StoreError if they are not what their hash says.
    """
    data = unit.reports.get(entry["sha256"])
    if data is None:
        raise Gone(f"the report {entry['name']} of this snapshot has had its time; its hash remains in the record")
    return data


def _evidence(name: str, data: bytes, *, root: str | None) -> Evidence:
    facts = read_report(name, data, root=root)
    return Evidence(name=name, sha256=content_hash(data), size=len(data), facts=facts)


def _refuse_twins(reports: Sequence[GivenReport]) -> None:
    names = [found.name for found in reports]
    taken = sorted(OWN_NAMES & set(names))
    if taken:
        message = "Stillframe's own evidence has this name; give the file another"
        raise CaptureRefused(faults=[Fault(path=name, message=message) for name in taken])
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        message = (
            "two reports have this name; give each file a name of its own, so that errors and evidence can say which"
        )
        raise CaptureRefused(faults=[Fault(path=name, message=message) for name in twins])
