"""Notices: the body of a webhook, the diff inside it, and by re-export what a persona and a terminal are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stillframe.model.canonical import one_line
from stillframe.model.diff import Diff
from stillframe.report.comment import alert_comment
from stillframe.report.lines import plain_lines
from stillframe.report.link import SnapshotLink
from stillframe.report.message import Message
from stillframe.report.release_notice import release_body

ENTRIES_MOST = 100
"""A list of a diff is cut here in a message; `totals` gives its true length."""

_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def diff_document(diff: Diff) -> bytes:
    """Return the diff's JSON on one line, each list cut at 100 entries, with exact totals."""
    return one_line(diff.as_dict(limit=ENTRIES_MOST))


def notice_body(message: Message) -> bytes:
    """
    Return the body of one webhook: a line of JSON, the same bytes for the same message.

    Shape   Members in the documented order; `importance`, `digest`, `resolved` and `test` last, where they have
            something to say. The diff is put in as it was written, so that one is written once however many are told;
            `max_items` cuts its lists, and `totals` stay exact.
    Units   `sequence` is the later snapshot's.
    Errors  ValueError for numbers that JSON does not have.
    Source  docs/howto/receive-webhooks.md.
    """
    if message.gate is not None:
        body = release_body(
            message.gate,
            dashboard_id=message.dashboard_id,
            subscription_id=message.subscription_id,
            links=message.links,
        )
        return body[:-1] + b',"test":true}' if message.test else body
    before, later = message.snapshot_a, message.snapshot_b
    assert before is not None
    assert later is not None
    head = {
        "type": _TYPES[message.kind],
        "timestamp": later.timestamp_text,
        "dashboard_id": message.dashboard_id,
        "snapshot_a": before.as_dict(),
        "snapshot_b": later.as_dict(),
    }
    tail: dict[str, Any] = {
        "reason": message.reason,
        "subscription_id": message.subscription_id,
        "sequence": later.sequence,
        "links": dict(sorted(message.links.items())),
    }
    if message.importance != "normal":
        tail["importance"] = message.importance
    facts = {name: value for name, value in message.said.items() if name != "verdict"}
    if facts:
        tail[message.kind] = facts
    if message.test:
        tail["test"] = True
    diff = message.diff_json if message.max_items is None else _cut(message.diff_json, message.max_items)
    return _one_line(head)[:-1] + b',"diff":' + diff + b"," + _one_line(tail)[1:]


_TYPES: Mapping[str, str] = {
    "alert": "dashboard.diverged",
    "resolved": "dashboard.resolved",
    "digest": "dashboard.digest",
}


def _cut(diff_json: bytes, most: int) -> bytes:
    return _one_line(Diff.from_dict(json.loads(diff_json)).as_dict(limit=most))


def _one_line(document: Mapping[str, Any]) -> bytes:
    return _WRITER.encode(document).encode()


__all__ = ["ENTRIES_MOST", "SnapshotLink", "alert_comment", "diff_document", "notice_body", "plain_lines"]
