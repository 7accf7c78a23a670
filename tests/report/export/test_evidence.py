"""Evidence: everything that proves a snapshot, and of a view nothing that would prove the whole."""

from __future__ import annotations

from datetime import timedelta

from stillframe.report.export import compare_report, snapshot_report
from stillframe.report.languages import ENGLISH
from tests.report.export.frames import MORNING, carriers, compared, frame
from tests.report.export.reading import facts, grid, lines, section, texts, titles

WHOLE = "c0ffee" + "0" * 58


def test_a_snapshot_is_proved_by_id_time_initiator_and_hashes() -> None:
    """The evidence comes first, whole and in words."""
    view = frame(carriers("HA"), sequence=312, reason="pre-hardening", retention_class="audit", immutable=True)
    report = snapshot_report(view, title="Carriers", language=ENGLISH)
    said = facts(report, "Evidence")
    assert titles(report)[0] == "Evidence"
    assert said["Snapshot"] == view.record.id
    assert said["Frame"] == "312"
    assert said["Captured"] == ENGLISH.time(view.record.timestamp)
    assert said["Initiator"] == "alice"
    assert said["Trigger"] == "command line"
    assert said["Reason"] == "pre-hardening"
    assert said["Content, SHA-256"] == view.record.content_hash
    assert said["Retention class"] == "audit"
    assert said["Immutable"] == "yes"
    assert said["Status"] == "good"


def test_the_time_that_the_data_describes_is_shown_where_it_differs() -> None:
    """When it was captured and what it speaks of are two times."""
    same = snapshot_report(frame(carriers("HA")), title="", language=ENGLISH)
    late = snapshot_report(frame(carriers("HA"), as_of=MORNING - timedelta(days=3)), title="", language=ENGLISH)
    assert "Describes" not in facts(same, "Evidence")
    assert facts(late, "Evidence")["Describes"] == "18 Nov 2026, 07:00:12.345 UTC"


def test_a_view_says_that_it_is_one_and_never_the_wholes_hash() -> None:
    """With the whole's name a guess at a hidden member could be proved."""
    view = frame(carriers("HA"), redacted=True)
    report = snapshot_report(view, title="", language=ENGLISH)
    assert facts(report, "Evidence")["View, SHA-256"] == view.view_hash
    assert not [text for text in texts(report) if WHOLE[:16] in text]
    assert any("This is a view" in text for text in texts(report))
    pair = compare_report(compared(carriers("HA"), carriers("UA"), redacted=True), title="", language=ENGLISH)
    assert not [text for text in texts(pair) if WHOLE[:16] in text]
    assert any("This is a view" in text for text in texts(pair))


def test_two_snapshots_stand_side_by_side() -> None:
    """Both ids, both times, both hashes: no compare point is ambiguous."""
    pair = compared(carriers("HA"), carriers("UA"))
    rows = {row[0]: row[1:] for row in lines(grid(compare_report(pair, title="", language=ENGLISH), "Evidence"))}
    assert rows["Snapshot"] == [pair.a.record.id, pair.b.record.id]
    assert rows["Captured"] == [ENGLISH.time(pair.a.record.timestamp), ENGLISH.time(pair.b.record.timestamp)]
    assert rows["Content, SHA-256"] == [pair.a.record.content_hash, pair.b.record.content_hash]


def test_sources_and_the_files_that_were_read_are_listed() -> None:
    """Which query or report gave the figures, with its digest."""
    bundle = ({"name": "bom.json", "sha256": "a" * 64, "bytes": 1_200, "tool": "trivy", "version": "0.70"},)
    view = frame(carriers("HA") | {"sources": [{"name": "flights", "type": "sql"}]}, source_bundle=bundle)
    report = snapshot_report(view, title="", language=ENGLISH)
    assert lines(grid(report, "Sources")) == [["flights", "sql", "5", "12"]]
    assert lines(grid(report, "Sources", place=1)) == [["bom.json", "trivy 0.70", "1,200", "a" * 64]]


def test_an_empty_or_partial_capture_warns_its_reader() -> None:
    """Figures that are known to be incomplete do not look complete."""
    for status in ("empty", "partial"):
        report = snapshot_report(frame(carriers("HA"), capture_status=status), title="", language=ENGLISH)
        (remark,) = [block for block in section(report, "Evidence").blocks if hasattr(block, "warning")]
        assert f"This capture is {status}" in remark.text
