"""The payload of a snapshot: what a dashboard showed, as tables and metrics, and nothing about when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import itemgetter, methodcaller
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

SCHEMA = "stillframe.snapshot/1"
DEFAULT_KEYS = ("id", "artifact_id", "slug", "name")

Cell: TypeAlias = str | int | float | bool | None
Row: TypeAlias = Mapping[str, Cell]
RowId: TypeAlias = str | int
Number: TypeAlias = int | float
Better: TypeAlias = Literal["higher", "lower", "none"]
Kind: TypeAlias = Literal["text", "number", "bool", "null"]

KIND_OF: Mapping[type, Kind] = MappingProxyType(
    {str: "text", int: "number", float: "number", bool: "bool", type(None): "null"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How one field of a table, or one metric, is to be read."""

    better: Better = "none"
    unit: str | None = None
    tolerance: float = 0.0
    """Absolute; values at most this far apart are equal."""

    def as_dict(self) -> dict[str, Any]:
        unit = {} if self.unit is None else {"unit": self.unit}
        return {"better": self.better, "tolerance": self.tolerance, **unit}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Field:
        return cls(
            better=document.get("better", "none"), unit=document.get("unit"), tolerance=document.get("tolerance", 0.0)
        )


PLAIN_FIELD = Field()


_cells_of = methodcaller("values")


@dataclass(frozen=True, kw_only=True)
class Table:
    """
    One ranked table.

    Shape   `rows`: best first, each holding every one of `columns`, keyed by `key`, each key at most once.
    """

    key: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    fields: Mapping[str, Field] = field(default_factory=dict)
    known_kinds: Mapping[str, frozenset[Kind]] | None = field(default=None, compare=False, repr=False)
    """The kinds of cell seen in each column, when whoever built the table looked at every cell anyway."""
    known_bools: bool | None = field(default=None, compare=False, repr=False)
    """Whether any cell is true or false, when only that was looked at."""

    @cached_property
    def ids(self) -> list[RowId]:
        """The rows' keys in rank order: the first is rank 1."""
        return list(map(itemgetter(self.key), self.rows))

    @cached_property
    def places(self) -> dict[RowId, int]:
        """Each row's place by its key, counted from 0."""
        ids = self.ids
        return dict(zip(ids, range(len(ids)), strict=True))

    @cached_property
    def kinds(self) -> Mapping[str, frozenset[Kind]]:
        """The kinds of cell in each column; scanned once when nobody has said them."""
        if self.known_kinds is not None:
            return self.known_kinds
        return {
            name: frozenset(KIND_OF[kind] for kind in {type(row.get(name)) for row in self.rows})
            for name in self.columns
        }

    @cached_property
    def holds_bools(self) -> bool:
        """Whether any cell is true or false; scanned once when nobody has said the kinds."""
        if self.known_bools is not None:
            return self.known_bools
        if self.known_kinds is not None:
            return "bool" in frozenset().union(*self.known_kinds.values())
        return bool in set(map(type, chain.from_iterable(map(_cells_of, self.rows))))

    def field(self, name: str) -> Field:
        return self.fields.get(name, PLAIN_FIELD)

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": "table",
            "key": self.key,
            "columns": list(self.columns),
            "fields": {name: found.as_dict() for name, found in self.fields.items()},
            "rows": self.rows,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Table:
        fields = {name: Field.from_dict(found) for name, found in document["fields"].items()}
        return cls(key=document["key"], columns=tuple(document["columns"]), rows=document["rows"], fields=fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number, or nothing where the view spec allows nothing."""

    value: Number | None
    field: Field = PLAIN_FIELD

    def as_dict(self) -> dict[str, Any]:
        return {"kind": "metric", "value": self.value, **self.field.as_dict()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Metric:
        return cls(value=document["value"], field=Field.from_dict(document))


Panel: TypeAlias = Table | Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """Which panel a reader looks at first: the ranked table and the headline metric, by panel id."""

    rows: str | None = None
    metric: str | None = None


@dataclass(frozen=True, kw_only=True)
class Payload:
    """
    Everything a dashboard showed at one time.

    Shape   `panels` by id; `summaries` by dimension, each a mapping `{score, measures: […]}`; `sources`: name and type
            of each.
    Source  docs/reference/semantics.md, "Snapshot".
    """

    panels: Mapping[str, Panel]
    primary: Primary = Primary()
    summaries: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Mapping[str, str], ...] = ()

    @property
    def primary_table(self) -> Table | None:
        panel = self.panels.get(self.primary.rows) if self.primary.rows else None
        return panel if isinstance(panel, Table) else None

    @property
    def primary_metric(self) -> Metric | None:
        panel = self.panels.get(self.primary.metric) if self.primary.metric else None
        return panel if isinstance(panel, Metric) else None

    @property
    def tables(self) -> dict[str, Table]:
        return {name: panel for name, panel in self.panels.items() if isinstance(panel, Table)}

    @property
    def metrics(self) -> dict[str, Metric]:
        return {name: panel for name, panel in self.panels.items() if isinstance(panel, Metric)}

    def as_dict(self) -> dict[str, Any]:
        """Return the document whose canonical bytes are stored; rows are shared, not copied."""
        return {
            "schema": SCHEMA,
            "materialized_data": {name: panel.as_dict() for name, panel in self.panels.items()},
            "primary": {"rows": self.primary.rows, "metric": self.primary.metric},
            "summaries": dict(self.summaries),
            "sources": [dict(source) for source in self.sources],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Payload:
        """
        Return the payload that a stored document holds.

        Errors  KeyError or ValueError if the document is not `stillframe.snapshot/1`; captures are validated in
                `capture`, not here.
        """
        if document.get("schema") != SCHEMA:
            raise ValueError(f"not a {SCHEMA} document: schema is {document.get('schema')!r}")
        panels = {name: _panel(found) for name, found in document["materialized_data"].items()}
        primary = Primary(rows=document["primary"].get("rows"), metric=document["primary"].get("metric"))
        return cls(
            panels=panels,
            primary=primary,
            summaries=document.get("summaries", {}),
            sources=tuple(document.get("sources", ())),
        )


def _panel(document: Mapping[str, Any]) -> Panel:
    if document["kind"] == "table":
        return Table.from_dict(document)
    if document["kind"] == "metric":
        return Metric.from_dict(document)
    raise ValueError(f"unknown panel kind {document['kind']!r}")
