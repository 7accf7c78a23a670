"""Rules of every kind to try, and a second, slow and plain reading of what they mean."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from stillframe.model.diff import Diff, TableDiff

LIMITS = st.sampled_from([0, 0.05, 0.1, 0.5, 1, 2, 5, 1e300])
DIRECTIONS = st.sampled_from(["any", "up", "down"])
MODIFIERS = ("on_field", "on_metric", "on_dimension", "direction", "min_abs", "rows", "panel")
PANELS = st.sampled_from(["board", "other", "nowhere"])
ROWS = st.one_of(
    st.fixed_dictionaries({"top": st.integers(1, 4)}),
    st.fixed_dictionaries({"ids": st.lists(st.sampled_from([0, 1, "0", "1", "a"]), min_size=1, max_size=3)}),
)


def _modified(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    *(
        _modified(
            {head: LIMITS, "on_field": st.sampled_from(["p", "q", "id", "nothing"])},
            direction=DIRECTIONS,
            min_abs=LIMITS,
            rows=ROWS,
            panel=PANELS,
        )
        for head in ("value_delta_pct", "value_delta_abs")
    ),
    *(
        _modified(
            {head: LIMITS, "on_metric": st.sampled_from(["papers", "sca.score", "sca.open", "nothing"])},
            direction=DIRECTIONS,
            min_abs=LIMITS,
        )
        for head in ("metric_delta_pct", "metric_delta_abs")
    ),
    _modified({"primary_metric_delta_pct": LIMITS}, direction=DIRECTIONS, min_abs=LIMITS),
    _modified({"top_n_reordering": st.integers(1, 8)}, panel=PANELS),
    _modified(
        {"top_n_reordering": st.fixed_dictionaries({"top": st.integers(1, 8), "min_changes": st.integers(1, 4)})}
    ),
    *(_modified({head: st.integers(1, 3)}, panel=PANELS) for head in ("set_added_min", "set_removed_min")),
    _modified(
        {"dimension_state": st.sampled_from(["improved", "regressed", "unchanged"])},
        on_dimension=st.sampled_from(["sca", "audit", "nothing"]),
    ),
    st.just({"any_change": True}),
)
RULES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"AND": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"or": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"Not": inner}),
    ),
    max_leaves=5,
)


def outcome(diff: Diff, rule: dict[str, Any]) -> bool | None:
    """Return what a rule says of a whole diff, read from the reference page line by line; None is unknown."""
    return False if diff.is_empty else _holds(diff, rule)


def _holds(diff: Diff, rule: dict[str, Any]) -> bool | None:
    head = next(name for name in rule if name not in MODIFIERS)
    inner = rule[head]
    if head == "AND":
        found = [_holds(diff, one) for one in inner]
        return False if False in found else None if None in found else True
    if head == "or":
        found = [_holds(diff, one) for one in inner]
        return True if True in found else None if None in found else False
    if head == "Not":
        turned = _holds(diff, inner)
        return None if turned is None else not turned
    if head == "any_change":
        return True
    if head == "dimension_state":
        return _dimension(diff, rule)
    if "metric" in head:
        return _metric(diff, head, rule)
    return _tabular(diff, head, rule)


def _dimension(diff: Diff, rule: dict[str, Any]) -> bool | None:
    named = rule.get("on_dimension")
    states = [state for name, state in diff.dimension_states.items() if named in (None, name)]
    return rule["dimension_state"] in states if states else None


def _metric(diff: Diff, head: str, rule: dict[str, Any]) -> bool | None:
    metrics = {metric.name: metric for metric in diff.metric_deltas}
    metric = diff.primary_metric if head.startswith("primary") else metrics.get(rule["on_metric"])
    return None if metric is None else metric.moved and _moved_enough(metric, rule, rule[head], head.endswith("pct"))


def _tabular(diff: Diff, head: str, rule: dict[str, Any]) -> bool | None:
    table = diff.tables.get(rule.get("panel", "board"))
    if table is None:
        return None
    if head.startswith("set"):
        return len(table.id_set_added if "added" in head else table.id_set_removed) >= rule[head]
    if head == "top_n_reordering":
        asked = rule[head] if isinstance(rule[head], dict) else {"top": rule[head], "min_changes": 1}
        return len(table.moves.within(asked["top"])) >= asked["min_changes"]
    if rule["on_field"] not in (table.columns or ()):
        return None
    return any(
        delta.field == rule["on_field"]
        and _is_meant(delta, rule.get("rows"), table)
        and _moved_enough(delta, rule, rule[head], head.endswith("pct"))
        for delta in table.row_value_deltas
    )


def _is_meant(delta: Any, rows: dict[str, Any] | None, table: TableDiff) -> bool:
    if rows is None:
        return True
    if "top" in rows:
        return bool(delta.rank_a <= rows["top"] or delta.rank_b <= rows["top"])
    return any(type(one) is type(delta.id) and one == delta.id for one in rows["ids"])


def _moved_enough(move: Any, rule: dict[str, Any], limit: float, percent: bool) -> bool:
    if move.delta is None and not move.overflow:
        return False
    if {"any": False, "up": move.new < move.old, "down": move.new > move.old}[rule.get("direction", "any")]:
        return False
    size = float("inf") if move.delta is None else abs(move.delta)
    if size < rule.get("min_abs", 0) * (1 - 1e-9):
        return False
    if not percent:
        return size >= limit * (1 - 1e-9)
    return move.from_zero or move.delta_pct is None or abs(move.delta_pct) >= limit * (1 - 1e-9)
