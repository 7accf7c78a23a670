"""Messages of these tests: one change of a small ranking, with boring defaults, and the mails made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.model.payload import Payload
from stillframe.report.link import SnapshotLink
from stillframe.report.mail import Mail, change_mail
from stillframe.report.mail.document import Block, Grid
from stillframe.report.message import Message
from stillframe.report.notice import diff_document
from stillframe.report.words import titles_of
from stillframe.rules import explain_threshold
from tests.report.pictures import picture, row

PUBLIC = "https://frames.example.org"
BEFORE = picture([row("HA", on_time=0.931), row("UA", on_time=0.862), row("AS", on_time=0.80), row("B6", on_time=0.6)])
AFTER = picture([row("HA", on_time=0.931), row("AS", on_time=0.904), row("UA", on_time=0.81)], papers=16_000)
RULE = {"AND": [{"top_n_reordering": 3}, {"value_delta_pct": 0.05, "on_field": "on_time"}]}


def frame(number: int, *, public: str = PUBLIC) -> SnapshotLink:
    """Return a snapshot as a message names it."""
    return SnapshotLink(
        id=f"snapshot-{number}",
        sequence=310 + number,
        timestamp=datetime(2026, 11, 21, 6 + number, 0, tzinfo=UTC),
        content_hash=hashlib.sha256(bytes([number])).hexdigest(),
        url=f"{public}/api/snapshot/snapshot-{number}",
    )


def a_message(diff: Diff | None = None, *, rule: Any = RULE, public: str = PUBLIC, **more: Any) -> Message:
    """Return a message about the small change, or about another diff."""
    found = compute_diff(BEFORE, AFTER) if diff is None else diff
    given: dict[str, Any] = {
        "delivery_id": "snapshot-2_subscription-1",
        "kind": "alert",
        "dashboard_id": "board-1",
        "dashboard_title": "Carrier punctuality",
        "subscription_id": "subscription-1",
        "created_at": datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
        "links": {"dashboard": f"{public}/api/dashboard/board-1", "diff": f"{public}/api/dashboard/board-1/diff"},
        "snapshot_a": frame(1, public=public),
        "snapshot_b": frame(2, public=public),
        "diff_json": diff_document(found),
        "reason": explain_threshold(found, rule).as_dict(),
    }
    return Message(**given | more)


def a_mail(message: Message | None = None, *, stop_url: str | None = f"{PUBLIC}/u/stop") -> Mail:
    """Return the mail of a message, its rows named by the small change."""
    return change_mail(message or a_message(), names={"leaderboard": titles()}, picture=None, stop_url=stop_url)


def titles() -> dict[Any, str]:
    """Return what the rows of the small change are called."""
    before, after = (titles_of(Payload.from_dict(found)) for found in (BEFORE, AFTER))
    return before | after


def grid_of(mail: Mail | list[Block], title: str) -> list[list[str]]:
    """Return the rows of a grid as texts, its heads first."""
    blocks = mail.blocks if isinstance(mail, Mail) else mail
    (found,) = [block for block in blocks if isinstance(block, Grid) and block.title == title]
    return [[column.title for column in found.columns], *([cell.text for cell in row] for row in found.rows)]


class Seen(HTMLParser):
    """What a reader of HTML sees: the text, and the elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[tuple[str, Mapping[str, str | None]]] = []
        self._hidden = 0
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
