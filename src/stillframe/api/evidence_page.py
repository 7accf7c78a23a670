"""The page of one snapshot: what was seen, when, and the hash that proves it."""

from __future__ import annotations

from html import escape

from stillframe.api.pages import facts, page, table
from stillframe.model.dashboard import Dashboard
from stillframe.model.payload import Metric, Panel, Table
from stillframe.model.times import time_text
from stillframe.model.view import SnapshotView

ROWS_SHOWN_MOST = 1_000


def evidence_page(snapshot: SnapshotView, dashboard: Dashboard) -> str:
    """Return a plain page without script: the record first, then every panel in rank order."""
    record = snapshot.record
    title = f"{dashboard.title}, snapshot {record.sequence}"
    said: dict[str, object] = {
        "Dashboard": f"{dashboard.title} ({dashboard.slug})",
        "Snapshot": record.id,
        "Sequence": record.sequence,
        "Taken": time_text(record.timestamp),
        "Data of": time_text(record.as_of),
        "By": record.initiator,
        "Why": record.reason,
        "Trigger": record.trigger_source,
        "Status": record.capture_status,
        "Immutable": record.immutable,
        "Retention class": record.retention_class,
        ("SHA-256 of your view" if snapshot.redacted else "SHA-256 of the payload"): snapshot.hash,
        "SHA-256 of the view spec": record.view_spec_hash,
    }
    panels = "".join(_panel(name, panel) for name, panel in snapshot.payload.panels.items())
    return page(title=title, body=f"<h1>{escape(title)}</h1>\n{facts(said)}{panels}")


def _panel(name: str, panel: Panel) -> str:
    if isinstance(panel, Metric):
        return f"<h2>{escape(name)}</h2>\n{facts({panel.field.unit or 'value': panel.value})}"
    return f"<h2>{escape(name)}</h2>\n{_rows(panel)}"


def _rows(panel: Table) -> str:
    columns = list(panel.columns)
    shown = panel.rows[:ROWS_SHOWN_MOST]
    rows: list[list[object]] = [[rank, *(row.get(name) for name in columns)] for rank, row in enumerate(shown, 1)]
    total = len(panel.rows)
    caption = f"{total} rows" if total <= ROWS_SHOWN_MOST else f"the first {ROWS_SHOWN_MOST} of {total} rows"
    return table(caption=caption, columns=["rank", *columns], rows=rows)
