"""Drill-down: how many measures, findings and rows changed in each category, and the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillframe.report.export.document import CELL_MOST, Grid, Said, Section
from stillframe.report.export.writing import EMPTY, Writer

_COUNTS = ("improved", "regressed", "changed", "added", "removed", "resolved", "moved")
_NAMES = ("name", "title", "id", "measure", "metric", "field", "dimension")
"""Where an entry says what it is about, in the order in which we look."""


def drilldown_sections(drilldown: Mapping[str, Any], writer: Writer) -> Iterator[Section]:
    """
    Return the counts of each category, and a table of previews for each that has any.

    Shape   `drilldown`: `{categories: {name: {kind: count}}, previews: {name: {kind: [entry]}}}`, as JSON.
    """
    categories = {name: found for name, found in drilldown.get("categories", {}).items() if any(found.values())}
    if categories:
        yield Section(title=writer.say("section.drilldown"), blocks=(_counts(categories, writer),))
    for name, previews in drilldown.get("previews", {}).items():
        grid = _previews(previews, writer)
        if grid.rows:
            category = writer.language.label(name, most=CELL_MOST)
            yield Section(title=writer.say("section.previews", category=category), blocks=(grid,))


def _counts(categories: Mapping[str, Mapping[str, int]], writer: Writer) -> Grid:
    kinds = [kind for kind in _COUNTS if any(kind in found for found in categories.values())]
    columns = [writer.head("category", weight=1), *(writer.head(kind, right=True) for kind in kinds)]
    rows = (
        (
            Said(writer.language.label(name, most=CELL_MOST), "strong"),
            *(writer.whole(found.get(kind)) if found.get(kind) else EMPTY for kind in kinds),
        )
        for name, found in categories.items()
    )
    return writer.grid(columns, rows, total=len(categories))


def _previews(previews: Mapping[str, Any], writer: Writer) -> Grid:
    columns = [writer.head("state"), writer.head("what", weight=1), writer.head("old"), writer.head("new")]
    entries = [(kind, entry) for kind, found in previews.items() if isinstance(found, list) for entry in found]
    rows = ((Said(_kind(kind, writer), "muted"), *_entry(entry, writer)) for kind, entry in entries)
    return writer.grid(columns, rows, total=len(entries))


def _kind(kind: str, writer: Writer) -> str:
    return writer.language.texts.get(f"column.{kind}", kind)


def _entry(entry: object, writer: Writer) -> tuple[Said, Said, Said]:
    if not isinstance(entry, Mapping):
        return writer.text(str(entry)), EMPTY, EMPTY
    called = next((str(entry[name]) for name in _NAMES if entry.get(name) is not None), "")
    who = Said(writer.language.label(called, most=CELL_MOST)) if called else EMPTY
    if "old" not in entry and "new" not in entry:
        return who, EMPTY, EMPTY
    old, new = writer.language.cells_apart(entry.get("old"), entry.get("new"), most=CELL_MOST)
    return who, Said(old, "muted"), Said(new)
