"""Notices: the body of a webhook, the diff inside it, and by re-export what a persona and a terminal are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stillframe.model.diff import Diff
from stillframe.model.times import time_text
from stillframe.report.comment import alert_comment
from stillframe.report.lines import plain_lines
from stillframe.report.link import SnapshotLink

ENTRIES_MOST = 100
"""A list of a diff is cut here in a message; `totals` gives its true length."""

_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def diff_document(diff: Diff) -> bytes:
    """Return the diff's JSON on one line, each list cut at 100 entries, with exact totals."""
    return _one_line(diff.as_dict(limit=ENTRIES_MOST))


def webhook_body(
    *,
    type: str = "dashboard.diverged",  # noqa: A002  # because the member of the body is called so
    timestamp: datetime,
    dashboard_id: str,
    snapshot_a: SnapshotLink,
    snapshot_b: SnapshotLink,
    diff_json: bytes,
    reason: Mapping[str, Any],
    subscription_id: str,
    links: Mapping[str, str],
    test: bool = False,
) -> bytes:
    """
    Return the body of one webhook: a line of JSON, the same bytes for the same arguments.

    Shape   Members in the documented order, `test` last and only when true. `diff_json`: from `diff_document`, put in
            as it is, so that one diff is written once however many are told. `reason`: the JSON of a verdict.
    Units   `sequence` is the later snapshot's.
    Errors  ValueError for numbers that JSON does not have.
    Source  docs/howto/receive-webhooks.md.
    """
    before = {
        "type": type,
        "timestamp": time_text(timestamp),
        "dashboard_id": dashboard_id,
        "snapshot_a": snapshot_a.as_dict(),
        "snapshot_b": snapshot_b.as_dict(),
    }
    after: dict[str, Any] = {
        "reason": reason,
        "subscription_id": subscription_id,
        "sequence": snapshot_b.sequence,
        "links": dict(sorted(links.items())),
    }
    if test:
        after["test"] = True
    return _one_line(before)[:-1] + b',"diff":' + diff_json + b"," + _one_line(after)[1:]


def _one_line(document: Mapping[str, Any]) -> bytes:
    return _WRITER.encode(document).encode()


__all__ = ["ENTRIES_MOST", "SnapshotLink", "alert_comment", "diff_document", "plain_lines", "webhook_body"]
