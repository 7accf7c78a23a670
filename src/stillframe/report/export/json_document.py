"""Reports as canonical JSON: for programs, and for whoever checks the hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stillframe.model.canonical import canonical_bytes
from stillframe.model.view import SnapshotView
from stillframe.report.export.reports import Compared
from stillframe.report.words import headline, titles_of

SCHEMA = "stillframe.export/1"
_SAFE_INTEGER = 2**53 - 1


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
            "diff": _doubles(compared.diff.as_dict()),
            "drilldown": _doubles(compared.drilldown),
        }
    )


def _doubles(value: Any) -> Any:  # noqa: ANN401  # because any JSON value is allowed
    """
    Return a JSON value in which whole numbers too large for a double's precision are doubles.

    Cells never are; the difference of two can be.

    Source  RFC 8785, section 3.2.2.3: JSON's numbers are IEEE 754 doubles.
    """
    kind = type(value)
    if kind is int:
        return value if abs(value) <= _SAFE_INTEGER else float(value)
    if isinstance(value, Mapping):
        return {name: _doubles(found) for name, found in value.items()}
    return [_doubles(found) for found in value] if isinstance(value, list | tuple) else value


def _opening(kind: str, view: SnapshotView, title: str) -> dict[str, Any]:
    return {"schema": SCHEMA, "kind": kind, "dashboard": {"id": view.record.dashboard_id, "title": title}}
