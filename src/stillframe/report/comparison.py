"""A comparison as JSON: two snapshots as their reader sees them, what differs, and which way it went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stillframe.model.bundle import tool_entries
from stillframe.model.diff import Diff
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.view import SnapshotView
from stillframe.report.drilldown import drilldown
from stillframe.report.trend import trend_of_diff
from stillframe.report.words import headline, titles_of

LISTED_MOST: Final = 100
COMPARED_VERSIONS: Final = ("view_spec_hash", "analyzer_version", "rule_version", "formula_digest")


def comparison_document(
    a: SnapshotView, b: SnapshotView, diff: Diff, *, include_drilldown: bool = False, listed: int = LISTED_MOST
) -> dict[str, Any]:
    """
    Return the answer to a comparison.

    Shape   JSON: `headline`, `trend_direction` and, in `trend`, by what it was decided; `comparability`,
            `metric_deltas`, `dimension_states`, the records `snapshot_a` and `snapshot_b`, and the whole `diff`. Lists
            are cut at `listed`, with exact `totals`. With `include_drilldown` also `drilldown_categories` and
            `drilldown_previews`.
    Errors  InvalidInput if `listed` is less than 1.
    Source  docs/reference/semantics.md, "Diff".
    """
    trend = trend_of_diff(diff)
    written = diff.as_dict(limit=listed)
    document: dict[str, Any] = {
        "headline": headline(diff, titles=titles_of(a.payload) | titles_of(b.payload)),
        "trend_direction": trend.direction,
        "trend": trend.as_dict(),
        "comparability": comparability(a.record, b.record),
        "metric_deltas": written["metric_deltas"],
        "dimension_states": written["dimension_states"],
        "totals": written["totals"],
        "truncated": written["truncated"],
        "snapshot_a": a.record_dict(),
        "snapshot_b": b.record_dict(),
        "diff": written,
    }
    if include_drilldown:
        found = drilldown(a.payload, b.payload, diff)
        document |= {"drilldown_categories": found["categories"], "drilldown_previews": found["previews"]}
    return document


def comparability(before: SnapshotRecord, after: SnapshotRecord) -> dict[str, Any]:
    """
    Return whether two pictures were made in the same way, and what was not.

    Shape   JSON: `level` is `full` or `partial`, `reasons` says which of the four versions differ, and which tools.
    Source  docs/reference/semantics.md, "Diff".
    """
    versions = {name: getattr(after, name) for name in COMPARED_VERSIONS}
    return comparability_of(before, versions=versions, source_bundle=after.source_bundle)


def comparability_of(
    before: SnapshotRecord, *, versions: Mapping[str, str | None], source_bundle: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """
    Return the same of a picture that has no record yet.

    Shape   `versions`: its `view_spec_hash`, `analyzer_version`, `rule_version` and `formula_digest`.
    """
    reasons = [f"{name} differs" for name in COMPARED_VERSIONS if getattr(before, name) != versions[name]]
    reasons += _tools_apart(_tools(before.source_bundle), _tools(source_bundle))
    return {"level": "partial" if reasons else "full", "reasons": reasons}


def _tools(source_bundle: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the versions of each tool whose reports are in a bundle."""
    found: dict[str, set[str]] = {}
    for tool, entry in tool_entries(source_bundle):
        found.setdefault(tool, set()).add(str(entry.get("version") or ""))
    return found


def _tools_apart(before: Mapping[str, set[str]], after: Mapping[str, set[str]]) -> Iterator[str]:
    for tool in sorted(before.keys() | after.keys()):
        if tool not in after:
            yield f"{tool}: no report in the later one"
        elif tool not in before:
            yield f"{tool}: no report in the earlier one"
        elif before[tool] != after[tool]:
            yield f"{tool} {_said(before[tool])} → {_said(after[tool])}"


def _said(versions: set[str]) -> str:
    return ", ".join(sorted(version or "of unknown version" for version in versions))
