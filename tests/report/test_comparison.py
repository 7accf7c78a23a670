"""The JSON of a comparison: what the endpoint promises, cut with exact totals, and a view that tells no whole."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.model.payload import Payload
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.view import SnapshotView
from stillframe.report.comparison import comparability, comparison_document
from tests.report.pictures import picture, row


def view(found: dict[str, Any], *, sequence: int = 1, view_hash: str | None = None, **members: Any) -> SnapshotView:
    """A snapshot of a live dashboard with boring defaults."""
    moment = datetime(2026, 1, sequence, tzinfo=UTC)
    record = SnapshotRecord(
        id=f"s-{sequence}",
        dashboard_id="d-1",
        sequence=sequence,
        parent_snapshot_id=None,
        timestamp=moment,
        as_of=moment,
        initiator="alice",
        trigger_source="push",
        content_hash="c" * 64,
        view_spec_hash="v" * 64,
        capture_status="good",
    )
    return SnapshotView(record=replace(record, **members), payload=Payload.from_dict(found), view_hash=view_hash)


def compared(before: SnapshotView, after: SnapshotView, **options: Any) -> dict[str, Any]:
    diff = compute_diff(before.payload.as_dict(), after.payload.as_dict())
    return comparison_document(before, after, diff, **options)


def test_it_answers_what_was_promised() -> None:
    """Metrics, direction, states, comparability and both records; the drill-down only on request."""
    summaries = [{"sca": {"score": score, "measures": []}} for score in (88, 71)]
    before, after = (view(picture(summaries=found), sequence=1 + place) for place, found in enumerate(summaries))
    found = compared(before, after)
    assert found["headline"] == "SCA regressed (88 → 71)"
    assert found["trend_direction"] == found["trend"]["direction"] == "declining"
    assert found["dimension_states"] == {"sca": "regressed"}
    assert [metric["name"] for metric in found["metric_deltas"]] == ["papers", "sca.score"]
    assert (found["snapshot_a"]["id"], found["snapshot_b"]["id"]) == ("s-1", "s-2")
    assert "drilldown_categories" not in found
    more = compared(before, after, include_drilldown=True)
    assert more["drilldown_categories"]["sca"]["regressed"] == 1
    assert more["drilldown_previews"]["sca"]["changed"][0]["name"] == "sca.score"


def test_rows_keep_their_names_in_the_headline() -> None:
    """A row that left is called what it was called when it was there."""
    found = compared(view(picture([row("HA"), row("UA")])), view(picture([row("HA")]), sequence=2))
    assert found["headline"] == "United is gone (was 2nd)"


def test_lists_are_cut_with_exact_totals() -> None:
    """A comparison of thousands of rows is an answer that can be read, and says what it left out."""
    rows = [row(f"r-{number}") for number in range(30)]
    found = compared(view(picture(rows)), view(picture([]), sequence=2), listed=7)
    assert len(found["diff"]["id_set_removed"]) == 7
    assert found["totals"]["id_set_removed"] == 30
    assert found["truncated"] is True
    assert Diff.from_dict(found["diff"]).total("id_set_removed") == 30


def test_it_is_json() -> None:
    """Every member can be written, whatever was compared."""
    json.dumps(compared(view(picture()), view(picture([row("HA")]), sequence=2), include_drilldown=True))


def test_a_view_never_says_the_hash_of_the_whole() -> None:
    """Who sees a part is not told the name of the rest."""
    found = compared(view(picture(), view_hash="p" * 64), view(picture(), sequence=2, view_hash="q" * 64))
    assert "c" * 64 not in json.dumps(found)
    assert (found["snapshot_a"]["view_hash"], found["snapshot_a"]["redacted"]) == ("p" * 64, True)


@pytest.mark.parametrize("version", ["view_spec_hash", "analyzer_version", "rule_version", "formula_digest"])
def test_pictures_made_in_different_ways_are_only_partly_comparable(version: str) -> None:
    """A score that another formula gave is another score."""
    before, after = view(picture()).record, view(picture(), **{version: "other"}).record
    assert comparability(before, before) == {"level": "full", "reasons": []}
    assert comparability(before, after) == {"level": "partial", "reasons": [f"{version} differs"]}


def test_tools_that_differ_make_two_pictures_partly_comparable() -> None:
    """A new version of a scanner finds other things; so does a report that came or went."""

    def bundle(**versions: str | None) -> tuple[dict[str, object], ...]:
        own: dict[str, object] = {"name": "reading", "format": "stillframe.reading/1", "tool": "stillframe"}
        tools = [
            {"name": f"{tool}.json", "format": tool, "tool": tool, "version": version}
            for tool, version in versions.items()
        ]
        return (own, *tools)

    before = view(picture(), source_bundle=bundle(bandit="1.7.9", ruff=None, trivy="0.50")).record
    after = replace(before, source_bundle=bundle(bandit="1.8.0", ruff=None, grype="0.80"))
    assert comparability(before, after)["reasons"] == [
        "bandit 1.7.9 → 1.8.0",
        "grype: no report in the earlier one",
        "trivy: no report in the later one",
    ]
    assert comparability(before, before)["level"] == "full"
