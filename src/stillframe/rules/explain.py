"""Explaining a decision: the same tree as the rule, each node with what it saw, its limit and a sentence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, assert_never

from stillframe.errors import IncompleteDiff
from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import Diff
from stillframe.model.moves import TopNChange
from stillframe.model.verdict import MAX_WITNESSES, Observed, Verdict
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
from stillframe.rules.facts import Answer, Facts, Move, goes, is_numeric, knows_field, row_is_meant
from stillframe.rules.judge import (
    DiffGiven,
    RuleGiven,
    all_of,
    answer_of,
    any_of,
    is_such_move,
    metric_for,
    opposite,
    read_diff,
    read_rule,
)
from stillframe.rules.wording import limit_text, move_text

_NEEDS_MORE = "this diff's JSON holds less than this needs"


class _Node(NamedTuple):
    """A verdict in the making; unlike a finished one it may be incomplete, as long as a sibling decides."""

    answer: Answer
    verdict: Verdict


def explain_threshold(diff: DiffGiven, threshold_spec: RuleGiven) -> Verdict:
    """
    Return the decision of `meets_threshold` as a tree that gives its reasons.

    Shape   As `meets_threshold`; paths are those of the rule's canonical JSON.
    Errors  As `meets_threshold`.
    Source  docs/reference/semantics.md, "Rules".

    >>> from stillframe.diff import compute_diff
    >>> before, after = {"primary_rows": [{"id": "h-1", "elo": 0.6}]}, {"primary_rows": [{"id": "h-1", "elo": 0.54}]}
    >>> explain_threshold(compute_diff(before, after), {"value_delta_pct": 0.1, "on_field": "elo"}).sentence
    'elo of h-1 went from 0.6 to 0.54 (-10.0 %), limit 10 %'
    """
    found, rule = read_diff(diff), read_rule(threshold_spec)
    return _explained(Facts(found), rule)


def explain_many(diff: Diff, rules: Sequence[Rule]) -> list[Verdict]:
    """
    Return the decision of each rule about one diff as a tree, in the rules' order.

    Errors  As `explain_threshold`.
    """
    facts = Facts(diff)
    return [_explained(facts, rule) for rule in rules]


def _explained(facts: Facts, rule: Rule) -> Verdict:
    if facts.diff.is_empty:
        return Verdict(path="$", outcome="false", sentence="nothing changed, and an empty diff meets no rule")
    node = _explain(facts, rule, "$")
    if node.answer == "incomplete":
        raise IncompleteDiff
    return node.verdict


def _explain(facts: Facts, rule: Rule, path: str) -> _Node:
    match rule:
        case AllOf() | AnyOf():
            return _combined(facts, rule, path)
        case Not():
            inner = _explain(facts, rule.rule, f"{path}.NOT")
            turned = {"true": "so its opposite does not hold", "false": "so its opposite holds"}
            sentence = f"{inner.verdict.sentence}, {turned.get(inner.answer, 'so its opposite is unknown')}"
            return _node(opposite(inner.answer), path, sentence, children=(inner.verdict,))
        case ValueMoved():
            return _value_moved(facts, rule, path)
        case TopNReordering():
            return _top_n_reordering(facts, rule, path)
        case SetChanged():
            return _set_changed(facts, rule, path)
        case MetricMoved():
            return _metric_moved(facts, rule, path)
        case DimensionState():
            return _dimension_state(facts, rule, path)
        case AnyChange():
            return _node("true", path, "something changed")
        case _:
            assert_never(rule)


def _node(
    answer: Answer,
    path: str,
    sentence: str,
    *,
    limit: Observed = None,
    observed: Observed = None,
    witnesses: Sequence[Mapping[str, Any]] = (),
    children: tuple[Verdict, ...] = (),
) -> _Node:
    verdict = Verdict(
        path=path,
        outcome="unknown" if answer == "incomplete" else answer,
        limit=limit,
        observed=observed,
        witnesses=tuple(witnesses[:MAX_WITNESSES]) if answer == "true" else (),
        sentence=_NEEDS_MORE if answer == "incomplete" else sentence,
        children=children,
    )
    return _Node(answer, verdict)


def _combined(facts: Facts, rule: AllOf | AnyOf, path: str) -> _Node:
    head, combine = ("AND", all_of) if isinstance(rule, AllOf) else ("OR", any_of)
    nodes = [_explain(facts, inner, f"{path}.{head}[{place}]") for place, inner in enumerate(rule.rules)]
    answer = combine(node.answer for node in nodes)
    deciding = [node.verdict for node in nodes if node.answer == answer] or [nodes[0].verdict]
    sentence = f"{deciding[0].sentence}"
    held = sum(node.answer == "true" for node in nodes)
    if len(nodes) > 1:
        sentence = f"{held} of {len(nodes)} conditions hold, {'all' if head == 'AND' else 'one'} must: {sentence}"
    children = tuple(node.verdict for node in nodes)
    return _node(answer, path, sentence, limit=len(nodes) if head == "AND" else 1, observed=held, children=children)


def _value_moved(facts: Facts, rule: ValueMoved, path: str) -> _Node:
    answer = answer_of(facts, rule)
    table = facts.table(rule.panel)
    if table is None or (answer == "unknown" and not knows_field(table, rule.field)):
        return _node("unknown", path, _no_such(facts, rule.panel, f"no field {rule.field!r}"), limit=rule.limit)
    asked, hits = _moves(facts, rule)
    limit = f"limit {_limit(rule)}"
    if not asked:
        return _node(answer, path, f"no {rule.field} changed{_asked_of(rule)}, {limit}", limit=rule.limit)
    shown = (hits or asked)[0]
    sentence = f"{rule.field} of {shown.id} {move_text(shown, rule.limit, measure=rule.measure)}, {limit}"
    if len(hits) > 1:
        sentence += f"; so did {len(hits) - 1} more {'row' if len(hits) == 2 else 'rows'}"
    elif not hits:
        sentence = f"no {rule.field} moved so far{_asked_of(rule)}; most: {sentence}"
    observed = _observed(shown, rule)
    return _node(answer, path, sentence, limit=rule.limit, observed=observed, witnesses=_shown(hits))


def _moves(facts: Facts, rule: ValueMoved) -> tuple[Sequence[ValueDelta], Sequence[ValueDelta]]:
    """Return the moves that a rule speaks of, the largest first, and those of them that meet it."""
    moves, sizes = facts.strongest(rule.asked)
    if rule.is_plain:
        return moves, moves[: bisect_right(sizes, -rule.least)]
    asked = [move for move in moves if _is_meant(move, rule)]
    return asked, [move for move in asked if is_such_move(move, rule)]


def _is_meant(delta: ValueDelta, rule: ValueMoved) -> bool:
    """Say whether the rule speaks of this row, leaving out what a diff's JSON does not tell."""
    try:
        return row_is_meant(delta, rule.rows)
    except IncompleteDiff:
        return False


def _shown(changes: Sequence[ValueDelta | TopNChange]) -> list[dict[str, Any]]:
    return [change.as_dict() for change in changes[:MAX_WITNESSES]]


def _limit(rule: ValueMoved | MetricMoved) -> str:
    floor = f" and at least {limit_text(rule.min_abs, measure='abs')}" if rule.min_abs else ""
    return limit_text(rule.limit, measure=rule.measure) + floor


def _asked_of(rule: ValueMoved) -> str:
    way = "" if rule.direction == "any" else f" {rule.direction}"
    return way + (" in the rows asked for" if rule.rows else "")


def _observed(move: Move, rule: ValueMoved | MetricMoved) -> Observed:
    """Return what was compared with the limit, signed, or the word for what no number says."""
    compared = move.delta if rule.measure == "abs" else move.delta_pct
    if compared is None:
        return "from zero" if move.from_zero else "overflow"
    return compared


def _top_n_reordering(facts: Facts, rule: TopNReordering, path: str) -> _Node:
    table, answer = facts.table(rule.panel), answer_of(facts, rule)
    if table is None:
        return _node(answer, path, _no_such(facts, rule.panel, "no rows"), limit=rule.min_changes)
    try:
        changes = table.moves.within(rule.top)
    except IncompleteDiff:
        changes = ()
    known = max(len(changes), table.moves.count_range(rule.top).low)
    sentence = f"{_rows(known)} changed place in the first {rule.top}, limit {rule.min_changes}"
    witnesses = _shown(changes or table.top_n_changes)
    return _node(answer, path, sentence, limit=rule.min_changes, observed=known, witnesses=witnesses)


def _set_changed(facts: Facts, rule: SetChanged, path: str) -> _Node:
    table, answer = facts.table(rule.panel), answer_of(facts, rule)
    if table is None:
        return _node(answer, path, _no_such(facts, rule.panel, "no rows"), limit=rule.minimum)
    name = f"id_set_{rule.side}"
    count = table.total(name)
    sentence = f"{_rows(count)} {'was' if count == 1 else 'were'} {rule.side}, limit {rule.minimum}"
    witnesses = [{"id": row_id} for row_id in getattr(table, name)[:MAX_WITNESSES]]
    return _node(answer, path, sentence, limit=rule.minimum, observed=count, witnesses=witnesses)


def _metric_moved(facts: Facts, rule: MetricMoved, path: str) -> _Node:
    metric, answer = metric_for(facts, rule), answer_of(facts, rule)
    if metric is None:
        named = "a primary metric" if rule.metric is None else f"a metric {rule.metric!r}"
        return _node(answer, path, f"neither snapshot has {named}", limit=rule.limit)
    limit = f"limit {_limit(rule)}"
    if not (metric.moved and is_numeric(metric)):
        return _node(answer, path, f"{metric.name} {_stillness(metric)}, {limit}", limit=rule.limit)
    sentence = f"{metric.name} {move_text(metric, rule.limit, measure=rule.measure)}, {limit}"
    if answer == "false" and not goes(metric, rule.direction):
        sentence += f", asked only {rule.direction}"
    witnesses = [metric.as_dict()]
    return _node(answer, path, sentence, limit=rule.limit, observed=_observed(metric, rule), witnesses=witnesses)


def _stillness(metric: MetricDelta) -> str:
    if metric.missing:
        return "has no value in one of the snapshots"
    return "is no number" if metric.moved else "did not change"


def _dimension_state(facts: Facts, rule: DimensionState, path: str) -> _Node:
    states, answer = facts.diff.dimension_states, answer_of(facts, rule)
    if answer == "unknown":
        named = "any dimension" if rule.dimension is None else f"the dimension {rule.dimension!r}"
        return _node(answer, path, f"neither snapshot has {named}", limit=rule.state)
    if rule.dimension is not None:
        state = states[rule.dimension]
        sentence = f"{rule.dimension} is {state}, asked {rule.state}"
        witnesses = [{"dimension": rule.dimension, "state": state}]
        return _node(answer, path, sentence, limit=rule.state, observed=state, witnesses=witnesses)
    found = [name for name, state in states.items() if state == rule.state]
    sentence = f"{', '.join(found) or 'no dimension'} {'are' if len(found) > 1 else 'is'} {rule.state}"
    witnesses = [{"dimension": name, "state": rule.state} for name in found]
    return _node(answer, path, sentence, limit=rule.state, observed=len(found), witnesses=witnesses)


def _no_such(facts: Facts, panel: str | None, what: str) -> str:
    """Say what neither snapshot has; `what` begins with `no`."""
    if facts.table(panel) is None:
        return "neither snapshot has a primary table" if panel is None else f"neither snapshot has a table {panel!r}"
    return f"neither snapshot has {what.replace('no field', 'a field')}"


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
