"""Which outcomes of release gates a subscription asks for, and what such a subscription cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillframe.errors import Fault, InvalidInput, nearest
from stillframe.model.dashboard import Dashboard
from stillframe.model.facts import GateDecision
from stillframe.model.gate import DECISIONS

CHANGE = "change"
_SHAPE = 'write "change", or {"gate": ["fail", "warn"]}'


def outcomes_wanted(on: Any) -> tuple[GateDecision, ...] | None:  # noqa: ANN401  # because it is any JSON until it was read
    """
    Return the outcomes that `on` asks for, in the order pass, warn, fail; None for `change`.

    Errors  InvalidInput at `$.on`.

    >>> outcomes_wanted({"gate": ["warn", "fail", "warn"]})
    ('warn', 'fail')
    >>> outcomes_wanted("change") is None
    True
    """
    if on == CHANGE:
        return None
    if not isinstance(on, Mapping) or set(on) != {"gate"}:
        raise InvalidInput.at("$.on", _SHAPE)
    wanted = [on["gate"]] if isinstance(on["gate"], str) else on["gate"]
    if not isinstance(wanted, list | tuple) or not wanted:
        raise InvalidInput.at("$.on.gate", f"name at least one outcome; {_SHAPE}")
    for place, outcome in enumerate(wanted):
        if outcome not in DECISIONS:
            hint = nearest(str(outcome), DECISIONS)
            raise InvalidInput.at(f"$.on.gate[{place}]", f"{str(outcome)[:40]!r} is no outcome{hint}")
    return tuple(outcome for outcome in DECISIONS if outcome in wanted)


def refuse_beside_gate(**said: object) -> None:
    """
    Refuse what a subscription to release gates cannot say, by the member's name.

    Errors  InvalidInput with a fault for each.
    """
    message = "a subscription to release gates is told of decisions, not of changes; leave it out"
    faults = [Fault(path=f"$.{name}", message=message) for name, value in said.items() if value is not None]
    if faults:
        raise InvalidInput(faults=faults)


def refuse_without_gate(dashboard: Dashboard) -> None:
    """
    Let the dashboards of projects pass: release gates decide of projects.

    Errors  InvalidInput for any other.
    """
    if dashboard.kind != "health" or dashboard.project is None:
        raise InvalidInput.at("$.on", "release gates decide of projects; subscribe to the dashboard project:NAME")
