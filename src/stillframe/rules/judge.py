"""Deciding a rule on a diff: true, false, or unknown where neither snapshot has what the rule speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never, cast

from stillframe.errors import IncompleteDiff, InvalidInput
from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.diff import Diff, TableDiff
from stillframe.model.verdict import Outcome
from stillframe.rules.conditions import (
    AllOf,
    AnyChange,
    AnyOf,
    DimensionState,
    MetricMoved,
    Not,
    Rule,
    SetChanged,
    Side,
    TopNReordering,
    ValueMoved,
)
from stillframe.rules.facts import Answer, Facts, Move, goes, is_numeric, row_is_meant
from stillframe.rules.grammar import parse_rule

DiffGiven: TypeAlias = Diff | Mapping[str, Any]
RuleGiven: TypeAlias = Rule | Mapping[str, Any]

_ID_SETS: Mapping[Side, str] = MappingProxyType({"added": "id_set_added", "removed": "id_set_removed"})
RULE_KINDS = (AllOf, AnyOf, Not, TopNReordering, ValueMoved, SetChanged, MetricMoved, DimensionState, AnyChange)


def meets_threshold(diff: DiffGiven, threshold_spec: RuleGiven) -> bool:
    """
    Say whether a diff meets a rule; an empty diff meets none, and what is unknown is not met.

    Shape   `diff`: a Diff or its JSON as a mapping. `threshold_spec`: a rule's JSON as a mapping, or a parsed rule.
    Errors  InvalidRule; InvalidInput for what is no diff; IncompleteDiff if the JSON holds less than the rule needs.
    Source  docs/reference/semantics.md, "Rules".

    >>> from stillframe.diff import compute_diff
    >>> before, after = {"primary_rows": [{"id": 1, "elo": 0.6}]}, {"primary_rows": [{"id": 1, "elo": 0.54}]}
    >>> meets_threshold(compute_diff(before, after), {"value_delta_pct": 0.1, "on_field": "elo"})
    True
    """
    return judge(read_diff(diff), read_rule(threshold_spec)) == "true"


def judge(diff: Diff, rule: Rule) -> Outcome:
    """
    Return what one rule says of one diff.

    Errors  IncompleteDiff if the diff was read from JSON that holds less than the rule needs.
    """
    return judge_facts(Facts(diff), rule)


def judge_many(diff: Diff, rules: Sequence[Rule]) -> list[Outcome]:
    """
    Return what each rule says of one diff, in the rules' order; the same rule object is judged once.

    Errors  As `judge`.
    """
    if diff.is_empty:
        return ["false"] * len(rules)
    facts = Facts(diff)
    names = list(map(id, rules))
    answers = {name: answer_of(facts, rule) for name, rule in dict(zip(names, rules, strict=True)).items()}
    if "incomplete" in answers.values():
        raise IncompleteDiff
    return list(map(cast(dict[int, Outcome], answers).__getitem__, names))


def read_diff(diff: DiffGiven) -> Diff:
    """Return the diff itself, or the one that a mapping holds."""
    if isinstance(diff, Diff):
        return diff
    if not isinstance(diff, Mapping):
        raise InvalidInput(f"a diff is a Diff or its JSON as a mapping, not {type(diff).__name__}")
    return Diff.from_dict(diff)


def read_rule(rule: RuleGiven) -> Rule:
    """Return the rule itself, or the one that a mapping holds."""
    return rule if isinstance(rule, RULE_KINDS) else parse_rule(rule)


def judge_facts(facts: Facts, rule: Rule) -> Outcome:
    """
    Return what one of several rules says of a diff whose facts they share.

    Errors  As `judge`.
    """
    if facts.diff.is_empty:
        return "false"
    answer = answer_of(facts, rule)
    if answer == "incomplete":
        raise IncompleteDiff
    return answer


def answer_of(facts: Facts, rule: Rule) -> Answer:
    """Return what a rule says of a diff that is not empty; the kinds that most rules are of are asked first."""
    if isinstance(rule, ValueMoved):
        return _value_moved(facts, rule)
    if isinstance(rule, MetricMoved):
        return _metric_moved(facts, rule)
    if isinstance(rule, TopNReordering):
        return _top_n_reordering(facts, rule)
    if isinstance(rule, SetChanged):
        return _set_changed(facts.table(rule.panel), rule)
    match rule:
        case AllOf():
            return all_of(map(answer_of, repeat(facts), rule.rules))
        case AnyOf():
            return any_of(map(answer_of, repeat(facts), rule.rules))
        case Not():
            return opposite(answer_of(facts, rule.rule))
        case DimensionState():
            return _dimension_state(facts.diff, rule)
        case AnyChange():
            return "true"
        case _:
            assert_never(rule)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Return Kleene's AND; one false decides, whatever the others would need."""
    return _kleene(answers, decisive="false", otherwise="true")


def any_of(answers: Iterable[Answer]) -> Answer:
    """Return Kleene's OR; one true decides, whatever the others would need."""
    return _kleene(answers, decisive="true", otherwise="false")


def _kleene(answers: Iterable[Answer], *, decisive: Answer, otherwise: Answer) -> Answer:
    found = otherwise
    for answer in answers:
        if answer == decisive:
            return decisive
        if answer == "incomplete" or (answer == "unknown" and found == otherwise):
            found = answer
    return found


def opposite(answer: Answer) -> Answer:
    """Return Kleene's NOT."""
    if answer == "true":
        return "false"
    return "true" if answer == "false" else answer


def _said(true: bool) -> Outcome:
    return "true" if true else "false"


def _value_moved(facts: Facts, rule: ValueMoved) -> Answer:
    size, otherwise, moves = facts.found.get(rule.asked) or facts.find(rule.asked)
    if size < rule.least:
        return otherwise
    if rule.is_plain:
        return "true"
    answer = _any_such(moves, rule)
    return otherwise if answer == "false" else answer


def _any_such(moves: Iterable[ValueDelta], rule: ValueMoved) -> Answer:
    answer: Answer = "false"
    for delta in moves:
        if is_such_move(delta, rule):
            try:
                if row_is_meant(delta, rule.rows):
                    return "true"
            except IncompleteDiff:
                answer = "incomplete"
    return answer


def is_such_move(move: Move, rule: ValueMoved | MetricMoved) -> bool:
    """Say whether a move between numbers has the rule's direction, floor and limit."""
    size, compared = move.delta, move.delta if rule.measure == "abs" else move.delta_pct
    return (
        (compared is None or abs(compared) >= rule.least)
        and (size is None or abs(size) >= rule.least_abs)
        and goes(move, rule.direction)
    )


def _top_n_reordering(facts: Facts, rule: TopNReordering) -> Answer:
    known = facts.rank_changes(rule.panel, rule.top)
    if known is None:
        return "unknown"
    if known.low >= rule.min_changes:
        return "true"
    return "false" if known.high < rule.min_changes else "incomplete"


def _set_changed(table: TableDiff | None, rule: SetChanged) -> Answer:
    return "unknown" if table is None else _said(table.total(_ID_SETS[rule.side]) >= rule.minimum)


def metric_for(facts: Facts, rule: MetricMoved) -> MetricDelta | None:
    """Return the metric that a rule speaks of, or None where neither snapshot has it."""
    return facts.diff.primary_metric if rule.metric is None else facts.metrics.get(rule.metric)


def _metric_moved(facts: Facts, rule: MetricMoved) -> Answer:
    metric = metric_for(facts, rule)
    if metric is None:
        return "incomplete" if rule.metric is not None and facts.metrics_cut else "unknown"
    return _said(metric.moved and is_numeric(metric) and is_such_move(metric, rule))


def _dimension_state(diff: Diff, rule: DimensionState) -> Answer:
    states = diff.dimension_states
    if rule.dimension is None:
        return _said(rule.state in states.values()) if states else "unknown"
    return _said(states[rule.dimension] == rule.state) if rule.dimension in states else "unknown"
