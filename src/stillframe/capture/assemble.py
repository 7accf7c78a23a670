"""From what the sources gave to a payload and its canonical bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from stillframe.capture.columns import bad_number, becomes_integer, kind_word
from stillframe.capture.refusals import refused
from stillframe.capture.spec_models import MetricPanel, TablePanel, ViewSpec
from stillframe.capture.tables import table_from
from stillframe.model.canonical import canonical_bytes, canonical_members, canonical_rows, content_hash, name_is_plain
from stillframe.model.payload import Metric, Number, Panel, Payload, Primary, Table

VALUE_COLUMN = "value"
"""The column that is a metric where the one row has several and the view spec names none."""


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
    odd: dict[str, frozenset[str]] = {}
    for name, panel in spec.panels.items():
        if isinstance(panel, TablePanel):
            panels[name], odd[name] = table_from(
                panel, name=name, value=values[name], max_rows=max_rows, known_columns=columns.get(name, ())
            )
        else:
            panels[name] = Metric(value=_metric_value(panel, name, values[name]), field=panel.as_field())
    sources = tuple({"name": name, "type": source.type} for name, source in spec.sources.items())
    payload = Payload(
        panels=panels, primary=Primary(rows=spec.primary.rows, metric=spec.primary.metric), sources=sources
    )
    canonical = canonical_payload(payload, odd=odd)
    return Captured(payload=payload, canonical=canonical, content_hash=content_hash(canonical), info=info)


def captured_from(payload: Payload) -> Captured:
    """Return a payload that was made inside the house, ready to be stored; no source was asked."""
    canonical = canonical_payload(payload, odd={})
    return Captured(payload=payload, canonical=canonical, content_hash=content_hash(canonical), info={})


def canonical_payload(payload: Payload, *, odd: Mapping[str, frozenset[str]]) -> bytes:
    """
    Return the canonical bytes of a payload.

    Shape   `odd`: for each table whose cells were looked at, its columns with a float that the fast writer writes
            otherwise than RFC 8785.
    """
    document = payload.as_dict()
    panels = {name: _canonical_panel(panel, odd=odd.get(name)) for name, panel in payload.panels.items()}
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


def _canonical_panel(panel: Panel, *, odd: frozenset[str] | None) -> bytes:
    if not isinstance(panel, Table):
        return canonical_bytes(panel.as_dict())
    document = panel.as_dict()
    rows = document.pop("rows")
    members = {name: canonical_bytes(member) for name, member in document.items()}
    looked_at = odd is not None and all(map(name_is_plain, panel.columns))
    written = canonical_rows(rows, odd=odd or ()) if looked_at else canonical_bytes(list(rows))
    return canonical_members({**members, "rows": written})


def _metric_value(panel: MetricPanel, name: str, value: object) -> Number | None:
    path = f"$.panels.{name}"
    found = _only_cell(panel, path, value)
    if found is None and panel.null_ok:
        return None
    if found is None:
        raise refused(path, "the source gave nothing; a metric needs one number, or `null_ok: true`")
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise refused(path, f"a metric is one number, not {kind_word(found)}")
    fault = bad_number(found)
    if fault:
        raise refused(path, fault)
    return int(found) if becomes_integer(float(found)) else found


def _only_cell(panel: MetricPanel, path: str, value: object) -> object:
    """Return the one value that a source gave: itself, or that of the one row's one (or named) column."""
    if isinstance(value, list):
        if len(value) > 1:
            raise refused(path, f"the source gave {len(value)} rows; a metric needs exactly one")
        value = value[0] if value else None
    if not isinstance(value, dict):
        return value
    column = panel.column or (next(iter(value)) if len(value) == 1 else VALUE_COLUMN)
    if column not in value:
        known = ", ".join(map(str, value))[:500]
        raise refused(f"{path}.column", f"name the column of the one row that is the metric; it has {known}")
    return value[column]
