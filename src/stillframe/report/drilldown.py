"""Drill-down: what is behind a comparison, category by category, as counts and the first few of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import Diff, TableDiff
from stillframe.model.moves import TopNChange
from stillframe.model.payload import Payload, RowId, Table
from stillframe.model.scope import DIMENSIONS, DIMENSIONS_PANEL, FINDINGS_PANEL
from stillframe.report.words import titles_of

PREVIEWS_MOST: Final = 5
FINDINGS: Final = "findings"
ROWS: Final = "rows"
SEVERITIES: Final = ("critical", "high", "medium", "low", "info")
"""The worst first; what is called otherwise comes last."""

_STATES: Final = {"regressed": 0, "unchanged": 1, "improved": 2}
_FIELDS_FIRST: Final = ("severity", "dimension")


def drilldown(payload_a: Payload, payload_b: Payload, diff: Diff) -> dict[str, Any]:
    """
    Return counts and previews of what changed, by category.

    A health dashboard has the six dimensions, whose entries are their scores and measures and the findings of that
    dimension, and `findings`, which are those of all; where either snapshot does not say which findings there are,
    nothing is said of them: not looked for is not none. A
    dashboard whose primary rows are anything but its own dimensions has `rows`: a group's projects, a live ranking.

    Shape   JSON: `categories` by name, each kind of change and how many; `previews` by name, at most five entries of
            each kind, the worst first.
    Units   Ranks, as `old` and `new` of a row that moved, count from 1.
    """
    categories: dict[str, dict[str, int]] = {}
    previews: dict[str, dict[str, list[dict[str, Any]]]] = {}
    if _has_dimensions(payload_a) or _has_dimensions(payload_b):
        for dimension in DIMENSIONS:
            found = [metric for metric in diff.metric_deltas if metric.name.startswith(f"{dimension}.")]
            categories[dimension], previews[dimension] = _measures(found)
            counts, listed = _findings(payload_a, payload_b, diff, of=dimension)
            categories[dimension] |= {f"findings_{kind}": count for kind, count in counts.items()}
            previews[dimension] |= {f"findings_{kind}": found for kind, found in listed.items()}
        categories[FINDINGS], previews[FINDINGS] = _findings(payload_a, payload_b, diff)
    if diff.primary.rows is not None and diff.primary.rows != DIMENSIONS_PANEL:
        categories[ROWS], previews[ROWS] = _rows(payload_a, payload_b, diff)
    return {"categories": categories, "previews": previews}


def _has_dimensions(payload: Payload) -> bool:
    return bool(payload.summaries) or DIMENSIONS_PANEL in payload.tables


def _measures(found: Sequence[MetricDelta]) -> tuple[dict[str, int], dict[str, list[dict[str, Any]]]]:
    """Look at one dimension's score and measures. A measure that is gone is resolved: neither good nor bad."""
    added = [metric for metric in found if metric.presence == "only_b"]
    removed = [metric for metric in found if metric.presence == "only_a"]
    here = [metric for metric in found if metric.presence == "both" and metric.differs]
    counts = {
        "improved": sum(metric.state == "improved" for metric in here),
        "regressed": sum(metric.state == "regressed" for metric in here),
        "changed": sum(metric.state == "unchanged" for metric in here),
        "added": len(added),
        "removed": len(removed),
    }
    kinds = {"added": added, "resolved": removed, "changed": here}
    return counts, {kind: [_measure(metric) for metric in _worst(metrics)] for kind, metrics in kinds.items()}


def _worst(metrics: Iterable[MetricDelta]) -> list[MetricDelta]:
    return sorted(metrics, key=lambda metric: (_STATES[metric.state], -_share(metric)))[:PREVIEWS_MOST]


def _measure(metric: MetricDelta) -> dict[str, Any]:
    return {
        "name": metric.name,
        "old": metric.old,
        "new": metric.new,
        "delta": metric.delta,
        "delta_pct": metric.delta_pct,
        "state": metric.state,
    }


def _findings(
    payload_a: Payload, payload_b: Payload, diff: Diff, *, of: str | None = None
) -> tuple[dict[str, int], dict[str, list[dict[str, Any]]]]:
    """Look at the findings of one dimension, as the snapshot that has them says, or of all."""
    before, after = payload_a.tables.get(FINDINGS_PANEL), payload_b.tables.get(FINDINGS_PANEL)
    table = diff.panels.get(FINDINGS_PANEL)
    if before is None or after is None or table is None:
        return {}, {}
    added = _of_dimension(table.id_set_added, after, of)
    resolved = _of_dimension(table.id_set_removed, before, of)
    changes: dict[RowId, list[ValueDelta]] = {}
    for change in table.row_value_deltas:
        changes.setdefault(change.id, []).append(change)
    changed = _of_dimension(changes, after, of)
    counts = {"added": len(added), "resolved": len(resolved), "changed": len(changed)}
    if of is None:
        counts |= {"added": table.total("id_set_added"), "resolved": table.total("id_set_removed")}
    return counts, {
        "added": [_finding(row) for row in _severest(added, after)],
        "resolved": [_finding(row) for row in _severest(resolved, before)],
        "changed": [_finding(row) | _changed(changes[row[after.key]]) for row in _severest(changed, after)],
    }


def _of_dimension(ids: Iterable[RowId], table: Table, dimension: str | None) -> list[RowId]:
    return [
        row_id for row_id in ids if dimension is None or table.rows[table.places[row_id]].get("dimension") == dimension
    ]


def _severest(ids: Iterable[RowId], table: Table) -> list[Mapping[str, Any]]:
    """Return the rows of these findings, the worst first, then as the table has them."""
    places = sorted(table.places[row_id] for row_id in ids)
    return sorted((table.rows[place] for place in places), key=_severity)[:PREVIEWS_MOST]


def _severity(row: Mapping[str, Any]) -> int:
    said = row.get("severity")
    return SEVERITIES.index(said) if said in SEVERITIES else len(SEVERITIES)


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in ("id", "dimension", "severity", "title", "location")}


def _changed(changes: Sequence[ValueDelta]) -> dict[str, Any]:
    """Return the change that matters most as `old` and `new`, and all of them."""
    ordered = sorted(changes, key=lambda change: change.field not in _FIELDS_FIRST)
    first = ordered[0]
    told = [{"field": change.field, "old": change.old, "new": change.new} for change in ordered]
    return {"field": first.field, "old": first.old, "new": first.new, "changes": told}


def _rows(payload_a: Payload, payload_b: Payload, diff: Diff) -> tuple[dict[str, int], dict[str, list[dict[str, Any]]]]:
    table, titles = diff.table, titles_of(payload_a) | titles_of(payload_b)
    moved = [change for change in diff.top_n_changes if change.rank_a is not None and change.rank_b is not None]
    counts = {
        "added": table.total("id_set_added"),
        "removed": table.total("id_set_removed"),
        "moved": len(moved) if table.rank_changes_total is None else table.rank_changes_total,
        "changed": len({change.id for change in table.row_value_deltas}),
    }
    return counts, {
        "added": _placed(table.id_set_added, payload_b, titles),
        "removed": _placed(table.id_set_removed, payload_a, titles),
        "moved": [
            {"id": change.id, "title": _title(change.id, titles), "old": change.rank_a, "new": change.rank_b}
            for change in sorted(moved, key=_fall)[:PREVIEWS_MOST]
        ],
        "changed": [
            {
                "id": change.id,
                "title": _title(change.id, titles),
                "field": change.field,
                "old": change.old,
                "new": change.new,
                "delta": change.delta,
                "delta_pct": change.delta_pct,
            }
            for change in _worst_values(table, payload_b.primary_table)
        ],
    }


def _placed(ids: Sequence[RowId], payload: Payload, titles: Mapping[RowId, str]) -> list[dict[str, Any]]:
    """Return rows that only one snapshot has, with their rank there: the highest first, since they are seen first."""
    places = payload.primary_table.places if payload.primary_table else {}
    return [
        {"id": row_id, "title": _title(row_id, titles), "rank": places[row_id] + 1 if row_id in places else None}
        for row_id in ids[:PREVIEWS_MOST]
    ]


def _fall(change: TopNChange) -> tuple[int, bool]:
    """The farthest first; of two equally far the one that fell."""
    by = (change.rank_b or 0) - (change.rank_a or 0)
    return (-abs(by), by < 0)


def _worst_values(found: TableDiff, table: Table | None) -> list[ValueDelta]:
    """Return the values that got worse most, then those of which nobody says, then those that got better."""

    def key(change: ValueDelta) -> tuple[int, float]:
        better = table.field(change.field).better if table is not None else "none"
        if better == "none" or change.delta is None:
            return (_STATES["unchanged"], -_share(change))
        improved = (change.delta > 0) is (better == "higher")
        return (_STATES["improved" if improved else "regressed"], -_share(change))

    return sorted(found.row_value_deltas, key=key)[:PREVIEWS_MOST]


def _share(change: MetricDelta | ValueDelta) -> float:
    if change.delta_pct is not None:
        return abs(change.delta_pct)
    return float("inf") if change.from_zero or change.overflow else 0.0


def _title(row_id: RowId, titles: Mapping[RowId, str]) -> str:
    return titles.get(row_id) or str(row_id)
