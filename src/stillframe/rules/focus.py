"""A snapshot with only the columns that rules speak of: judged alike, and compared in a fraction of the time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from stillframe.diff import compute_diff
from stillframe.model.payload import Panel, Table
from stillframe.model.snapshot import Snapshot
from stillframe.rules.conditions import Rule
from stillframe.rules.facts import Facts
from stillframe.rules.names import names_in


def fields_in(rules: Iterable[Rule]) -> frozenset[str]:
    """Return the fields of tables that any of some rules speaks of."""
    return frozenset(name for rule in rules for _, name in names_in(rule).fields)


class Focus:
    """
    Snapshots of one dashboard, to be compared for rules that speak of some fields only.

    Whether anything differs at all is asked of the whole: an empty diff is decided before any rule is.

    Shape   `fields`: all that the rules speak of.
    """

    def __init__(self, fields: Collection[str], *, top_n: int) -> None:
        self._fields = fields
        self._top_n = top_n

    def on(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot without the columns that no rule speaks of; its rows are shared, not copied."""
        panels = {name: self._narrowed(panel) for name, panel in snapshot.payload.panels.items()}
        return replace(snapshot, payload=replace(snapshot.payload, panels=panels))

    def facts(self, a: Snapshot, b: Snapshot, *, wholes: tuple[Snapshot, Snapshot]) -> Facts:
        """
        Return what rules ask of the difference of two snapshots.

        Shape   `a`, `b`: as `on` gives them; `wholes`: what they are of.
        """
        narrow = compute_diff(a, b, top_n=self._top_n)
        return Facts(narrow if not narrow.is_empty else compute_diff(*wholes, top_n=self._top_n))

    def _narrowed(self, panel: Panel) -> Panel:
        if not isinstance(panel, Table):
            return panel
        kept = tuple(name for name in panel.columns if name == panel.key or name in self._fields)
        return panel if kept == panel.columns else replace(panel, columns=kept, known_kinds=None)
