"""From a message to a mail: what is said first, why, what changed, and the evidence, in that order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from stillframe.model.diff import Diff
from stillframe.model.payload import RowId
from stillframe.model.times import time_from_text
from stillframe.model.verdict import Verdict
from stillframe.report.comment import CAME_BACK, told_line
from stillframe.report.figures import name
from stillframe.report.languages import ENGLISH
from stillframe.report.link import SnapshotLink
from stillframe.report.mail.changes import Changes
from stillframe.report.mail.document import Block, Bullets, Frame, Frames, Mail, Paragraph, Picture
from stillframe.report.mail.reasons import limits_of, reason_blocks
from stillframe.report.markdown import safe_url
from stillframe.report.message import Message
from stillframe.report.words import headline

RowNames: TypeAlias = Mapping[str, Mapping[RowId, str]]
"""What people call the rows of each table, by panel."""

ITEMS_SHOWN: Final = 10
"""Entries of each list where a subscriber asked for no other number."""
TITLE_MOST: Final = 80
_IMPORTANCE: Final = {"high": "High importance", "low": "Low importance"}
_HELD: Final = {
    "cooldown": "This was held back while the last notice cooled down.",
    "snooze": "This was held back while the subscription was snoozed.",
    "quiet_hours": "This was held back by quiet hours.",
}


def change_mail(message: Message, *, names: RowNames, picture: Picture | None, stop_url: str | None) -> Mail:
    """
    Return the mail of an alert, of what resolved, or of a digest.

    Shape   `names`: what rows are called in either snapshot. `stop_url`: where its reader unsubscribes, None where this
            installation has no public address.
    """
    diff = Diff.from_dict(json.loads(message.diff_json))
    verdict = Verdict.from_dict(message.reason)
    titles = names.get(diff.primary.rows or "", {})
    said = change_headline(message, diff, titles=titles)
    changes = Changes(
        diff=diff, titles=titles, limits=limits_of(verdict), most=message.max_items or ITEMS_SHOWN, others=names
    )
    blocks = [*_opening(message, diff), *reason_blocks(verdict)]
    blocks += [*([] if picture is None else [picture]), *changes.blocks()]
    blocks += [*_returned(message.said), *_evidence(message)]
    return addressed(message, said=said, blocks=blocks, stop_url=stop_url)


def change_headline(message: Message, diff: Diff, *, titles: Mapping[RowId, str]) -> str:
    """Return the change as one sentence, in the words that a comment about it has."""
    return told_line(message.kind, headline(diff, titles=titles), is_empty=diff.is_empty)


def addressed(message: Message, *, said: str, blocks: list[Block], stop_url: str | None) -> Mail:
    """Return a mail with its subject, its marks, and the lines at its end that say why somebody gets it."""
    about = name(message.dashboard_title, most=TITLE_MOST)
    marks = (["Test"] if message.test else []) + (["Digest"] if message.kind == "digest" else [])
    importance = _IMPORTANCE.get(message.importance)
    foot = [
        f"You get this because this address is subscribed to {about}.",
        f"Subscription {message.subscription_id}, delivery {message.delivery_id}.",
    ]
    if stop_url is None:
        foot.append("To get no more of these, ask whoever sent you here to remove the subscription.")
    if message.test:
        blocks = [
            Paragraph(text="This is a test send of the last change; nobody else was told.", tone="muted"),
            *blocks,
        ]
    prefix = "".join(f"[{mark}] " for mark in marks)
    return Mail(
        subject=f"{prefix}{about}: {said}",
        dashboard=about,
        headline=said,
        marks=tuple(marks + ([importance] if importance else [])),
        blocks=tuple(blocks),
        foot=tuple(foot),
        stop_url=stop_url,
    )


def absolute(url: str | None) -> str | None:
    """Return an address that can be opened from a mail; None for a path without its host."""
    return safe_url(url) if url is not None and url.startswith(("https://", "http://")) else None


def frame_of(link: SnapshotLink, *, label: str) -> Frame:
    """Return a snapshot as evidence, its time with its zone."""
    return Frame(
        label=label,
        name=f"frame {link.sequence:,} ({link.id})",
        at=ENGLISH.time(link.timestamp),
        content_hash=link.content_hash,
        url=absolute(link.url),
    )


def _opening(message: Message, diff: Diff) -> Iterator[Block]:
    said = message.said
    if message.kind == "digest":
        yield Paragraph(text=_digest_words(said, same=diff.is_empty))
    if message.kind == "resolved":
        yield Paragraph(text=_resolved_words(said))
    held = said.get("held_because")
    if held is not None:
        yield Paragraph(text=_HELD.get(str(held), f"This was held back: {name(str(held), most=TITLE_MOST)}."))


def _digest_words(said: Mapping[str, Any], *, same: bool) -> str:
    times, since = said.get("times"), _time_of(said.get("since"))
    opening = "Since the last notice" if since is None else f"Since {since}"
    counted = "" if times is None else f" the rule was true at {times:,} snapshot{'' if times == 1 else 's'}"
    if same:
        return f"{opening}{counted}, and everything is again as it was." if counted else f"{CAME_BACK}."
    return f"{opening}{counted}. What follows is the net change." if counted else "What follows is the net change."


def _returned(said: Mapping[str, Any]) -> Iterator[Block]:
    """Name what changed on the way of a digest and is as it was in the end."""
    back = said.get("came_back")
    if isinstance(back, list | tuple) and back:
        yield Bullets(title=CAME_BACK, items=tuple(name(str(found), most=TITLE_MOST) for found in back))


def _resolved_words(said: Mapping[str, Any]) -> str:
    told = _time_of(said.get("told_at"))
    return "The rule is no longer true." if told is None else f"The rule, told of at {told}, is no longer true."


def _time_of(text: object) -> str | None:
    return ENGLISH.time(time_from_text(text, path="$")) if isinstance(text, str) else None


def _evidence(message: Message) -> Iterator[Block]:
    before, after = message.snapshot_a, message.snapshot_b
    if before is not None and after is not None:
        frames = (frame_of(before, label="Before"), frame_of(after, label="After"))
        yield Frames(frames=frames, compare_url=absolute(message.links.get("diff")))
