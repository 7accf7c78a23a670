"""Drill-down: how many measures, findings and rows changed in each category, and the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillframe.report.drilldown import ROWS
from stillframe.report.export.document import CELL_MOST, Grid, Said, Section
from stillframe.report.export.writing import EMPTY, Writer

_COUNTS = ("improved", "regressed", "changed", "added", "removed", "resolved", "moved")
_DETAILS = ("field", "severity", "location")
"""What else an entry says of itself."""


def drilldown_sections(found: Mapping[str, Any], writer: Writer) -> Iterator[Section]:
    """
    Return the counts of each category, and a table of previews for each that has any.

    Rows have no previews here: the report lists them whole. Findings have them once, in a category of their own.

    Shape   `found`: as `report.drilldown` gives it.
    """
    categories = {
        name: counts
        for name, counts in found["categories"].items()
        if any(count for kind, count in counts.items() if kind in _COUNTS)
    }
    if categories:
        yield Section(title=writer.say("section.drilldown"), blocks=(_counts(categories, writer),))
    for name, previews in found["previews"].items():
        grid = _previews(previews, writer)
        if grid.rows and name != ROWS:
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
    columns = [
        writer.head("state"),
        writer.head("what", weight=2),
        writer.head("details", weight=1),
        writer.head("old"),
        writer.head("new"),
    ]
    entries = [(kind, entry) for kind, found in previews.items() if kind in _COUNTS for entry in found]
    rows = ((Said(_kind(kind, writer), "muted"), *_entry(entry, writer)) for kind, entry in entries)
    return writer.grid(columns, rows, total=len(entries), sparse=True)


def _kind(kind: str, writer: Writer) -> str:
    return writer.language.texts.get(f"column.{kind}", kind)


def _entry(entry: Mapping[str, Any], writer: Writer) -> tuple[Said, ...]:
    """Return what an entry is called, what else it says, and its values: a measure has a name, a finding a title."""
    name = entry.get("name")
    called = Said(writer.language.label(str(name), most=CELL_MOST)) if name else writer.text(_title(entry))
    details = writer.text(" · ".join(str(entry[part]) for part in _DETAILS if entry.get(part)) or None, "muted")
    if "old" not in entry:
        return called, details, EMPTY, EMPTY
    old, new = writer.language.cells_apart(entry["old"], entry.get("new"), most=CELL_MOST)
    return called, details, Said(old, "muted"), Said(new)


def _title(entry: Mapping[str, Any]) -> str:
    return str(entry.get("title") or entry.get("id") or "")
