"""Reading a diff's JSON back, with the path of whatever is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from stillframe.errors import InvalidInput
from stillframe.model.delta import MetricDelta, SchemaChange, State, ValueDelta
from stillframe.model.moves import ListedMoves, TopNChange
from stillframe.model.payload import Primary, RowId

T = TypeVar("T")
BARE_TABLE = "primary_rows"
"""What the table is called where a mapping gives only its rows."""
BARE_METRIC = "primary_metric"
_STATES = ("improved", "regressed", "unchanged")
_Ranks = Mapping[tuple[type, RowId], tuple[int, int]]


class DiffReader:
    """
    One diff's JSON, read member by member.

    Errors  InvalidInput at the path of a member that is missing or of the wrong type.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        if not isinstance(document, Mapping):
            raise InvalidInput.at("$", f"a diff is a JSON object, not {type(document).__name__}")
        self._document = document
        self.top_n = self._count("top_n") or 0

    def totals(self) -> Mapping[str, int]:
        """Return the true length of each list that the document names."""
        totals = self.mapping("totals")
        for name, total in totals.items():
            if type(total) is not int:
                raise InvalidInput.at(f"$.totals.{name}", f"must be a count, not {total!r}")
        return totals

    def mapping(self, name: str) -> Mapping[str, Any]:
        found = self._document.get(name)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            raise InvalidInput.at(f"$.{name}", f"must be an object, not {type(found).__name__}")
        return found

    def flag(self, name: str, *, default: bool) -> bool:
        found = self._document.get(name, default)
        if not isinstance(found, bool):
            raise InvalidInput.at(f"$.{name}", "must be true or false")
        return found

    def primary(self) -> Primary:
        """Return the primary panels, called as in a mapping with only rows where the document does not name them."""
        named = self.mapping("primary")
        if not named:
            return Primary(rows=BARE_TABLE, metric=BARE_METRIC if self._document.get("primary_metric") else None)
        return Primary(rows=named.get("rows"), metric=named.get("metric"))

    def dimension_states(self) -> dict[str, State]:
        states = self.mapping("dimension_states")
        for name, state in states.items():
            if state not in _STATES:
                raise InvalidInput.at(f"$.dimension_states.{name}", f"{state!r} is not one of {', '.join(_STATES)}")
        return dict(states)

    def metric_deltas(self) -> tuple[MetricDelta, ...]:
        return self._entries(
            self._document, "metric_deltas", path="$", read=lambda entry: _metric(entry["name"], entry)
        )

    def headline(self, metrics: Sequence[MetricDelta], primary: Primary) -> MetricDelta | None:
        """Return the primary metric: its entry of the metrics, which knows the tolerance, else its own member."""
        if self._document.get("primary_metric") is None:
            return None
        member = self.mapping("primary_metric")
        named = next((metric for metric in metrics if metric.name == primary.metric), None)
        if named is not None and (named.old, named.new) == (member.get("old"), member.get("new")):
            return named
        changed = bool(member.get("delta") or member.get("overflow"))
        try:
            return _metric(primary.metric or BARE_METRIC, {"changed": changed, **member})
        except (KeyError, TypeError) as error:
            raise InvalidInput.at("$.primary_metric", f"is not the delta of a metric: {error}") from error

    def schema_changes(self) -> tuple[SchemaChange, ...]:
        return self._entries(self._document, "schema_changes", path="$", read=lambda entry: SchemaChange(**entry))

    def table(self, path: str, *, panel: str | None, prefix: str) -> dict[str, Any]:
        """Return the members of one table's diff; `prefix` is what its lists are called by in `totals`."""
        document = self._document if path == "$" else self.mapping("panels")[panel or ""]
        if not isinstance(document, Mapping):
            raise InvalidInput.at(path, "must be an object")
        totals = {name.removeprefix(prefix): total for name, total in self.totals().items() if name.startswith(prefix)}
        ranks = self._ranks(panel or "")
        top_n_changes = self._entries(document, "top_n_changes", path=path, read=_top_n_change)
        deltas = self._entries(document, "row_value_deltas", path=path, read=lambda entry: _value_delta(entry, ranks))
        added, removed = self._ids(document, "id_set_added", path), self._ids(document, "id_set_removed", path)
        lists = {
            "row_value_deltas": deltas,
            "id_set_added": added,
            "id_set_removed": removed,
            "top_n_changes": top_n_changes,
        }
        cut = {name: totals[name] for name, entries in lists.items() if totals.get(name, 0) > len(entries)}
        rank_changes = document.get("rank_changes_total")
        sets_total = cut.get("id_set_added", len(added)) + cut.get("id_set_removed", len(removed))
        moves = ListedMoves(
            top_n=self.top_n,
            listed=top_n_changes,
            listed_total=cut.get("top_n_changes", len(top_n_changes)),
            moves_total=None if rank_changes is None else rank_changes + sets_total,
        )
        columns = self.mapping("columns").get(panel or "")
        shape = {
            "columns": None if columns is None else tuple(columns),
            "moves": moves,
            "rank_changes_total": rank_changes,
        }
        return {**shape, **lists, "cut_totals": cut}

    def _ranks(self, panel: str) -> _Ranks:
        try:
            return {(type(row), row): (int(a), int(b)) for row, a, b in self.mapping("row_ranks").get(panel, ())}
        except (TypeError, ValueError) as error:
            raise InvalidInput.at(f"$.row_ranks.{panel}", f"must be a list of [id, rank_a, rank_b]: {error}") from error

    def _count(self, name: str) -> int | None:
        found = self._document.get(name)
        if found is not None and (type(found) is not int or found < 0):
            raise InvalidInput.at(f"$.{name}", f"must be a count, not {found!r}")
        return found

    def _ids(self, document: Mapping[str, Any], name: str, path: str) -> tuple[RowId, ...]:
        found = document.get(name, ())
        if not isinstance(found, list | tuple):
            raise InvalidInput.at(f"{path}.{name}", "must be a list")
        return tuple(found)

    def _entries(
        self, document: Mapping[str, Any], name: str, *, path: str, read: Callable[[Mapping[str, Any]], T]
    ) -> tuple[T, ...]:
        entries: list[T] = []
        for place, entry in enumerate(self._ids(document, name, path)):
            try:
                entries.append(read(cast(Mapping[str, Any], entry)))
            except (KeyError, TypeError, AttributeError) as error:
                raise InvalidInput.at(f"{path}.{name}[{place}]", f"is not an entry of {name}: {error}") from error
        return tuple(entries)


def _top_n_change(entry: Mapping[str, Any]) -> TopNChange:
    return TopNChange(entry["id"], entry["rank_a"], entry["rank_b"], entry["change"])


def _value_delta(entry: Mapping[str, Any], ranks: _Ranks) -> ValueDelta:
    row_id = entry["id"]
    rank_a, rank_b = ranks.get((type(row_id), row_id), (0, 0))
    from_zero, overflow = bool(entry.get("from_zero")), bool(entry.get("overflow"))
    delta, delta_pct = entry.get("delta"), entry.get("delta_pct")
    _check_move(entry)
    return ValueDelta(
        row_id, entry["field"], entry["old"], entry["new"], delta, delta_pct, from_zero, overflow, rank_a, rank_b
    )


def _check_move(entry: Mapping[str, Any]) -> None:
    """Refuse an entry that says how far a number moved where there are no numbers: a rule would compare them."""
    said = [entry[name] for name in ("delta", "delta_pct") if entry.get(name) is not None]
    numbers = [entry["old"], entry["new"], *said] if said or entry.get("overflow") else []
    if not all(type(number) in (int, float) for number in numbers):
        raise TypeError("a delta stands between numbers and is one")


def _metric(name: str, entry: Mapping[str, Any]) -> MetricDelta:
    _check_move(entry)
    return MetricDelta(
        name=name,
        old=entry["old"],
        new=entry["new"],
        delta=entry.get("delta"),
        delta_pct=entry.get("delta_pct"),
        better=entry.get("better", "none"),
        state=entry.get("state", "unchanged"),
        presence=entry.get("presence", "both"),
        from_zero=bool(entry.get("from_zero")),
        overflow=bool(entry.get("overflow")),
        changed=bool(entry.get("changed")),
        missing=bool(entry.get("missing")),
    )
