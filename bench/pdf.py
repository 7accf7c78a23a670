"""Measures how long a PDF compare report of three pages with charts takes, each time on new evidence."""

from __future__ import annotations

import os
import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from bench.rounds import markdown, milliseconds
from stillframe.diff import compute_diff
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.payload import Payload
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.view import SnapshotView
from stillframe.render import Renderer, pdf_document
from stillframe.report.charts.trend_chart import Line, trend_chart
from stillframe.report.export import Attachment, Compared, Report, attachment_of, chart_words, compare_report
from stillframe.report.languages import ENGLISH

ROUNDS = 15
ROWS = 40
POINTS = 90
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
TARGET_SECONDS = 0.2


def view(chance: random.Random, sequence: int) -> SnapshotView:
    """Return a leaderboard of forty rows in a new order, with two metrics."""
    rows = [{"id": f"c-{n}", "title": f"Carrier {n}", "on_time": chance.random()} for n in range(ROWS)]
    rows.sort(key=lambda row: -float(row["on_time"]))
    metrics = {
        name: {"kind": "metric", "value": chance.randint(1, 9_999), "better": "lower"} for name in ("late", "lost")
    }
    table = {"kind": "table", "key": "id", "columns": ["id", "title", "on_time"], "fields": {}, "rows": rows}
    document: dict[str, Any] = {
        "schema": "stillframe.snapshot/1",
        "materialized_data": {"leaderboard": table, **metrics},
        "primary": {"rows": "leaderboard", "metric": "late"},
        "summaries": {},
        "sources": [],
    }
    payload = Payload.from_dict(document)
    record = SnapshotRecord(
        id=f"019aa2f0-0000-7000-8000-{sequence:012}",
        dashboard_id="carriers",
        sequence=sequence,
        parent_snapshot_id=None,
        timestamp=BEGIN + timedelta(hours=sequence),
        as_of=BEGIN + timedelta(hours=sequence),
        initiator="bench",
        trigger_source="cli",
        content_hash=content_hash(canonical_bytes(payload.as_dict())),
        view_spec_hash="0" * 64,
        capture_status="good",
    )
    return SnapshotView(record=record, payload=payload)


def report(chance: random.Random, sequence: int) -> tuple[Report, list[Attachment]]:
    """Return a compare report on new evidence, and its attachments."""
    a, b = view(chance, sequence), view(chance, sequence + 1)
    diff = compute_diff(a.as_snapshot, b.as_snapshot, top_n=10)
    times = [round((BEGIN + timedelta(days=day)).timestamp() * 1000) for day in range(POINTS)]
    line = Line(name="Late", values=[chance.randint(1, 9_999) for _ in times])
    compared = Compared(a=a, b=b, diff=diff, comparability={"level": "full", "reasons": []}, trend_direction="stable")
    trend = [trend_chart(times, [line], words=chart_words(ENGLISH))]
    made = compare_report(compared, title="Carrier punctuality", language=ENGLISH, trend=trend)
    return made, [attachment_of(a), attachment_of(b)]


def processor_seconds(process_ids: list[int]) -> float:
    """Return what these processes have used of a processor: on a busy machine it says more than the clock does."""
    ticks = 0
    for process_id in process_ids:
        fields = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run and print one table."""
    chance, renderer, taken, document, used = random.Random(1), Renderer(), [], b"", 0.0
    try:
        for number in range(ROUNDS + 1):
            made, attachments = report(chance, 2 * number + 1)
            started = time.perf_counter()
            document = pdf_document(renderer, made, attachments=attachments)
            taken.append(time.perf_counter() - started)
            used = used or processor_seconds(renderer.process_ids)
        used = processor_seconds(renderer.process_ids) - used
    finally:
        renderer.close()
    with pikepdf.open(BytesIO(document)) as pdf:
        pages = str(len(pdf.pages))
    first, *later = taken
    later.sort()
    cells = [pages, str(len(made.charts)), f"{len(document) / 1000:,.0f}"]
    cells += [milliseconds(first), milliseconds(statistics.median(later)), milliseconds(later[-1])]
    cells.append(milliseconds(used / ROUNDS))
    head = ["pages", "charts", "kB", "first, ms", f"median of {ROUNDS} more, ms", "slowest, ms", "processor, ms"]
    print(markdown(head, [cells]))
    print(f"\ntarget: under {milliseconds(TARGET_SECONDS)} ms after the first")


if __name__ == "__main__":
    main()
