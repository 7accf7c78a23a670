"""A payload as a terminal shows it: each metric on a line, each table with its ranks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stillframe.cli.output import cell_text, table

if TYPE_CHECKING:
    from stillframe.model.payload import Metric, Table


def picture(document: Mapping[str, Any]) -> Iterator[str]:
    """
    Return the lines that show a payload's document: metrics first, then each table, best row first.

    Shape   Tables in the order of the payload's panels, each under its panel's id.
    """
    from stillframe.model.payload import Payload

    payload = Payload.from_dict(document)
    for name, metric in payload.metrics.items():
        yield _metric_line(name, metric)
    for name, ranked in payload.tables.items():
        yield ""
        yield f"{cell_text(name)} ({len(ranked.rows)} rows)"
        yield from _table_lines(ranked)


def _metric_line(name: str, metric: Metric) -> str:
    value = "no value" if metric.value is None else cell_text(metric.value)
    return f"{cell_text(name)}: {value} {cell_text(metric.field.unit)}".rstrip()


def _table_lines(ranked: Table) -> list[str]:
    rows = [{"#": rank, **row} for rank, row in enumerate(ranked.rows, start=1)]
    return table(rows, ["#", *ranked.columns])
