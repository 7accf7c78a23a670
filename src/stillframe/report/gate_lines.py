"""A release gate's answer as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from stillframe.report.figures import name
from stillframe.report.gate_words import (
    Answer,
    adoption_text,
    called,
    finding_text,
    in_order,
    partly_seen,
    profile_text,
    score_text,
    tally,
    without_data,
)

CHECKS_MOST: Final = 200
SUPPRESSIONS_MOST: Final = 20
TEXT_MOST: Final = 300
_SNAPSHOTS: Final = {
    "baseline_snapshot_id": "compared with snapshot",
    "pre_snapshot_id": "pre snapshot",
    "post_snapshot_id": "post snapshot",
    "state_snapshot_id": "the project's state now: snapshot",
}
_STATUS_WIDTH: Final = len("suppressed")


def gate_lines(answer: Answer) -> list[str]:
    """
    Return the answer as lines: the decision, the checks with what failed them, suppressions, what changed, snapshots.

    Shape   `answer`: the JSON of a decision. No line holds a control character, whatever the answer holds.
    """
    return [*_head(answer), *_checks(answer), *_suppressed(answer), *_changed(answer), *_snapshots(answer)]


def _head(answer: Answer) -> Iterator[str]:
    reference = f", {_said(answer['source_ref'])}" if answer.get("source_ref") else ""
    project, profile = _said(answer["project_name"]), _said(profile_text(answer))
    yield f"{str(answer['decision']).upper()}  {project}{reference}, by {profile}"
    if answer["evidence_incomplete"]:
        yield f"EVIDENCE INCOMPLETE: no data for {_said(', '.join(without_data(answer)))}"
    for check, missing in partly_seen(answer):
        yield f"partly seen: {_said(check)}, nothing from {_said(', '.join(missing))}"
    score = score_text(answer)
    if score:
        yield _said(score)
    yield adoption_text(answer)


def _checks(answer: Answer) -> Iterator[str]:
    yield tally(answer["checks"])
    for check in islice(in_order(answer["checks"]), CHECKS_MOST):
        line = f"{_said(called(check))} ({check['severity']}): {_said(check['message'])}"
        yield f"  {check['status']:<{_STATUS_WIDTH}}  {line}"
        for found in check.get("witnesses") or () if check["status"] != "pass" else ():
            yield f"  {'':<{_STATUS_WIDTH}}  - {_said(finding_text(found))}"
    left = len(answer["checks"]) - CHECKS_MOST
    if left > 0:
        yield f"  … and {left:,} more"


def _suppressed(answer: Answer) -> Iterator[str]:
    found = answer.get("suppressions") or ()
    for one in found[:SUPPRESSIONS_MOST]:
        ticket = f" [{_said(one['ticket'])}]" if one.get("ticket") else ""
        until = f"until {one['expires_at']} by {_said(one['created_by'])}"
        yield f"suppressed {_said(one['finding_id'])} {until}: {_said(one['reason'])}{ticket}"
    if len(found) > SUPPRESSIONS_MOST:
        yield f"… and {len(found) - SUPPRESSIONS_MOST:,} more suppressions"


def _changed(answer: Answer) -> Iterator[str]:
    summary = answer.get("diff_summary")
    if summary:
        yield f"changed: {_said(summary['headline'])}"
    findings: Mapping[str, Any] = answer.get("findings") or {}
    for kind, sign in (("added", "+"), ("resolved", "-")):
        told = findings.get(kind)
        if told and told["total"]:
            yield f"findings {kind}: {told['total']:,}"
            yield from (f"  {sign} {entry.get('severity')}: {_said(finding_text(entry))}" for entry in told["previews"])
    comparability = answer.get("comparability")
    if comparability and comparability["level"] != "full":
        yield f"comparability {comparability['level']}: {_said('; '.join(comparability['reasons']))}"


def _snapshots(answer: Answer) -> Iterator[str]:
    for member, label in _SNAPSHOTS.items():
        if answer.get(member):
            yield f"{label} {_said(answer[member])}"
    for error in answer.get("snapshot_errors") or ():
        yield f"{_said(error['snapshot'])} snapshot not stored: {_said(error['message'])}"


def _said(text: object) -> str:
    return name(str(text), most=TEXT_MOST)
