"""The mail of a release gate's decision: what it decided, what failed, and what had changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from stillframe.report.figures import name
from stillframe.report.gate_words import (
    adoption_text,
    called,
    finding_text,
    in_order,
    observed_text,
    partly_seen,
    profile_text,
    score_text,
    tally,
    without_data,
)
from stillframe.report.mail.composing import ITEMS_SHOWN, absolute, addressed
from stillframe.report.mail.document import Block, Bullets, Button, Column, Grid, Mail, Paragraph, Said, Tone
from stillframe.report.message import Message
from stillframe.report.release_notice import gate_headline

TEXT_MOST: Final = 300
_TONES: Final[Mapping[str, Tone]] = {"fail": "bad", "suppressed": "muted", "skipped": "muted", "pass": "plain"}
_SNAPSHOTS: Final = {"pre_snapshot_id": "before", "post_snapshot_id": "after", "baseline_snapshot_id": "compared with"}


def gate_mail(message: Message, *, stop_url: str | None) -> Mail:
    """
    Return the mail of a decision.

    Shape   `message.gate`: the answer as the gate gave it.
    """
    answer = message.gate
    assert answer is not None
    most = message.max_items or ITEMS_SHOWN
    blocks = [*_outcome(answer), *_checks(answer, most=most), *_changed(answer, most=most), *_kept(answer)]
    link = absolute(message.links.get("decision"))
    if link is not None:
        blocks.insert(1, Button(label="Open the decision", url=link))
    return addressed(message, said=gate_headline(answer), blocks=blocks, stop_url=stop_url)


def _outcome(answer: Mapping[str, Any]) -> Iterator[Block]:
    yield Paragraph(text=f"{str(answer['decision']).upper()} by {_said(profile_text(answer))}.", tone="strong")
    if answer["evidence_incomplete"]:
        missing = _said(", ".join(without_data(answer)))
        yield Paragraph(text=f"Evidence incomplete: no data for {missing}.", tone="bad")
    for check, absent in partly_seen(answer):
        yield Paragraph(text=f"Partly seen: {_said(check)}, nothing from {_said(', '.join(absent))}.")
    score = score_text(answer)
    yield Paragraph(
        text=f"{score[:1].upper()}{_said(score[1:])}. {adoption_text(answer)}" if score else adoption_text(answer)
    )


def _checks(answer: Mapping[str, Any], *, most: int) -> Iterator[Block]:
    checks = in_order(answer["checks"])
    told = [check for check in checks if check["status"] != "pass"] or checks
    columns = (
        Column(title="Check"),
        Column(title="Limit", right=True),
        Column(title="Observed", right=True),
        Column(title="Status"),
    )
    rows = tuple(
        (
            Said(_said(called(check)), "strong", _said(check["message"])),
            Said(_said(check["limit"])),
            Said(_said(observed_text(check))),
            Said(str(check["status"]), _TONES.get(str(check["status"]), "plain"), str(check["severity"])),
        )
        for check in told[:most]
    )
    left = len(told) - len(rows)
    yield Grid(title=tally(answer["checks"]), columns=columns, rows=rows, more=f"and {left:,} more" if left > 0 else "")


def _changed(answer: Mapping[str, Any], *, most: int) -> Iterator[Block]:
    summary = answer.get("diff_summary")
    if summary is None:
        yield Paragraph(text="There was no adopted state to compare with.")
        return
    yield Paragraph(text=f"Since the adopted state: {_said(summary['headline'])}.")
    found: Mapping[str, Any] = answer.get("findings") or {}
    for kind, title in (("added", "New findings"), ("resolved", "Resolved findings")):
        told = found.get(kind)
        if told and told["total"]:
            shown = tuple(f"{entry.get('severity')}: {_said(finding_text(entry))}" for entry in told["previews"][:most])
            left = told["total"] - len(shown)
            yield Bullets(title=title, items=shown, more=f"and {left:,} more" if left > 0 else "")


def _kept(answer: Mapping[str, Any]) -> Iterator[Block]:
    frames = tuple(f"{when}: frame {answer[member]}" for member, when in _SNAPSHOTS.items() if answer.get(member))
    errors = tuple(
        f"{_said(error['snapshot'])} snapshot not stored: {_said(error['message'])}"
        for error in answer.get("snapshot_errors") or ()
    )
    if frames or errors:
        yield Bullets(title="Evidence", items=(f"decision {answer['id']}", *frames, *errors))


def _said(text: object) -> str:
    return name(str(text), most=TEXT_MOST)
