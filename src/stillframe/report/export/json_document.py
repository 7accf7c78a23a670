"""Reports as canonical JSON: for programs, and for whoever checks the hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stillframe.model.canonical import canonical_bytes
from stillframe.model.view import SnapshotView
from stillframe.report.export.reports import Compared
from stillframe.report.words import headline, titles_of

SCHEMA = "stillframe.export/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a report: the canonical bytes of what a reader saw."""

    name: str
    content: bytes


def attachment_of(view: SnapshotView) -> Attachment:
    """
    Return the canonical payload of a view: its SHA-256 is the view's hash.

    Source  docs/reference/semantics.md, "Views": the whole goes only to those who see all members.
    """
    return Attachment(name=f"snapshot-{view.record.id}.json", content=canonical_bytes(view.payload.as_dict()))


def snapshot_json(view: SnapshotView, *, title: str) -> bytes:
    """
    Return one snapshot as canonical JSON.

    Shape   `{schema, kind, dashboard, snapshot, payload}`. The canonical bytes of `payload` have the SHA-256 that
            `snapshot` names: `content_hash`, or of a view `view_hash`.
    Source  RFC 8785.
    """
    return canonical_bytes(
        {**_opening("snapshot", view, title), "snapshot": view.record_dict(), "payload": view.payload.as_dict()}
    )


def compare_json(compared: Compared, *, title: str) -> bytes:
    """
    Return the comparison of two snapshots as canonical JSON, whole: no list is cut.

    Shape   `{schema, kind, dashboard, snapshot_a, snapshot_b, headline, comparability, trend_direction, diff,
            drilldown}`, the last null where nobody asked for it. `headline`: in English.
    Source  RFC 8785.
    """
    direction = compared.trend_direction
    titles = titles_of(compared.a.payload) | titles_of(compared.b.payload)
    return canonical_bytes(
        {
            **_opening("compare", compared.b, title),
            "snapshot_a": compared.a.record_dict(),
            "snapshot_b": compared.b.record_dict(),
            "headline": headline(compared.diff, titles=titles),
            "comparability": dict(compared.comparability),
            "trend_direction": direction if isinstance(direction, str) else dict(direction),
            "diff": compared.diff.as_dict(),
            "drilldown": None if compared.drilldown is None else dict(compared.drilldown),
        }
    )


def _opening(kind: str, view: SnapshotView, title: str) -> dict[str, Any]:
    return {"schema": SCHEMA, "kind": kind, "dashboard": {"id": view.record.dashboard_id, "title": title}}
