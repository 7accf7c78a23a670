"""A comparison on a terminal: which two, what is only partly comparable, what differs by name."""

from __future__ import annotations

from stillframe.cli.comparisons import compared_lines
from stillframe.diff import compute_diff


def end(sequence: int) -> dict[str, object]:
    return {"id": f"s-{sequence}", "sequence": sequence, "as_of": "2026-01-02T03:04:05.000Z"}


def test_both_ends_come_first_and_rows_have_their_names() -> None:
    """A key is for programs; a person reads the title."""
    rows = [{"id": "a", "score": 2}, {"id": "b", "score": 1}]
    diff = compute_diff({"primary_rows": rows}, {"primary_rows": rows[::-1]}, top_n=3)
    compared = {
        "snapshot_a": end(1),
        "snapshot_b": end(2),
        "comparability": {"level": "partial", "reasons": ["rule_version differs"]},
        "diff": diff.as_dict(limit=100),
    }
    lines = list(compared_lines(compared, {"a": "Apples", "b": "Berries"}))
    assert lines[:4] == [
        "from 1 as of 2026-01-02T03:04:05.000Z: s-1",
        "to   2 as of 2026-01-02T03:04:05.000Z: s-2",
        "only partly comparable: rule_version differs",
        "",
    ]
    assert "Berries" in lines[4]
    assert any("Apples" in line for line in lines[5:])
