"""A release gate's answer as Markdown that fits the summary of a job, and by re-export as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from stillframe.model.scope import DIMENSIONS
from stillframe.report.figures import is_number
from stillframe.report.gate_lines import gate_lines
from stillframe.report.gate_words import (
    Answer,
    CheckJson,
    adoption_text,
    called,
    finding_text,
    in_order,
    observed_text,
    partly_seen,
    profile_text,
    score_text,
    suppression_text,
    tally,
    without_data,
)
from stillframe.report.markdown import in_cell, link

CHECKS_MOST: Final = 100
"""The failing first. All that is listed is cut, so that the whole stays far below the 1 MiB of a job's summary."""
SUPPRESSIONS_MOST: Final = 50
EXPLAINED_MOST: Final = 20
"""So many checks are followed by what made them fail."""
NAME_MOST: Final = 120
TEXT_MOST: Final = 300
_AT = "&#64;"
_AT_ALONE = "@\u200b"
_SNAPSHOTS = {
    "baseline_snapshot": "Compared with",
    "pre_snapshot": "Snapshot before",
    "post_snapshot": "Snapshot after",
    "state_snapshot": "The project's state now",
}
_ADDRESSES = {"compare": "The comparison", "dashboard": "The dashboard", "decision": "This decision"}


def gate_markdown(answer: Answer) -> str:
    """
    Return the answer as Markdown: the decision, what is loud about it, the checks, suppressions, changes, snapshots.

    Shape   `answer`: the JSON of a decision. Nothing that came with it formats, links or mentions anybody. `links` may
            hold addresses: of `baseline_snapshot`, `pre_snapshot`, `post_snapshot` and `state_snapshot`, which are then
            linked, of `compare`, `dashboard` and `decision`.
    Units   Under 1 MiB of UTF-8, however long the lists are; what is cut gives exact totals.
    Source  CommonMark 0.31; GFM 4.10 (tables).
    """
    parts = [*_head(answer), *_checks(answer), *_suppressed(answer), *_changed(answer), *_evidence(answer)]
    return "\n\n".join(parts) + "\n"


def _head(answer: Answer) -> Iterator[str]:
    yield f"# Release gate: {_text(str(answer['decision']).upper())} for {_text(answer['project_name'])}"
    said = [f"Profile **{_text(profile_text(answer))}**"]
    if answer.get("source_ref"):
        said.append(f"candidate **{_text(answer['source_ref'])}**")
    said += [f"decided {_text(answer['decided_at'])}", f"by {_text(answer['initiator'])}"]
    yield ", ".join(said)
    if answer["evidence_incomplete"]:
        blockers = _text(", ".join(without_data(answer)), most=TEXT_MOST)
        yield f"> **EVIDENCE INCOMPLETE.** No data for {blockers}: the decision says less than the profile asks."
    for check, missing in partly_seen(answer)[:EXPLAINED_MOST]:
        yield f"> **Partly seen.** {_text(check)} had nothing from {_text(', '.join(missing))}."
    score = score_text(answer)
    if score:
        yield f"**{_text(score[:1].upper() + score[1:], most=TEXT_MOST)}**"
    yield adoption_text(answer)


def _checks(answer: Answer) -> Iterator[str]:
    checks = in_order(answer["checks"])
    yield "## Checks"
    yield f"{tally(checks)}."
    rows = [
        (
            _strong(check["status"], strong=check["status"] != "pass"),
            f"{_text(called(check))} ({check['severity']})",
            _text(observed_text(check)),
            _text(check["limit"]),
            _text(check["message"], most=TEXT_MOST),
        )
        for check in checks[:CHECKS_MOST]
    ]
    yield _table(("Status", "Check", "Observed", "Limit", "What was seen"), rows, total=len(checks))
    explained = [check for check in checks if check.get("witnesses") and check["status"] in ("fail", "suppressed")]
    for check in explained[:EXPLAINED_MOST]:
        yield _explained(check)


def _explained(check: CheckJson) -> str:
    found = check["witnesses"]
    total = check.get("suppressed") if check["status"] == "suppressed" else check["observed"]
    cut = f", {len(found)} of {total:,} shown" if is_number(total) and total > len(found) else ""
    what = "suppressed" if check["status"] == "suppressed" else "what failed it"
    lines = (f"- Found: {_text(finding_text(one), most=TEXT_MOST)}" for one in found)
    return "\n".join([f"**{_text(called(check))}**, {what}{cut}:", "", *lines])


def _suppressed(answer: Answer) -> Iterator[str]:
    found = answer.get("suppressions") or ()
    if not found:
        return
    yield "## Suppressed"
    yield f"{suppression_text(len(found))}."
    rows = [
        (
            _text(one["finding_id"]),
            _text(one["expires_at"]),
            _text(one["created_by"]),
            _text(one["reason"], most=TEXT_MOST),
            _text(one["ticket"]) if one.get("ticket") else "",
        )
        for one in found[:SUPPRESSIONS_MOST]
    ]
    yield _table(("Finding", "Until", "By", "Reason", "Ticket"), rows, total=len(found))


def _changed(answer: Answer) -> Iterator[str]:
    yield "## What changed"
    summary = answer.get("diff_summary")
    if not summary:
        yield "There is no earlier state to compare with."
        return
    yield f"**{_text(summary['headline'])}**"
    states: Mapping[str, Any] = answer.get("dimension_states") or {}
    if states:
        ordered = sorted(states, key=lambda one: DIMENSIONS.index(one) if one in DIMENSIONS else len(DIMENSIONS))
        shown = ordered[: len(DIMENSIONS)]
        rows = [(_text(one), _strong(states[one], strong=states[one] == "regressed")) for one in shown]
        yield _table(("Dimension", "State"), rows, total=len(ordered))
    for kind in ("added", "resolved"):
        told = (answer.get("findings") or {}).get(kind)
        if told and told["total"]:
            yield _findings(kind, told)


def _findings(kind: str, told: Mapping[str, Any]) -> str:
    total, previews = told["total"], told["previews"][:EXPLAINED_MOST]
    head = f"{total:,} {'finding' if total == 1 else 'findings'} {kind}"
    cut = f", {len(previews)} shown" if total > len(previews) else ""
    entries = (
        f"- **{_text(str(one.get('severity')))}**: {_text(finding_text(one), most=TEXT_MOST)}" for one in previews
    )
    return "\n".join([f"{head}{cut}:", "", *entries])


def _evidence(answer: Answer) -> Iterator[str]:
    yield "## Evidence"
    links: Mapping[str, str] = answer.get("links") or {}
    comparability = answer.get("comparability")
    lines = []
    for member, label in _SNAPSHOTS.items():
        found = answer.get(f"{member}_id")
        lines.append(f"- {label}: {_linked(str(found), links.get(member)) if found else 'none'}")
    lines += [
        f"- **Not stored**: {_text(error['snapshot'])} snapshot, {_text(error['message'], most=TEXT_MOST)}"
        for error in (answer.get("snapshot_errors") or ())[:2]
    ]
    if comparability:
        reasons = f" ({_text('; '.join(comparability['reasons']), most=TEXT_MOST)})" if comparability["reasons"] else ""
        lines.append(f"- Comparability: {_text(comparability['level'])}{reasons}")
    lines += [f"- {link(label, links[member])}" for member, label in _ADDRESSES.items() if links.get(member)]
    lines.append(f"- Formula: {_text(answer.get('formula_digest') or 'none')}")
    lines.append(f"- Decision: {_text(answer['id'] or 'not kept, a dry run')}")
    yield "\n".join(lines)


def _linked(text: str, url: str | None) -> str:
    return link(_text(text), url) if url else _text(text)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, total: int) -> str:
    shown = [f"| {' | '.join(row)} |" for row in rows]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *shown]
    cut = f"\n\nThe first {len(shown)} of {total:,}." if total > len(shown) else ""
    return "\n".join(lines) + cut


def _strong(text: str, *, strong: bool) -> str:
    return f"**{_text(text)}**" if strong else _text(text)


def _text(text: str, *, most: int = NAME_MOST) -> str:
    """
    Return text that shows as it is and mentions nobody; an empty one as a name that is missing.

    GitHub looks for mentions in what it has rendered, where an entity is the sign itself again. No name begins with a
    space of no width.

    Source  github.com/github/cmark-gfm/issues/181.
    """
    return in_cell(str(text) or " ", most=most).replace(_AT, _AT_ALONE)


__all__ = ["gate_lines", "gate_markdown"]
