"""The names that a rule speaks of, and which of them a dashboard does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never

from stillframe.errors import Fault, nearest
from stillframe.model.payload import Payload
from stillframe.rules.conditions import (
    AllOf,
    AnyChange,
    AnyOf,
    DimensionState,
    MetricMoved,
    Not,
    Rule,
    SetChanged,
    TopNReordering,
    ValueMoved,
)

Spoken: TypeAlias = Literal["panel", "field", "metric", "dimension"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """
    What a dashboard has that a rule can speak of.

    Shape   `panels`: table panel → its fields, or None where nobody has seen them yet and any field may come.
            `primary`: the primary table's id.
    """

    panels: Mapping[str, Collection[str] | None] = field(default_factory=dict)
    metrics: Collection[str] = ()
    dimensions: Collection[str] = ()
    primary: str | None = None
    has_primary_metric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleNames:
    """
    The names that a rule speaks of.

    Shape   `fields`: pairs of a panel and a field. A panel or a metric of None is the primary one. `any_dimension`: it
            speaks of whichever dimension it may be.
    """

    panels: frozenset[str | None]
    fields: frozenset[tuple[str | None, str]]
    metrics: frozenset[str | None]
    dimensions: frozenset[str]
    any_dimension: bool = False


def known_names(payload: Payload) -> KnownNames:
    """Return what a payload has that a rule can speak of."""
    measures = [
        f"{dimension}.{name}"
        for dimension, summary in payload.summaries.items()
        for name in ("score", *(measure["id"] for measure in summary.get("measures") or ()))
    ]
    return KnownNames(
        panels={name: table.columns for name, table in payload.tables.items()},
        metrics=(*payload.metrics, *measures),
        dimensions=tuple(payload.summaries),
        primary=payload.primary.rows,
        has_primary_metric=payload.primary_metric is not None,
    )


def names_in(rule: Rule) -> RuleNames:
    """
    Return every name that a rule speaks of.

    >>> from stillframe.rules import parse_rule
    >>> sorted(names_in(parse_rule({"NOT": {"metric_delta_abs": 2, "on_metric": "sca.score"}})).metrics)
    ['sca.score']
    """
    conditions = [condition for _, condition in _conditions(rule, "$")]
    tabular = [one for one in conditions if isinstance(one, ValueMoved | TopNReordering | SetChanged)]
    return RuleNames(
        panels=frozenset(one.panel for one in tabular),
        fields=frozenset((one.panel, one.field) for one in tabular if isinstance(one, ValueMoved)),
        metrics=frozenset(one.metric for one in conditions if isinstance(one, MetricMoved)),
        dimensions=frozenset(one.dimension for one in conditions if isinstance(one, DimensionState) and one.dimension),
        any_dimension=any(isinstance(one, DimensionState) and one.dimension is None for one in conditions),
    )


def missing_names(rule: Rule, known: KnownNames, *, path: str = "$") -> list[Fault]:
    """
    Return a fault for each name that is not known, with the nearest that is; paths are of the rule's canonical JSON.

    >>> from stillframe.rules import parse_rule
    >>> rule = parse_rule({"metric_delta_pct": 0.1, "on_metric": "paper"})
    >>> str(missing_names(rule, KnownNames(metrics=["papers"]))[0])
    "$.on_metric: this dashboard has no metric 'paper'; did you mean 'papers'?"
    """
    return [fault for where, condition in _conditions(rule, path) for fault in _missing(condition, known, where)]


_Leaf: TypeAlias = ValueMoved | TopNReordering | SetChanged | MetricMoved | DimensionState | AnyChange


def _conditions(rule: Rule, path: str) -> Iterator[tuple[str, _Leaf]]:
    """Yield every condition of a rule with its path."""
    match rule:
        case AllOf() | AnyOf():
            head = "AND" if isinstance(rule, AllOf) else "OR"
            for place, inner in enumerate(rule.rules):
                yield from _conditions(inner, f"{path}.{head}[{place}]")
        case Not():
            yield from _conditions(rule.rule, f"{path}.NOT")
        case _:
            yield path, rule


def _missing(condition: _Leaf, known: KnownNames, path: str) -> Iterator[Fault]:
    match condition:
        case ValueMoved() | TopNReordering() | SetChanged():
            yield from _missing_in_table(condition, known, path)
        case MetricMoved():
            if condition.metric is None:
                if not known.has_primary_metric:
                    yield Fault(path=f"{path}.primary_metric_delta_pct", message="this dashboard has no primary metric")
            else:
                yield from _unless_known("metric", condition.metric, known.metrics, path=f"{path}.on_metric")
        case DimensionState():
            if condition.dimension is not None:
                yield from _unless_known(
                    "dimension", condition.dimension, known.dimensions, path=f"{path}.on_dimension"
                )
            elif not known.dimensions:
                yield Fault(path=f"{path}.dimension_state", message="this dashboard has no dimensions")
        case AnyChange():
            pass
        case _:
            assert_never(condition)


def _missing_in_table(
    condition: ValueMoved | TopNReordering | SetChanged, known: KnownNames, path: str
) -> Iterator[Fault]:
    panel = condition.panel if condition.panel is not None else known.primary
    if panel is None:
        yield Fault(path=path, message="this dashboard has no primary table; name one with 'panel'")
    elif panel not in known.panels:
        yield from _unless_known("table panel", panel, known.panels, path=f"{path}.panel")
    elif isinstance(condition, ValueMoved):
        columns = known.panels[panel]
        if columns is not None:
            yield from _unless_known("field", condition.field, columns, path=f"{path}.on_field")


def _unless_known(kind: str, name: str, known: Collection[str], *, path: str) -> Iterator[Fault]:
    if name not in known:
        yield Fault(path=path, message=f"this dashboard has no {kind} {name!r}{nearest(name, sorted(known))}")
