"""The comment that tells a persona: who is meant, what changed, why it is told, and the two snapshots that prove it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from stillframe.model.delivery import DeliveryKind
from stillframe.model.verdict import MAX_WITNESSES, Observed, Verdict
from stillframe.report.figures import cell, cells_apart, figures_apart, is_number
from stillframe.report.link import SnapshotLink
from stillframe.report.markdown import escaped, link
from stillframe.report.words import HEADLINE_CHARACTERS_MOST

SENTENCE_MOST = 300
CELL_MOST = 60
CAME_BACK = "Changed and came back"
"""All that a digest has to say where its net is nothing."""
HELD_BECAUSE: Mapping[str, str] = {"snooze": "snoozed", "quiet_hours": "quiet hours", "cooldown": "cooling down"}
"""Why an alert comes later than its change, in words."""
_RESOLVED = "Resolved: "
_AS_BEFORE = "as it was before"


def alert_comment(
    *, persona_slug: str, headline: str, verdict: Verdict, snapshot_a: SnapshotLink, snapshot_b: SnapshotLink
) -> str:
    """
    Return the Markdown body of a `snapshot_alert` comment.

    What may come from outside is escaped: names and cells show as they are, and the only mention is the persona's.

    Shape   Paragraphs: mention and headline; the reason with limit and observed; at most five witnesses; both frames.
    Source  docs/reference/semantics.md, "Notices".
    """
    paragraphs = [
        f"@{persona_slug} **{escaped(headline, most=HEADLINE_CHARACTERS_MOST)}**",
        f"Why: {_reason(verdict)}",
        "\n".join(f"- {line}" for line in islice(_witness_lines(verdict), MAX_WITNESSES)),
        f"{_frame(snapshot_a)} → {_frame(snapshot_b)}",
    ]
    return "\n\n".join(filter(None, paragraphs))


def told_comment(
    kind: DeliveryKind,
    *,
    persona_slug: str,
    headline: str,
    is_empty: bool,
    verdict: Verdict,
    snapshot_a: SnapshotLink,
    snapshot_b: SnapshotLink,
    said: Mapping[str, Any],
) -> str:
    """
    Return the Markdown body of the comment about an alert, a digest, or a change that is over.

    Shape   `is_empty`: nothing differs between both snapshots; `verdict`: of that diff. `said`: what the delivery says
            beside it: of a digest `times`, `since` and `came_back`, of a resolution `told_at`, of an alert that was
            held back `held_because`.
    """
    if kind not in ("digest", "resolved"):
        alert = alert_comment(
            persona_slug=persona_slug, headline=headline, verdict=verdict, snapshot_a=snapshot_a, snapshot_b=snapshot_b
        )
        return "\n\n".join(filter(None, [alert, _held(said)]))
    line = told_line(kind, escaped(headline, most=HEADLINE_CHARACTERS_MOST), is_empty=is_empty)
    paragraphs = [
        f"@{persona_slug} **{line}**",
        _counted(said) if kind == "digest" else _over(verdict, said),
        f"Why: {_reason(verdict)}" if verdict.met else "",
        "\n".join(f"- {line}" for line in islice(_witness_lines(verdict), MAX_WITNESSES)),
        _returned(said),
        f"{_frame(snapshot_a)} → {_frame(snapshot_b)}",
    ]
    return "\n\n".join(filter(None, paragraphs))


def told_line(kind: DeliveryKind, headline: str, *, is_empty: bool) -> str:
    """
    Return the one line that an inbox shows of a delivery.

    >>> told_line("digest", "Nothing changed", is_empty=True)
    'Changed and came back'
    >>> told_line("resolved", "Papers up 4 % to 26", is_empty=False)
    'Resolved: Papers up 4 % to 26'
    """
    if kind == "resolved":
        return _RESOLVED + (_AS_BEFORE if is_empty else headline)
    return CAME_BACK if kind == "digest" and is_empty else headline


def _counted(said: Mapping[str, Any]) -> str:
    times = said["times"]
    snapshots = "one snapshot" if times == 1 else f"{times} snapshots"
    return f"Digest: the rule was met at {snapshots} since {said['since']}."


def _over(verdict: Verdict, said: Mapping[str, Any]) -> str:
    told_at = said.get("told_at")
    since = "" if told_at is None else f", told at {told_at},"
    return f"The change{since} is over: {escaped(verdict.sentence, most=SENTENCE_MOST)}"


def _returned(said: Mapping[str, Any]) -> str:
    names = [escaped(str(name), most=CELL_MOST) for name in said.get("came_back", ())]
    return f"Changed and came back: {', '.join(names)}" if names else ""


def _held(said: Mapping[str, Any]) -> str:
    because = said.get("held_because")
    return f"Held back until now: {HELD_BECAUSE.get(because, because)}" if because else ""


def _reason(verdict: Verdict) -> str:
    sentence = escaped(verdict.sentence, most=SENTENCE_MOST)
    if verdict.limit is None:
        return sentence
    limit, observed = _apart(verdict.limit, verdict.observed)
    return f"{sentence} (limit {limit}, observed {observed})"


def _apart(limit: Observed, observed: Observed) -> tuple[str, str]:
    if is_number(limit) and is_number(observed):
        return figures_apart(limit, observed)
    return escaped(cell(limit, most=CELL_MOST), most=CELL_MOST), escaped(cell(observed, most=CELL_MOST), most=CELL_MOST)


def _witness_lines(verdict: Verdict) -> Iterator[str]:
    """Give a line for each distinct witness of the nodes that are true, from the root down."""
    told: set[str] = set()
    for node in _true_nodes(verdict):
        for witness in node.witnesses:
            line = _witness_line(witness)
            if line not in told:
                told.add(line)
                yield line


def _true_nodes(verdict: Verdict) -> Iterator[Verdict]:
    if verdict.met:
        yield verdict
        for child in verdict.children:
            yield from _true_nodes(child)


def _witness_line(witness: Mapping[str, Any]) -> str:
    """Return one entry of a diff as `who: old → new`, whichever of its lists it is from."""
    names = (witness.get(member) for member in ("id", "name", "dimension", "panel", "field", "column"))
    who = " ".join(escaped(str(found), most=CELL_MOST) for found in names if found is not None)
    if "old" in witness or "new" in witness:
        old, new = cells_apart(witness.get("old"), witness.get("new"), most=CELL_MOST)
        return f"{who}: {escaped(old, most=CELL_MOST)} → {escaped(new, most=CELL_MOST)}"
    if "rank_a" in witness or "rank_b" in witness:
        before, after = witness.get("rank_a") or "new", witness.get("rank_b") or "gone"
        return f"{who}: rank {before} → {after}"
    said = witness.get("change") or witness.get("state")
    return f"{who}: {escaped(str(said), most=CELL_MOST)}" if said else who


def _frame(snapshot: SnapshotLink) -> str:
    return f"{link(f'frame {snapshot.sequence}', snapshot.url)} of {snapshot.timestamp_text}"
