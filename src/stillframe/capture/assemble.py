"""From what the sources gave to a payload and its canonical bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import orjson

from stillframe.capture.spec_models import MetricPanel, TablePanel, ViewSpec
from stillframe.capture.tables import bad_number, refuse, table_from
from stillframe.errors import Fault
from stillframe.model.canonical import canonical_bytes, canonical_members, content_hash, name_is_plain
from stillframe.model.payload import Metric, Number, Panel, Payload, Primary, Table

_VALUE_COLUMN = "value"


@dataclass(frozen=True, kw_only=True)
class Captured:
    """
    What a dashboard showed, ready to be stored.

    Shape   `info`: by source, `{rows, milliseconds}`, and warnings where there were some; outside the payload.
    """

    payload: Payload
    canonical: bytes
    content_hash: str
    info: Mapping[str, Mapping[str, Any]]


def assemble(
    spec: ViewSpec,
    *,
    values: Mapping[str, Any],
    info: Mapping[str, Mapping[str, Any]],
    max_rows: int,
    columns: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Captured:
    """
    Return the payload of a capture with its canonical bytes.

    Shape   `values`: for each panel what its source gave; `columns`: for a panel whose source names its columns also
            where it has no rows, those.
    Errors  CaptureRefused naming panel, row and field.
    Source  docs/reference/semantics.md, "Snapshot"; RFC 8785.
    """
    panels: dict[str, Panel] = {}
    plain: set[str] = set()
    for name, panel in spec.panels.items():
        if isinstance(panel, TablePanel):
            panels[name], is_plain = table_from(
                panel, name=name, value=values[name], max_rows=max_rows, known_columns=columns.get(name, ())
            )
            plain |= {name} if is_plain else set()
        else:
            panels[name] = Metric(value=_metric_value(panel, name, values[name]), field=panel.as_field())
    sources = tuple({"name": name, "type": source.type} for name, source in spec.sources.items())
    payload = Payload(
        panels=panels, primary=Primary(rows=spec.primary.rows, metric=spec.primary.metric), sources=sources
    )
    canonical = canonical_payload(payload, plain=plain)
    return Captured(payload=payload, canonical=canonical, content_hash=content_hash(canonical), info=info)


def canonical_payload(payload: Payload, *, plain: set[str]) -> bytes:
    """
    Return the canonical bytes of a payload.

    Shape   `plain`: the tables whose cells were all seen to be written alike by the fast writer and by RFC 8785.
    """
    document = payload.as_dict()
    panels = {name: _canonical_panel(panel, plain=name in plain) for name, panel in payload.panels.items()}
    members = {name: canonical_bytes(member) for name, member in document.items() if name != "materialized_data"}
    return canonical_members({**members, "materialized_data": canonical_members(panels)})


def decide_status(payload: Payload, previous: Payload | None, empty_is_news: bool) -> Literal["good", "empty"]:
    """
    Say whether a capture is empty: some table has no rows where the last good snapshot had some.

    Source  docs/reference/semantics.md, "Snapshot": an empty answer is more often a fault than news.
    """
    if previous is None or empty_is_news:
        return "good"
    before = previous.tables
    vanished = (not table.rows and name in before and before[name].rows for name, table in payload.tables.items())
    return "empty" if any(vanished) else "good"


def _canonical_panel(panel: Panel, *, plain: bool) -> bytes:
    if not isinstance(panel, Table):
        return canonical_bytes(panel.as_dict())
    document = panel.as_dict()
    rows = document.pop("rows")
    fast = plain and all(map(name_is_plain, panel.columns))
    members = {name: canonical_bytes(member) for name, member in document.items()}
    written = orjson.dumps(rows, option=orjson.OPT_SORT_KEYS) if fast else canonical_bytes(list(rows))
    return canonical_members({**members, "rows": written})


def _metric_value(panel: MetricPanel, name: str, value: object) -> Number | None:
    path = f"$.panels.{name}"
    found = _only_cell(panel, path, value) if isinstance(value, list) else value
    if found is None and panel.null_ok:
        return None
    if found is None:
        raise refuse(
            [Fault(path=path, message="the source gave nothing; a metric needs one number, or `null_ok: true`")]
        )
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        word = f"{type(found).__name__} {str(found)[:40]!r}"
        raise refuse([Fault(path=path, message=f"a metric is one number, not {word}")])
    fault = bad_number(found)
    if fault:
        raise refuse([Fault(path=path, message=fault)])
    return int(found) if float(found).is_integer() and bad_number(int(found)) is None else found


def _only_cell(panel: MetricPanel, path: str, rows: list[Any]) -> object:
    if not rows:
        return None
    if len(rows) > 1:
        raise refuse([Fault(path=path, message=f"the source gave {len(rows)} rows; a metric needs exactly one")])
    row = rows[0]
    if not isinstance(row, dict):
        return row
    column = panel.column or (next(iter(row)) if len(row) == 1 else _VALUE_COLUMN)
    if column not in row:
        known = ", ".join(map(str, row))[:500]
        raise refuse(
            [Fault(path=f"{path}.column", message=f"name the column of the one row that is the metric; it has {known}")]
        )
    return row[column]
