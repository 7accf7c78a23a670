"""What a notice says of a snapshot."""

from __future__ import annotations

from datetime import UTC, datetime

from stillframe.report.link import SnapshotLink


def test_a_link_names_its_snapshot_in_the_documented_order() -> None:
    """Id, place and time, hash and address: enough to prove that it is the same one."""
    found = SnapshotLink(
        id="s-1",
        sequence=7,
        timestamp=datetime(2026, 1, 2, 3, 4, 5, 6_000, UTC),
        content_hash="ab",
        url="/api/snapshot/s-1",
    )
    assert list(found.as_dict().items()) == [
        ("id", "s-1"),
        ("sequence", 7),
        ("timestamp", "2026-01-02T03:04:05.006Z"),
        ("content_hash", "ab"),
        ("url", "/api/snapshot/s-1"),
    ]


def test_a_link_for_who_sees_a_part_names_the_view() -> None:
    """Never the whole, whose hash could confirm a guess at what is hidden."""
    found = SnapshotLink(
        id="s-1",
        sequence=7,
        timestamp=datetime(2026, 1, 2, tzinfo=UTC),
        content_hash="of the view",
        url="/api/snapshot/s-1",
        redacted=True,
    ).as_dict()
    assert list(found)[3:] == ["content_hash", "url", "redacted", "view_hash"]
    assert (found["content_hash"], found["redacted"], found["view_hash"]) == (None, True, "of the view")
