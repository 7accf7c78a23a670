"""The limits in a rule: where they stand, how far a diff reached towards each, and the same rule with another one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

from stillframe.model.payload import Number
from stillframe.rules.conditions import (
    AllOf,
    AnyOf,
    MetricMoved,
    Not,
    Rule,
    SetChanged,
    TopNReordering,
    ValueMoved,
)
from stillframe.rules.facts import Answer, Facts, Move, goes, is_numeric, row_is_meant, size_of
from stillframe.rules.judge import all_of, answer_of, any_of, metric_for, opposite

Limited: TypeAlias = TopNReordering | ValueMoved | SetChanged | MetricMoved
Sway: TypeAlias = Literal["always", "never", "if_met", "unless_met"]
"""
What a rule said of a diff by what one of its conditions says: true in any case, in none, if the condition is met, or
unless it is.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitNode:
    """
    One condition of a rule that has a limit.

    Shape   `path`: as a verdict's. `member`: what holds the limit in the rule's JSON. `counts`: the limit is a whole
            number.
    Units   `limit`: of `…_pct` a fraction, else the field's own unit, or a number of rows.
    """

    path: str
    member: str
    limit: Number
    counts: bool


def limit_nodes(rule: Rule) -> tuple[LimitNode, ...]:
    """
    Return every condition of a rule that has a limit, in the order of its JSON.

    >>> from stillframe.rules.grammar import parse_rule
    >>> found = limit_nodes(parse_rule({"AND": [{"any_change": True}, {"NOT": {"set_added_min": 2}}]}))
    >>> [(node.path, node.member, node.limit) for node in found]
    [('$.AND[1].NOT', 'set_added_min', 2)]
    """
    return tuple(
        LimitNode(path=path, member=_member(found), limit=_limit(found), counts=_counts(found))
        for path, found in _conditions(rule, "$")
    )


def with_limit(rule: Rule, path: str, limit: Number) -> Rule:
    """
    Return a rule that differs in one limit.

    Errors  KeyError if no condition with a limit stands at `path`.
    """
    changed, found = _with_limit(rule, "$", path=path, limit=limit)
    if not found:
        raise KeyError(path)
    return changed


def reaches_of(facts: Facts, rule: Rule) -> tuple[Number | None, ...]:
    """
    Return for each condition with a limit, in the order of `limit_nodes`, the greatest limit that it would have met.

    Shape   0 where nothing moved that way; infinite from zero; None where it cannot be judged.
    """
    return tuple(_reach(facts, found) for _, found in _conditions(rule, "$"))


def sways_of(facts: Facts, rule: Rule) -> tuple[Sway, ...]:
    """Return for each condition with a limit, in the order of `limit_nodes`, what depends on it."""
    return tuple(_sway(facts, rule, "$", path=path) for path, _ in _conditions(rule, "$"))


def share_of(facts: Facts, rule: Rule) -> float:
    """
    Return how close a diff came to a rule, as a share of its limits: 1 where it is met, 0 where nothing speaks for it.

    Of `AND` the share is that of the condition that is farthest off, of `OR` that of the nearest. What is unknown, and
    the opposite of what is true, are no nearer than 0.

    >>> from stillframe.diff import compute_diff
    >>> from stillframe.rules.grammar import parse_rule
    >>> before, after = {"primary_rows": [{"id": 1, "elo": 100}]}, {"primary_rows": [{"id": 1, "elo": 108}]}
    >>> round(share_of(Facts(compute_diff(before, after)), parse_rule({"value_delta_pct": 0.1, "on_field": "elo"})), 3)
    0.8
    """
    if facts.diff.is_empty:
        return 0.0
    if answer_of(facts, rule) == "true":
        return 1.0
    match rule:
        case AllOf():
            return min(share_of(facts, inner) for inner in rule.rules)
        case AnyOf():
            return max(share_of(facts, inner) for inner in rule.rules)
        case TopNReordering() | SetChanged():
            return (_reach(facts, rule) or 0) / _limit(rule)
        case ValueMoved():
            size, _, moves = facts.found.get(rule.asked) or facts.find(rule.asked)
            if rule.is_plain:
                return _part(max(size, 0), rule.limit)
            asked = (move for move in moves if goes(move, rule.direction) and row_is_meant(move, rule.rows))
            return max((_share(move, rule) for move in asked), default=0.0)
        case MetricMoved():
            metric = metric_for(facts, rule)
            moved = metric is not None and metric.moved and is_numeric(metric) and goes(metric, rule.direction)
            return _share(cast(Move, metric), rule) if moved else 0.0
        case _:
            return 0.0


def _share(move: Move, rule: ValueMoved | MetricMoved) -> float:
    """Return how much of the limit, or of the floor if less, a move came to."""
    limit = _part(size_of(move, rule.measure), rule.limit)
    return min(limit, _part(size_of(move, "abs"), rule.min_abs))


def _part(size: Number, limit: Number) -> float:
    return 1.0 if size >= limit or not limit else size / limit


def _reach(facts: Facts, rule: Limited) -> Number | None:
    match rule:
        case TopNReordering():
            known = facts.rank_changes(rule.panel, rule.top)
            return None if known is None else known.low
        case SetChanged():
            table = facts.table(rule.panel)
            return None if table is None else table.total(f"id_set_{rule.side}")
        case ValueMoved():
            if answer_of(facts, rule) == "unknown":
                return None
            size, _, moves = facts.found.get(rule.asked) or facts.find(rule.asked)
            if rule.is_plain:
                return max(size, 0)
            return _greatest((move for move in moves if row_is_meant(move, rule.rows)), rule)
        case MetricMoved():
            metric = metric_for(facts, rule)
            if metric is None:
                return None
            return _greatest((metric,) if metric.moved and is_numeric(metric) else (), rule)


def _greatest(moves: Iterable[Move], rule: ValueMoved | MetricMoved) -> Number:
    sizes = (
        size_of(move, rule.measure)
        for move in moves
        if goes(move, rule.direction) and size_of(move, "abs") >= rule.least_abs
    )
    return max(sizes, default=0)


def _sway(facts: Facts, rule: Rule, here: str, *, path: str) -> Sway:
    if facts.diff.is_empty:
        return "never"
    met, missed = (_answer_if(facts, rule, here, path=path, forced=forced) for forced in ("true", "false"))
    if met == "true":
        return "always" if missed == "true" else "if_met"
    return "unless_met" if missed == "true" else "never"


def _answer_if(facts: Facts, rule: Rule, here: str, *, path: str, forced: Answer) -> Answer:
    """Return what a rule would say of a diff if the condition at `path` said something else."""
    if here == path:
        return forced
    match rule:
        case AllOf() | AnyOf():
            head, combine = ("AND", all_of) if isinstance(rule, AllOf) else ("OR", any_of)
            return combine(
                _answer_if(facts, inner, f"{here}.{head}[{place}]", path=path, forced=forced)
                for place, inner in enumerate(rule.rules)
            )
        case Not():
            return opposite(_answer_if(facts, rule.rule, f"{here}.NOT", path=path, forced=forced))
        case _:
            return answer_of(facts, rule)


def _conditions(rule: Rule, path: str) -> Iterable[tuple[str, Limited]]:
    match rule:
        case AllOf() | AnyOf():
            head = "AND" if isinstance(rule, AllOf) else "OR"
            for place, inner in enumerate(rule.rules):
                yield from _conditions(inner, f"{path}.{head}[{place}]")
        case Not():
            yield from _conditions(rule.rule, f"{path}.NOT")
        case TopNReordering() | ValueMoved() | SetChanged() | MetricMoved():
            yield path, rule
        case _:
            return


def _with_limit(rule: Rule, here: str, *, path: str, limit: Number) -> tuple[Rule, bool]:
    match rule:
        case AllOf() | AnyOf():
            head = "AND" if isinstance(rule, AllOf) else "OR"
            parts = [
                _with_limit(inner, f"{here}.{head}[{place}]", path=path, limit=limit)
                for place, inner in enumerate(rule.rules)
            ]
            return replace(rule, rules=tuple(part for part, _ in parts)), any(found for _, found in parts)
        case Not():
            inner, found = _with_limit(rule.rule, f"{here}.NOT", path=path, limit=limit)
            return replace(rule, rule=inner), found
        case TopNReordering() if here == path:
            return replace(rule, min_changes=int(limit)), True
        case SetChanged() if here == path:
            return replace(rule, minimum=int(limit)), True
        case ValueMoved() | MetricMoved() if here == path:
            return replace(rule, limit=limit), True
        case _:
            return rule, False


def _limit(rule: Limited) -> Number:
    match rule:
        case TopNReordering():
            return rule.min_changes
        case SetChanged():
            return rule.minimum
        case ValueMoved() | MetricMoved():
            return rule.limit


def _counts(rule: Limited) -> bool:
    return isinstance(rule, TopNReordering | SetChanged)


def _member(rule: Limited) -> str:
    match rule:
        case TopNReordering():
            return "top_n_reordering.min_changes"
        case SetChanged():
            return f"set_{rule.side}_min"
        case ValueMoved():
            return f"value_delta_{rule.measure}"
        case MetricMoved():
            return f"primary_metric_delta_{rule.measure}" if rule.metric is None else f"metric_delta_{rule.measure}"
