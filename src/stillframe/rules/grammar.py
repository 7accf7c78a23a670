"""Reading a rule from its JSON and writing its canonical JSON; every fault is refused here with its path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, TypeAlias, assert_never, cast, get_args

from stillframe.errors import Fault, InvalidRule, nearest
from stillframe.model.delta import State
from stillframe.model.payload import Number, RowId
from stillframe.rules.conditions import (
    AllOf,
    AnyChange,
    AnyOf,
    Condition,
    DimensionState,
    Direction,
    MetricMoved,
    NamedRows,
    Not,
    RowFilter,
    Rule,
    SetChanged,
    TopNReordering,
    TopRows,
    ValueMoved,
)

MAX_DEPTH = 8
MAX_NODES = 64
COMBINATORS = ("AND", "OR", "NOT")
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
STATES: tuple[State, ...] = get_args(State)


def parse_rule(document: object, *, path: str = "$") -> Rule:
    """
    Return the rule that a JSON object holds: exactly one condition or one combinator.

    Errors  InvalidRule with every fault found: its JSON path, and what is allowed there.
    Source  docs/reference/semantics.md, "Rules".

    >>> parse_rule({"or": [{"top_n_reordering": 3}, {"set_added_min": 1}]})
    AnyOf(rules=(TopNReordering(top=3, min_changes=1, panel=None), SetChanged(side='added', minimum=1, panel=None)))
    """
    reader = _Reader()
    rule = reader.rule(document, path, depth=1)
    if reader.faults or rule is None:
        raise InvalidRule(faults=reader.faults)
    return rule


def member_path(path: str, name: object) -> str:
    """
    Return the JSON path of a member.

    >>> member_path("$", "AND"), member_path("$", "a b")
    ('$.AND', "$['a b']")
    """
    return f"{path}.{name}" if isinstance(name, str) and name.isidentifier() else f"{path}[{name!r}]"


class _Reader:
    """One pass over one rule, gathering faults so that all of them are told at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._nodes = 0

    def rule(self, document: object, path: str, *, depth: int) -> Rule | None:
        if not isinstance(document, Mapping):
            self.fault(path, f"a rule is a JSON object, not {shown(document)}")
            return None
        self._nodes += 1
        if self._nodes > MAX_NODES:
            if self._nodes == MAX_NODES + 1:
                self.fault(path, f"is too large; a rule has at most {MAX_NODES} conditions and combinators")
            return None
        if depth > MAX_DEPTH:
            self.fault(path, f"is too deep; a rule is at most {MAX_DEPTH} deep")
            return None
        heads = [name for name in document if _head(name) is not None]
        if len(heads) != 1:
            self._not_one(document, heads, path)
            return None
        name = heads[0]
        head = cast(str, _head(name))
        if head in COMBINATORS:
            self._only(document, path, known=(name,), extra=COMBINATORS)
            return self._combinator(head, document[name], member_path(path, name), depth=depth)
        allowed, read = _CONDITIONS[head]
        self._only(document, path, known=(head, *allowed))
        return read(self, document, path)

    def fault(self, path: str, message: str) -> None:
        self.faults.append(Fault(path=path, message=message))

    def _not_one(self, document: Mapping[Any, Any], heads: list[Any], path: str) -> None:
        if heads:
            named = ", ".join(map(str, heads))
            self.fault(path, f"holds {len(heads)} conditions ({named}); a rule holds one: use AND or OR")
            return
        known = (*_CONDITIONS, *COMBINATORS)
        strange = [name for name in document if name not in _MODIFIERS]
        for name in strange:
            self.fault(member_path(path, name), f"unknown key{nearest(str(name), known)}")
        if not strange:
            self.fault(path, f"holds no condition; known: {', '.join(known)}")

    def _only(
        self, document: Mapping[Any, Any], path: str, *, known: tuple[str, ...], extra: tuple[str, ...] = ()
    ) -> None:
        for name in document:
            if name not in known:
                where = f"; '{name}' does not go with {known[0]}" if name in _MODIFIERS else ""
                self.fault(member_path(path, name), f"unknown key{where}{nearest(str(name), (*known, *extra))}")

    def _combinator(self, head: str, given: object, path: str, *, depth: int) -> Rule | None:
        if head == "NOT":
            inner = self.rule(given, path, depth=depth + 1)
            return None if inner is None else Not(rule=inner)
        if not isinstance(given, list | tuple) or not given:
            self.fault(path, f"{head} takes a list of one rule or more, not {shown(given)}")
            return None
        found = [self.rule(one, f"{path}[{place}]", depth=depth + 1) for place, one in enumerate(given)]
        rules = tuple(rule for rule in found if rule is not None)
        return AllOf(rules=rules) if head == "AND" else AnyOf(rules=rules)

    # Each reader of a member answers a valid value also after a fault: the rule is thrown away with its faults.

    def count(self, given: object, path: str) -> int:
        if type(given) is not int or given < 1:
            self.fault(path, f"must be a whole number of 1 or more, not {shown(given)}")
            return 1
        return given

    def amount(self, given: object, path: str) -> Number:
        if type(given) is int or type(given) is float:
            try:
                if given >= 0 and isfinite(given):
                    return given
            except OverflowError:
                pass
        self.fault(path, f"must be a number of 0 or more, not {shown(given)}")
        return 0

    def text(self, document: Mapping[Any, Any], name: str, path: str) -> str:
        given = document.get(name)
        if name not in document:
            self.fault(path, f"needs {name!r}, the name it speaks of")
        elif not isinstance(given, str) or not given:
            self.fault(member_path(path, name), f"must be a name, not {shown(given)}")
        return given if isinstance(given, str) else ""

    def optional_text(self, document: Mapping[Any, Any], name: str, path: str) -> str | None:
        return self.text(document, name, path) if name in document else None

    def choice(self, given: object, allowed: tuple[str, ...], path: str) -> str:
        if not isinstance(given, str) or given not in allowed:
            near = nearest(given, allowed) if isinstance(given, str) else ""
            self.fault(path, f"must be one of {', '.join(allowed)}, not {shown(given)}{near if 'mean' in near else ''}")
            return allowed[0]
        return given

    def direction(self, document: Mapping[Any, Any], path: str) -> Direction:
        given = document.get("direction", DIRECTIONS[0])
        return cast(Direction, self.choice(given, DIRECTIONS, member_path(path, "direction")))

    def floor(self, document: Mapping[Any, Any], path: str) -> Number:
        return self.amount(document.get("min_abs", 0), member_path(path, "min_abs"))

    def row_filter(self, document: Mapping[Any, Any], path: str) -> RowFilter | None:
        if "rows" not in document:
            return None
        given, path = document["rows"], member_path(path, "rows")
        if not isinstance(given, Mapping) or len(given) != 1 or next(iter(given)) not in ("top", "ids"):
            self.fault(path, f'must be {{"top": 10}} or {{"ids": ["h-1"]}}, not {shown(given)}')
            return None
        if "top" in given:
            return TopRows(top=self.count(given["top"], member_path(path, "top")))
        ids = given["ids"]
        if not isinstance(ids, list | tuple) or not ids or not all(type(one) in (str, int) for one in ids):
            self.fault(member_path(path, "ids"), "must be a list of one or more ids, each text or an integer")
            return None
        return NamedRows(ids=tuple(sorted(set(ids), key=_id_order)))


def _top_n_reordering(reader: _Reader, document: Mapping[Any, Any], path: str) -> Condition:
    given, panel = document["top_n_reordering"], reader.optional_text(document, "panel", path)
    path = member_path(path, "top_n_reordering")
    if not isinstance(given, Mapping):
        return TopNReordering(top=reader.count(given, path), panel=panel)
    for name in given:
        if name not in ("top", "min_changes"):
            reader.fault(member_path(path, name), f"unknown key{nearest(str(name), ('top', 'min_changes'))}")
    top = reader.count(given.get("top"), member_path(path, "top"))
    min_changes = reader.count(given.get("min_changes", 1), member_path(path, "min_changes"))
    return TopNReordering(top=top, min_changes=min_changes, panel=panel)


def _value_moved(head: str) -> _ReadCondition:
    def read(reader: _Reader, document: Mapping[Any, Any], path: str) -> Condition:
        return ValueMoved(
            measure="pct" if head.endswith("pct") else "abs",
            limit=reader.amount(document[head], member_path(path, head)),
            field=reader.text(document, "on_field", path),
            direction=reader.direction(document, path),
            min_abs=reader.floor(document, path),
            rows=reader.row_filter(document, path),
            panel=reader.optional_text(document, "panel", path),
        )

    return read


def _metric_moved(head: str) -> _ReadCondition:
    def read(reader: _Reader, document: Mapping[Any, Any], path: str) -> Condition:
        return MetricMoved(
            measure="pct" if head.endswith("pct") else "abs",
            limit=reader.amount(document[head], member_path(path, head)),
            metric=None if head.startswith("primary") else reader.text(document, "on_metric", path),
            direction=reader.direction(document, path),
            min_abs=reader.floor(document, path),
        )

    return read


def _set_changed(head: str) -> _ReadCondition:
    def read(reader: _Reader, document: Mapping[Any, Any], path: str) -> Condition:
        minimum = reader.count(document[head], member_path(path, head))
        panel = reader.optional_text(document, "panel", path)
        return SetChanged(side="added" if "added" in head else "removed", minimum=minimum, panel=panel)

    return read


def _dimension_state(reader: _Reader, document: Mapping[Any, Any], path: str) -> Condition:
    state = reader.choice(document["dimension_state"], STATES, member_path(path, "dimension_state"))
    return DimensionState(state=cast(State, state), dimension=reader.optional_text(document, "on_dimension", path))


def _any_change(reader: _Reader, document: Mapping[Any, Any], path: str) -> Condition:
    if document["any_change"] is not True:
        reader.fault(member_path(path, "any_change"), f"must be true, not {shown(document['any_change'])}")
    return AnyChange()


_ReadCondition: TypeAlias = Callable[[_Reader, Mapping[Any, Any], str], Condition]
_METRIC_MODIFIERS = ("direction", "min_abs")
_VALUE_MODIFIERS = ("on_field", "direction", "min_abs", "rows", "panel")
_CONDITIONS: Final[Mapping[str, tuple[tuple[str, ...], _ReadCondition]]] = MappingProxyType(
    {
        "top_n_reordering": (("panel",), _top_n_reordering),
        "value_delta_pct": (_VALUE_MODIFIERS, _value_moved("value_delta_pct")),
        "value_delta_abs": (_VALUE_MODIFIERS, _value_moved("value_delta_abs")),
        "set_added_min": (("panel",), _set_changed("set_added_min")),
        "set_removed_min": (("panel",), _set_changed("set_removed_min")),
        "primary_metric_delta_pct": (_METRIC_MODIFIERS, _metric_moved("primary_metric_delta_pct")),
        "metric_delta_pct": (("on_metric", *_METRIC_MODIFIERS), _metric_moved("metric_delta_pct")),
        "metric_delta_abs": (("on_metric", *_METRIC_MODIFIERS), _metric_moved("metric_delta_abs")),
        "dimension_state": (("on_dimension",), _dimension_state),
        "any_change": ((), _any_change),
    }
)
CONDITION_KEYS: tuple[str, ...] = tuple(_CONDITIONS)
_MODIFIERS = frozenset(name for allowed, _ in _CONDITIONS.values() for name in allowed)


def _head(name: object) -> str | None:
    """Return the condition or the combinator that a key names; combinators in any case."""
    if not isinstance(name, str):
        return None
    if name in _CONDITIONS:
        return name
    return name.upper() if name.upper() in COMBINATORS else None


def _id_order(row_id: RowId) -> tuple[bool, RowId]:
    return isinstance(row_id, str), row_id


def shown(given: object) -> str:
    """
    Return what somebody gave, as a refusal names it.

    >>> shown(True), shown("x"), shown([]), shown(7)
    ('true', "the text 'x'", 'an empty list', '7')
    """
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    if isinstance(given, str):
        return f"the text {given[:40]!r}"
    if isinstance(given, Mapping):
        return "an object"
    if isinstance(given, list | tuple):
        return "a list" if given else "an empty list"
    return repr(given)[:40]


def rule_document(rule: Rule) -> dict[str, Any]:
    """
    Return a rule's canonical JSON: combinators in capitals, defaults left out; equal rules give equal documents.

    >>> rule_document(parse_rule({"not": {"value_delta_pct": 0.1, "on_field": "elo", "direction": "any"}}))
    {'NOT': {'value_delta_pct': 0.1, 'on_field': 'elo'}}
    """
    match rule:
        case AllOf():
            return {"AND": list(map(rule_document, rule.rules))}
        case AnyOf():
            return {"OR": list(map(rule_document, rule.rules))}
        case Not():
            return {"NOT": rule_document(rule.rule)}
        case TopNReordering(top=top, min_changes=min_changes):
            head = top if min_changes == 1 else {"top": top, "min_changes": min_changes}
            return {"top_n_reordering": head, **_said(panel=rule.panel)}
        case ValueMoved():
            moved = _said(direction=_unless("any", rule.direction), min_abs=_unless(0, rule.min_abs), panel=rule.panel)
            return {f"value_delta_{rule.measure}": rule.limit, "on_field": rule.field, **_rows(rule.rows), **moved}
        case SetChanged():
            return {f"set_{rule.side}_min": rule.minimum, **_said(panel=rule.panel)}
        case MetricMoved():
            moved = _said(direction=_unless("any", rule.direction), min_abs=_unless(0, rule.min_abs))
            if rule.metric is None:
                return {"primary_metric_delta_pct": rule.limit, **moved}
            return {f"metric_delta_{rule.measure}": rule.limit, "on_metric": rule.metric, **moved}
        case DimensionState():
            return {"dimension_state": rule.state, **_said(on_dimension=rule.dimension)}
        case AnyChange():
            return {"any_change": True}
        case _:
            assert_never(rule)


def _rows(rows: RowFilter | None) -> dict[str, Any]:
    match rows:
        case None:
            return {}
        case TopRows():
            return {"rows": {"top": rows.top}}
        case NamedRows():
            return {"rows": {"ids": list(rows.ids)}}
        case _:
            assert_never(rows)


def _said(**members: object) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _unless(default: object, value: object) -> object:
    return None if value == default else value
