"""What a rule over a dashboard may speak of, and refusing a rule that speaks of anything else."""

from __future__ import annotations

from collections.abc import Collection

from stillframe.capture import ViewSpec
from stillframe.errors import InvalidRule
from stillframe.flows.seeing import visible_snapshot
from stillframe.flows.snapshots import spec_of
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.payload import Payload
from stillframe.rules import KnownNames, Rule, missing_names
from stillframe.rules import known_names as names_of_payload
from stillframe.store import Unit


def refuse_missing(unit: Unit, caller: Caller, dashboard: Dashboard, *, rule: Rule) -> None:
    """
    Refuse a rule that speaks of what neither the head, as far as the caller sees it, nor the view spec has.

    Errors  InvalidRule with the nearest name.
    """
    head_id = unit.heads.get(dashboard.id).head_snapshot_id
    view = None if head_id is None else visible_snapshot(unit, caller, head_id)[0]
    known = known_names(spec_of(dashboard), None if view is None else view.payload)
    faults = missing_names(rule, known, path="$.threshold_json")
    if faults:
        raise InvalidRule(faults=faults)


def known_names(spec: ViewSpec, payload: Payload | None) -> KnownNames:
    """
    Return what a rule over a dashboard may speak of: what its view spec declares and what its head shows.

    Before the first snapshot nobody has seen a column, so any field may come.
    """
    declared = {name: list(panel.fields) for name, panel in spec.panels.items() if panel.kind == "table"}
    metrics = [name for name, panel in spec.panels.items() if panel.kind == "metric"]
    has_primary_metric = spec.primary.metric is not None
    if payload is None:
        unseen: dict[str, Collection[str] | None] = dict.fromkeys(declared)
        return KnownNames(
            panels=unseen, metrics=metrics, primary=spec.primary.rows, has_primary_metric=has_primary_metric
        )
    seen = names_of_payload(payload)
    names = dict.fromkeys([*declared, *seen.panels])
    return KnownNames(
        panels={name: list(dict.fromkeys([*declared.get(name, ()), *(seen.panels.get(name) or ())])) for name in names},
        metrics=list(dict.fromkeys([*metrics, *seen.metrics])),
        dimensions=seen.dimensions,
        primary=spec.primary.rows,
        has_primary_metric=has_primary_metric,
    )
