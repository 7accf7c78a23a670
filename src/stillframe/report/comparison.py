"""A comparison as JSON: two snapshots as their reader sees them, what differs, and which way it went."""

from __future__ import annotations

from typing import Any, Final

from stillframe.model.diff import Diff
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.view import SnapshotView
from stillframe.report.drilldown import drilldown
from stillframe.report.trend import trend_of_diff
from stillframe.report.words import headline, titles_of

LISTED_MOST: Final = 100
_COMPARED_VERSIONS: Final = ("view_spec_hash", "analyzer_version", "rule_version", "formula_digest")


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

    Shape   JSON: `level` is `full` or `partial`, `reasons` says which of the four versions differ.
    Source  docs/reference/semantics.md, "Diff".
    """
    reasons = [f"{name} differs" for name in _COMPARED_VERSIONS if getattr(before, name) != getattr(after, name)]
    return {"level": "partial" if reasons else "full", "reasons": reasons}
