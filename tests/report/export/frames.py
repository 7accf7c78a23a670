"""Snapshots to export: two frames of a small leaderboard and of a project's health, and any frames at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.payload import Payload
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.view import SnapshotView
from stillframe.report.drilldown import drilldown
from stillframe.report.export import Compared
from tests.report.pictures import TEXTS, picture, pictures, row

MORNING = datetime(2026, 11, 21, 7, 0, 12, 345_000, UTC)
FULL = {"level": "full", "reasons": []}


def frame(document: Mapping[str, Any], *, sequence: int = 1, redacted: bool = False, **given: Any) -> SnapshotView:
    """One view with boring defaults; a redacted one has a hash of its own."""
    payload = Payload.from_dict(document)
    digest = content_hash(canonical_bytes(payload.as_dict()))
    taken = MORNING + timedelta(hours=sequence)
    plain: dict[str, Any] = {
        "id": f"019aa2f0-0000-7000-8000-{sequence:012}",
        "dashboard_id": "carriers",
        "sequence": sequence,
        "parent_snapshot_id": None,
        "timestamp": taken,
        "as_of": taken,
        "initiator": "alice",
        "trigger_source": "cli",
        "content_hash": "c0ffee" + "0" * 58 if redacted else digest,
        "view_spec_hash": "5" * 64,
        "capture_status": "good",
        "capture": {"flights": {"rows": 5, "milliseconds": 12}},
    }
    record = SnapshotRecord(**(plain | given))
    return SnapshotView(record=record, payload=payload, view_hash=digest if redacted else None)


def compared(before: Mapping[str, Any], after: Mapping[str, Any], *, redacted: bool = False, **given: Any) -> Compared:
    """Two frames of one dashboard and their diff."""
    a, b = frame(before, sequence=1, redacted=redacted), frame(after, sequence=2, redacted=redacted)
    diff = compute_diff(before, after, top_n=given.pop("top_n", 10))
    plain: dict[str, Any] = {"comparability": FULL, "trend_direction": "stable"}
    return Compared(a=a, b=b, diff=diff, **(plain | given))


def measure(name: str, value: Any, **given: Any) -> dict[str, Any]:
    """One measure of a summary; lower is better unless the test says otherwise."""
    return {"id": name, "value": value, "better": "lower", "unit": "findings"} | given


def health(sca: float | None = 88.0, critical: int = 0) -> dict[str, Any]:
    """What a project's dashboard shows: six dimensions of which two are measured, and its findings."""
    summaries = {
        "health": {"score": None if sca is None else round((sca + 90) / 2, 1), "measures": []},
        "sca": {"score": sca, "measures": [measure("critical_findings", critical)]},
        "quality": {"score": 90, "measures": [measure("line_coverage", 0.81, better="higher", unit="share")]},
    }
    names = ("health", "audit", "compliance", "release", "sca", "quality")
    rows = [
        {
            "dimension": name,
            "score": summaries.get(name, {}).get("score"),
            "status": "measured" if summaries.get(name, {}).get("score") is not None else "missing",
        }
        for name in names
    ]
    findings = [
        {"id": f"f-{n}", "dimension": "sca", "severity": "critical", "title": f"CVE-2026-000{n}", "location": "a/b.py"}
        for n in range(critical)
    ]
    return {
        "schema": "stillframe.snapshot/1",
        "materialized_data": {
            "dimensions": _table("dimension", rows, ("dimension", "score", "status")),
            "health_score": {"kind": "metric", "value": summaries["health"]["score"], "better": "higher"},
            "findings": _table("id", findings, ("id", "dimension", "severity", "title", "location")),
        },
        "primary": {"rows": "dimensions", "metric": "health_score"},
        "summaries": summaries,
        "sources": [],
    }


def carriers(*order: str, papers: float | None = 15_025, **on_time: float) -> dict[str, Any]:
    """The leaderboard of these carriers, best first, each with its share of flights on time."""
    return picture([row(carrier, on_time=on_time.get(carrier, 0.5)) for carrier in order], papers=papers)


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[Compared, str]:
    """The comparison of any two pictures, and any title of their dashboard."""
    pair = compared(draw(pictures()), draw(pictures()), top_n=draw(st.integers(1, 12)))
    found = drilldown(pair.a.payload, pair.b.payload, pair.diff)
    return replace(pair, drilldown=found), draw(TEXTS)


def _table(key: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> dict[str, Any]:
    return {"kind": "table", "key": key, "columns": list(columns), "fields": {}, "rows": rows}
