"""Notices of a release: what a webhook, a comment and an inbox say of a gate's decision."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stillframe.report.markdown import escaped, link

CHECKS_MOST: Final = 100
"""A list of checks is cut here in a message; `checks_total` gives its true length."""
TOLD_MOST: Final = 5
_TEXT_MOST: Final = 300
_NAME_MOST: Final = 120
_CARRIED: Final = (
    "project_name",
    "decision",
    "profile",
    "source_ref",
    "initiator",
    "adopted",
    "evidence_incomplete",
    "pre_snapshot_id",
    "post_snapshot_id",
    "baseline_snapshot_id",
    "state_snapshot_id",
    "snapshot_errors",
    "formula_digest",
    "health",
)
_COMPARED: Final = ("diff_summary", "dimension_states", "findings", "comparability")
_ORDER: Final = ("fail", "suppressed", "skipped", "pass")
_DECIDED: Final[Mapping[str, str]] = {
    "pass": "passed the release gate",
    "warn": "passed the release gate with warnings",
    "fail": "failed the release gate",
}
_WRITER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def release_body(
    answer: Mapping[str, Any], *, dashboard_id: str, subscription_id: str, links: Mapping[str, str]
) -> bytes:
    """
    Return the body of one webhook about a decision: a line of JSON, the same bytes for the same arguments.

    Shape   `answer`: as the gate gave it. Members: `type` (`release.decided`), `timestamp`, `dashboard_id`,
            `decision_id`, the outcome with its checks, the snapshot ids, `compare` (the change in few words; null
            without an adopted state), `subscription_id`, `links`.
    Errors  ValueError for numbers that JSON does not have.
    Source  docs/howto/receive-webhooks.md.
    """
    is_compared = answer["diff_summary"] is not None
    document = {
        "type": "release.decided",
        "timestamp": answer["decided_at"],
        "dashboard_id": dashboard_id,
        "decision_id": answer["id"],
        **{name: answer[name] for name in _CARRIED},
        "checks": _by_urgency(answer["checks"])[:CHECKS_MOST],
        "checks_total": len(answer["checks"]),
        "suppressions": len(answer["suppressions"]),
        "compare": {name: answer[name] for name in _COMPARED} if is_compared else None,
        "subscription_id": subscription_id,
        "links": dict(sorted(links.items())),
    }
    return _WRITER.encode(document).encode()


def gate_headline(answer: Mapping[str, Any]) -> str:
    """Return a decision as one sentence."""
    of = f" ({answer['source_ref']})" if answer["source_ref"] else ""
    said = f"{answer['project_name']}{of} {_DECIDED[answer['decision']]} {answer['profile']['name']}"
    failed = [check["id"] for check in answer["checks"] if check["status"] == "fail"]
    why = f": {', '.join(failed[:TOLD_MOST])}" if failed else ""
    more = f" and {len(failed) - TOLD_MOST} more" if len(failed) > TOLD_MOST else ""
    unknown = "; evidence incomplete" if answer["evidence_incomplete"] else ""
    return f"{said}{why}{more}{unknown}"[:_TEXT_MOST]


def gate_comment(answer: Mapping[str, Any], *, persona_slug: str) -> str:
    """
    Return the Markdown body of the comment that tells a persona of a decision; the only mention is the persona's.

    Source  docs/reference/semantics.md, "Release gates".
    """
    paragraphs = [
        f"@{persona_slug} **{escaped(gate_headline(answer), most=_TEXT_MOST)}**",
        "\n".join(_check_lines(answer["checks"])),
        _changed(answer),
        _snapshots(answer),
    ]
    return "\n\n".join(filter(None, paragraphs))


def _by_urgency(checks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(checks, key=lambda check: _ORDER.index(check["status"]))


def _check_lines(checks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    told = [check for check in _by_urgency(checks) if check["status"] != "pass"]
    for check in told[:TOLD_MOST]:
        name = escaped(check["id"], most=_NAME_MOST)
        yield f"- {check['severity']} {name} {check['status']}: {escaped(check['message'], most=_TEXT_MOST)}"
    if len(told) > TOLD_MOST:
        yield f"- and {len(told) - TOLD_MOST} more"


def _changed(answer: Mapping[str, Any]) -> str:
    summary = answer["diff_summary"]
    if summary is None:
        return "There was no adopted state to compare with."
    return f"Since the adopted state: {escaped(summary['headline'], most=_TEXT_MOST)}."


def _snapshots(answer: Mapping[str, Any]) -> str:
    state = "The candidate is the project's state now." if answer["adopted"] else "The candidate was not adopted."
    kept = ", ".join(
        f"{when} {answer[member]}"
        for when, member in (("before", "pre_snapshot_id"), ("after", "post_snapshot_id"))
        if answer[member]
    )
    return f"{state} {link('The decision', answer['links']['decision'])}{f'; frames {kept}' if kept else ''}."
