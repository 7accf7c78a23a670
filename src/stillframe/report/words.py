"""The words for a change: one headline, what rows are called, and the small summary that a capture answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillframe.model.diff import Diff
from stillframe.model.payload import Payload, RowId, Table
from stillframe.report.clauses import clauses_of
from stillframe.report.figures import name
from stillframe.report.languages import ENGLISH, Language

HEADLINE_CHARACTERS_MOST = 90
TITLE_COLUMNS = ("title", "name", "label")
"""Where a table keeps what people call its rows, in the order in which we look."""

_LOUD = str.maketrans(dict.fromkeys("!！¡‼⁉❗❕", ""))


def headline(diff: Diff, *, titles: Mapping[RowId, str] | None = None, language: Language = ENGLISH) -> str:
    """
    Return the change as one sentence, the largest change first; what does not fit is left out.

    States of dimensions come first; then whichever is largest of rank moves, rows added and removed, and the primary
    metric; then other metrics, values, and everything else.

    Shape   `titles`: what people call the rows; of both snapshots, so that a row that left keeps its name.
    Units   At most 90 characters on one line, never an exclamation mark.
    Source  docs/reference/semantics.md, "The headline".
    """
    if diff.is_empty:
        return language.say("headline.nothing")
    said = ""
    for clause in clauses_of(diff, titles or {}, language=language):
        said = _joined(said, clause.text)
        if clause.others and said.endswith(clause.text):
            said = _joined(said, clause.others)
    # Nothing said: a diff read from JSON whose changes were cut away.
    return _calm(said or language.say("headline.something"))


def titles_of(payload: Payload) -> dict[RowId, str]:
    """
    Return what people call the rows of the primary table: its first text column of title, name, label, else the key.

    Shape   Every row of the table by its key; empty without a primary table.
    """
    table = payload.primary_table
    return {} if table is None else row_titles(table)


def row_titles(table: Table) -> dict[RowId, str]:
    """Return what people call the rows of a table, by their keys: its first text column of title, name, label."""
    column = next((name for name in TITLE_COLUMNS if name != table.key and "text" in table.kinds.get(name, ())), None)
    if column is None:
        return {row_id: str(row_id) for row_id in table.ids}
    cells = (row.get(column) for row in table.rows)
    return {
        row_id: said if isinstance(said, str) and said else str(row_id)
        for row_id, said in zip(table.ids, cells, strict=True)
    }


def diff_summary(diff: Diff, *, titles: Mapping[RowId, str] | None = None) -> dict[str, Any]:
    """
    Return the counts of a diff and its headline: what a capture answers with.

    Shape   JSON. `rank_changes_total` is null where a diff read from JSON does not say it.
    """
    primary = diff.primary_metric
    return {
        "is_empty": diff.is_empty,
        "headline": headline(diff, titles=titles),
        "top_n_changes": diff.total("top_n_changes"),
        "rank_changes_total": diff.rank_changes_total,
        "row_value_deltas": diff.total("row_value_deltas"),
        "id_set_added": diff.total("id_set_added"),
        "id_set_removed": diff.total("id_set_removed"),
        "primary_metric": None if primary is None else primary.as_headline(),
        "metrics_changed": sum(metric.differs for metric in diff.metric_deltas),
        "dimension_states": dict(diff.dimension_states),
        "schema_changes": diff.total("schema_changes"),
    }


def _joined(said: str, text: str) -> str:
    if not said:
        return name(text, most=HEADLINE_CHARACTERS_MOST)
    longer = f"{said}; {text}"
    return longer if len(longer) <= HEADLINE_CHARACTERS_MOST else said


def _calm(text: str) -> str:
    return name(text.translate(_LOUD), most=HEADLINE_CHARACTERS_MOST)
