"""Putting a candidate before a gate: what it would show, what differs from the adopted state, and what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from stillframe.capture import captured_from
from stillframe.diff import compute_diff
from stillframe.flows.reading_reports import (
    GATE,
    READING,
    ReadReports,
    carried_gate,
    entry_of,
    gate_evidence,
    reread,
)
from stillframe.flows.reports import scored_picture
from stillframe.flows.scopes import known_picture
from stillframe.flows.services import Services
from stillframe.flows.storing import Picture
from stillframe.health import project_payload, release_summary
from stillframe.model.bundle import Bundle, kept_entries, tool_entries
from stillframe.model.canonical import canonical_bytes
from stillframe.model.dashboard import Dashboard
from stillframe.model.diff import Diff
from stillframe.model.facts import Evidence
from stillframe.model.gate import GateVerdict, Profile
from stillframe.model.payload import Payload
from stillframe.model.scope import FINDINGS_PANEL
from stillframe.model.snapshot import Snapshot
from stillframe.rules.gate import decide
from stillframe.store import Unit, packed_report


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """
    What asks to be released.

    Shape   `read`: its reports. Where none were brought, the candidate is the project's state as it is known.
    """

    dashboard: Dashboard
    profile: Profile
    read: ReadReports


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """
    How a candidate was decided, seen from one adopted state.

    Shape   `picture`: what it shows with the release summary added. `compared`: the same with the adopted release
            summary. `diff`: what differs between `previous`, the adopted state, and that; None without one.
    """

    verdict: GateVerdict
    picture: Picture
    previous: Snapshot | None
    compared: Payload
    diff: Diff | None


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """
    A candidate beside the gate: what it shows, and where its findings stand.

    Shape   `read`: by what it can be scored again; None where it brought its own scores.
    """

    read: ReadReports | None
    picture: Picture
    places: Mapping[str, str]


def evaluate(
    services: Services, unit: Unit, candidate: Candidate, *, previous: Snapshot | None, now: datetime
) -> Evaluation:
    """
    Decide, seen from one adopted state.

    The same candidate before the same state, with the same suppressions, is decided alike.

    Errors  CaptureRefused for reports that contradict each other.
    Source  docs/reference/semantics.md, "Release gates".
    """
    shown = _shown(unit, candidate, previous)
    compared = shown.picture.captured.payload
    diff = None if previous is None else compute_diff(previous.payload, compared, top_n=services.limits.diff_top_n)
    verdict = decide(
        candidate.profile,
        payload=compared,
        diff=diff,
        suppressions=unit.suppressions.active(str(candidate.dashboard.project), now),
        now=now,
        places=shown.places,
        left_out={} if previous is None else left_out(previous.record.source_bundle, shown.picture.source_bundle),
    )
    document = canonical_bytes(gate_document(verdict, candidate.profile))
    picture = _with_release(candidate.dashboard, shown, gate_evidence(document))
    return Evaluation(
        verdict=verdict,
        picture=replace(picture, packed=(*picture.packed, packed_report(document)), adopted=verdict.decision != "fail"),
        previous=previous,
        compared=compared,
        diff=diff,
    )


def left_out(before: Bundle, after: Bundle) -> dict[str, list[str]]:
    """Return by dimension the tools that one bundle has a report of and another has none of."""
    had, has = _tools(before), _tools(after)
    return {part: sorted(tools - has.get(part, set())) for part, tools in had.items() if tools - has.get(part, set())}


def _tools(bundle: Bundle) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for tool, entry in tool_entries(bundle):
        for part in entry["parts"]:
            found.setdefault(part, set()).add(tool)
    return found


def gate_document(verdict: GateVerdict, profile: Profile) -> dict[str, Any]:
    """Return a decision as evidence: without times, so that deciding alike twice is the same evidence."""
    return {
        "schema": GATE,
        "decision": verdict.decision,
        "profile": {"name": profile.name, "digest": profile.digest, "document": dict(profile.document)},
        "checks": [check.as_dict() for check in verdict.checks],
        "evidence_incomplete": verdict.evidence_incomplete,
        "counts": verdict.counts,
        "suppressed": sorted(found.finding_id for found in verdict.suppressions),
    }


def _shown(unit: Unit, candidate: Candidate, previous: Snapshot | None) -> _Shown:
    read = candidate.read
    if previous is not None and not read.evidence:
        known = _known(unit, previous)
        if known is None:
            return _Shown(read=None, picture=known_picture(unit, candidate.dashboard, previous), places={})
        read = known
    adopted = carried_gate(unit, None if previous is None else previous.record)
    more = [] if adopted is None else [adopted]
    picture, assessment = scored_picture(candidate.dashboard, read, more)
    return _Shown(read=read, picture=picture, places=assessment.places)


def _known(unit: Unit, previous: Snapshot) -> ReadReports | None:
    """Return the reports of the adopted state, read again; None where it was not made from reports."""
    was_read = any(entry["format"] == READING for entry in kept_entries(previous.record.source_bundle))
    return reread(unit, previous.record) if was_read else None


def _with_release(dashboard: Dashboard, shown: _Shown, gate: Evidence) -> Picture:
    if shown.read is not None:
        return scored_picture(dashboard, shown.read, [gate])[0]
    # A summary brought its own scores: none is computed, and the release takes its place beside them.
    payload = shown.picture.captured.payload
    findings = payload.tables.get(FINDINGS_PANEL)
    released = project_payload(
        {**payload.summaries, "release": release_summary([gate])}, findings=None if findings is None else findings.rows
    )
    kept = [entry for entry in shown.picture.source_bundle if entry.get("format") != GATE]
    return replace(
        shown.picture, captured=captured_from(released), source_bundle=(*kept, entry_of(gate, parts=("release",)))
    )
