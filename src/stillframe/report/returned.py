"""What came back: things that changed on the way between two snapshots and are, in the end, as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from stillframe.model.diff import Diff
from stillframe.model.payload import RowId
from stillframe.report.phrases import label, title

NAMED_MOST = 10
"""So many are named; of the rest the number is said."""

_Thing: TypeAlias = tuple[str, str, RowId, str]
"""Its sort, its panel, its row, and what of it."""


def came_back(on_the_way: Iterable[Diff], net: Diff, *, titles: Mapping[RowId, str]) -> tuple[str, ...]:
    """
    Return the names of what differed on the way and does not differ in the end, in the order in which it first changed.

    Ranks are named only where nothing else is: a value that leaves and returns moves the ranks of others as well.

    Shape   `on_the_way`: each snapshot's diff from the one before it. `net`: from the first to the last. At most ten
            names, then the number of the others. `titles`: what people call the rows.
    """
    seen = dict.fromkeys(thing for diff in on_the_way for thing in _things(diff))
    still = set(_things(net))
    gone = [thing for thing in seen if thing not in still]
    told = [thing for thing in gone if thing[0] != "rank"] or gone
    names = list(dict.fromkeys(_name(thing, titles) for thing in told))
    if len(names) <= NAMED_MOST:
        return tuple(names)
    return (*names[:NAMED_MOST], f"and {len(names) - NAMED_MOST} more")


def _things(diff: Diff) -> Iterable[_Thing]:
    for dimension, state in diff.dimension_states.items():
        if state != "unchanged":
            yield "dimension", "", dimension, ""
    for metric in diff.metric_deltas:
        if metric.differs:
            yield "metric", "", metric.name, ""
    for panel, table in diff.tables.items():
        for row_id in (*table.id_set_added, *table.id_set_removed):
            yield "row", panel, row_id, ""
        for value in table.row_value_deltas:
            yield "value", panel, value.id, value.field
        for change in table.top_n_changes:
            yield "rank", panel, change.id, ""
    for schema in diff.schema_changes:
        yield "shape", schema.panel, schema.panel, schema.column or ""


def _name(thing: _Thing, titles: Mapping[RowId, str]) -> str:
    sort, _, row_id, field = thing
    match sort:
        case "dimension" | "metric":
            return label(str(row_id))
        case "value":
            return f"{field} of {title(row_id, titles)}"
        case "rank":
            return f"rank of {title(row_id, titles)}"
        case "row":
            return title(row_id, titles)
        case _:
            return f"the columns of {row_id}"
