"""Drill-down: exact counts, few previews, the worst first, and nothing said of what nobody looked for."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from stillframe.diff import compute_diff
from stillframe.model.payload import Payload
from stillframe.report.drilldown import PREVIEWS_MOST, drilldown
from tests.report.pictures import picture, pictures, row


def looked_into(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    a, b = Payload.from_dict(before), Payload.from_dict(after)
    found = drilldown(a, b, compute_diff(before, after))
    return found["categories"], found["previews"]


def project(*findings: tuple[str, str] | None, **measures: dict[str, float | None]) -> dict[str, Any]:
    """
    A project's picture.

    Shape   `findings`: id and severity; none of them at all where the only one is None. `measures`: by dimension.
    """
    summaries = {
        dimension: {
            "score": 50,
            "measures": [{"id": name, "value": value, "better": "lower"} for name, value in found.items()],
        }
        for dimension, found in measures.items()
    }
    dimensions = {"kind": "table", "key": "dimension", "columns": ["dimension"], "fields": {}, "rows": []}
    columns = ["id", "dimension", "severity", "title", "location"]
    rows = [
        {"id": found[0], "dimension": "sca", "severity": found[1], "title": f"about {found[0]}", "location": None}
        for found in findings
        if found
    ]
    table = {"kind": "table", "key": "id", "columns": columns, "fields": {}, "rows": rows}
    panels: dict[str, Any] = {"dimensions": dimensions} | ({} if None in findings else {"findings": table})
    return picture(summaries=summaries, others=panels) | {"primary": {"rows": "dimensions", "metric": None}}


def test_measures_are_counted_and_shown_worst_first() -> None:
    """What regressed most is on top; a measure of one side only is no regression."""
    before = project(sca={"critical": 1, "high": 10, "low": 9, "old": 1}, audit={"findings": 5})
    after = project(sca={"critical": 3, "high": 11, "low": 3, "new": 7}, audit={"findings": 5})
    categories, previews = looked_into(before, after)
    assert list(categories) == ["health", "audit", "compliance", "release", "sca", "quality", "findings"]
    none = {"findings_added": 0, "findings_resolved": 0, "findings_changed": 0}
    assert categories["sca"] == {"improved": 1, "regressed": 2, "changed": 0, "added": 1, "removed": 1, **none}
    assert set(categories["audit"].values()) == {0}
    assert [entry["name"] for entry in previews["sca"]["changed"]] == ["sca.critical", "sca.high", "sca.low"]
    assert previews["sca"]["changed"][0] == {
        "name": "sca.critical", "old": 1, "new": 3, "delta": 2, "delta_pct": 2.0, "state": "regressed",
    }  # fmt: skip
    assert [entry["name"] for entry in previews["sca"]["added"]] == ["sca.new"]
    assert [entry["name"] for entry in previews["sca"]["resolved"]] == ["sca.old"]


def test_findings_are_added_resolved_or_changed_and_the_severest_come_first() -> None:
    """A critical finding is never the sixth of a list of five."""
    before = project(("f-0", "low"), ("f-1", "medium"), *((f"g-{n}", "info") for n in range(4)), ("g-9", "critical"))
    added = [(f"n-{number}", "low") for number in range(7)] + [("n-x", "critical"), ("n-y", "odd")]
    after = project(("f-0", "low"), ("f-1", "critical"), *added)
    categories, previews = looked_into(before, after)
    assert categories["findings"] == {"added": 9, "resolved": 5, "changed": 1}
    assert [entry["id"] for entry in previews["findings"]["added"]] == ["n-x", "n-0", "n-1", "n-2", "n-3"]
    assert previews["findings"]["resolved"][0]["id"] == "g-9"
    changed = previews["findings"]["changed"][0]
    assert (changed["id"], changed["title"], changed["old"], changed["new"]) == (
        "f-1",
        "about f-1",
        "medium",
        "critical",
    )
    assert changed["changes"] == [{"field": "severity", "old": "medium", "new": "critical"}]


def test_findings_are_told_by_their_dimension_too() -> None:
    """Whoever looks after the code's audit need not search the dependencies' findings for theirs."""
    before = project(("f-0", "low"), ("f-1", "high"))
    after = project(("f-0", "low"), ("n-1", "high"), ("n-2", "low"))
    rows = after["materialized_data"]["findings"]["rows"]
    rows[2]["dimension"] = "audit"
    categories, previews = looked_into(before, after)
    assert (categories["sca"]["findings_added"], categories["sca"]["findings_resolved"]) == (1, 1)
    assert (categories["audit"]["findings_added"], categories["audit"]["findings_resolved"]) == (1, 0)
    assert [entry["id"] for entry in previews["audit"]["findings_added"]] == ["n-2"]
    assert [entry["id"] for entry in previews["sca"]["findings_resolved"]] == ["f-1"]


def test_findings_that_nobody_looked_for_are_not_none() -> None:
    """Seven added findings would be a lie when the earlier snapshot never listed any."""
    categories, previews = looked_into(project(None, sca={"a": 1}), project(("f-1", "high"), sca={"a": 1}))
    assert categories["findings"] == {}
    assert previews["findings"] == {}


def test_a_ranking_has_rows_and_no_dimensions() -> None:
    """What moved farthest comes first, of two equally far the one that fell; of values those that got worse."""
    before = picture([row("HA"), row("UA"), row("DL"), row("AS"), row("B6", on_time=0.9)])
    after = picture([row("UA", on_time=0.4), row("HA"), row("B6", on_time=0.3), row("XX"), row("AS")])
    for found in (before, after):
        found["materialized_data"]["leaderboard"]["fields"] = {"on_time": {"better": "higher", "tolerance": 0}}
    categories, previews = looked_into(before, after)
    assert categories == {"rows": {"added": 1, "removed": 1, "moved": 4, "changed": 2}}
    assert previews["rows"]["added"] == [{"id": "XX", "title": "XX", "rank": 4}]
    assert previews["rows"]["removed"] == [{"id": "DL", "title": "Delta", "rank": 3}]
    assert [(entry["id"], entry["old"], entry["new"]) for entry in previews["rows"]["moved"]] == [
        ("B6", 5, 3), ("HA", 1, 2), ("AS", 4, 5), ("UA", 2, 1),
    ]  # fmt: skip
    assert [entry["id"] for entry in previews["rows"]["changed"]] == ["B6", "UA"]


@given(before=pictures(), after=pictures())
def test_previews_are_few_and_counts_are_whole(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Of anything at all: five entries a kind at most, and never more entries than were counted."""
    categories, previews = looked_into(before, after)
    assert categories.keys() == previews.keys()
    for name, kinds in previews.items():
        counted = categories[name]
        for kind, entries in kinds.items():
            assert len(entries) <= PREVIEWS_MOST
            assert len(entries) == 0 or counted.get(kind, 1) or kind in ("resolved", "changed")
