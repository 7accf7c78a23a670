"""A comparison on a terminal: which two, what is only partly comparable, what differs by name."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.cli.comparisons import Meant, compared_lines
from stillframe.diff import compute_diff
from stillframe.errors import InvalidInput

NOTHING: dict[str, Any] = {
    "dashboard": None,
    "from_snapshot": None,
    "to_snapshot": None,
    "project": None,
    "from_timestamp": None,
    "to_timestamp": None,
}


def end(sequence: int) -> dict[str, object]:
    return {"id": f"s-{sequence}", "sequence": sequence, "as_of": "2026-01-02T03:04:05.000Z"}


def comparison(**changes: Any) -> dict[str, Any]:
    """A comparison's document: two rows changed places."""
    rows = [{"id": "a", "score": 2}, {"id": "b", "score": 1}]
    diff = compute_diff({"primary_rows": rows}, {"primary_rows": rows[::-1]}, top_n=3)
    return {
        "snapshot_a": end(1),
        "snapshot_b": end(2),
        "headline": "Berries rose",
        "trend_direction": "stable",
        "comparability": {"level": "full", "reasons": []},
        "dimension_states": {},
        "diff": diff.as_dict(limit=100),
        **changes,
    }


def test_both_ends_come_first_and_rows_have_their_names() -> None:
    """A key is for programs; a person reads the title."""
    partial = {"level": "partial", "reasons": ["rule_version differs"]}
    lines = list(compared_lines(comparison(comparability=partial), {"a": "Apples", "b": "Berries"}))
    assert lines[:5] == [
        "from 1 as of 2026-01-02T03:04:05.000Z: s-1",
        "to   2 as of 2026-01-02T03:04:05.000Z: s-2",
        "only partly comparable: rule_version differs",
        "",
        "Berries rose",
    ]
    assert any("Apples" in line for line in lines[5:])


def test_what_is_behind_a_change_is_told_by_category() -> None:
    """Counts first, then the few that matter most; a category without a change is no line."""
    finding = {"id": "f-1", "severity": "high", "title": "Old\nlibrary", "location": None}
    measure = {"name": "sca.score", "old": None, "new": 80, "delta": None}
    document = comparison(
        trend_direction="improving",
        dimension_states={"sca": "improved"},
        drilldown_categories={
            "sca": {"improved": 1, "added": 0},
            "release": {"improved": 0},
            "findings": {"resolved": 1},
        },
        drilldown_previews={"sca": {"changed": [measure]}, "release": {}, "findings": {"resolved": [finding]}},
    )
    lines = list(compared_lines(document, {}))
    assert lines[lines.index("sca improved") :] == [
        "sca improved",
        "all in all improving",
        "",
        "sca: 1 improved",
        "  changed sca.score: nothing → 80",
        "",
        "findings: 1 resolved",
        "  resolved f-1 Old library high",
    ]


def test_a_finding_is_shown_once_and_figures_as_people_read_them() -> None:
    """A dimension shows its findings, all findings together those that it had no room for."""
    one, other = ({"id": f"f-{n}", "title": "Weak hash", "severity": "high"} for n in (1, 2))
    density = {"name": "audit.density", "old": 0.3851091142490372, "new": 4.858757062146893}
    document = comparison(
        drilldown_categories={"audit": {"regressed": 1, "findings_added": 2}, "findings": {"added": 2}},
        drilldown_previews={
            "audit": {"changed": [density], "findings_added": [one]},
            "findings": {"added": [one, other]},
        },
    )
    lines = list(compared_lines(document, {}))
    assert lines[lines.index("audit: 1 regressed, 2 findings added") :] == [
        "audit: 1 regressed, 2 findings added",
        "  changed audit.density: 0.385 → 4.859",
        "  added f-1 Weak hash high",
        "",
        "findings: 2 added",
        "  added f-2 Weak hash high",
    ]


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({}, "name a dashboard, or the snapshots to compare, or a project and two times"),
        ({"dashboard": "d", "project": "p"}, "not both"),
        ({"from_snapshot": "a", "to_timestamp": "t"}, "not both"),
        ({"project": "p"}, "give all three"),
        ({"from_timestamp": "t", "to_timestamp": "t"}, "give all three"),
    ],
)
def test_two_ways_to_name_two_snapshots_do_not_mix(said: dict[str, str], refused: str) -> None:
    """What was meant must be clear before anything is asked."""
    with pytest.raises(InvalidInput, match=refused):
        Meant(**{**NOTHING, **said})
