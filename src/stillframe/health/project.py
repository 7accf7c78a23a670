"""A project's health as a dashboard: its six dimensions as rows, its score as headline, its findings as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillframe.model.payload import Field, Metric, Number, Payload, Primary, Row, Table
from stillframe.model.scope import DIMENSIONS, DIMENSIONS_PANEL, FINDINGS_PANEL, HEALTH_PANEL

SCORE_TOLERANCE = 0.5
"""Points of a score, 0 to 100, that are no change."""
SCORE_FIELD = Field(better="higher", unit="points", tolerance=SCORE_TOLERANCE)
SOURCES = ({"name": "summary", "type": "push"},)
FINDING_COLUMNS = ("id", "dimension", "severity", "title", "location")
_MEASURED = "measured"
_MISSING = "missing"


def project_payload(summaries: Mapping[str, Any], *, findings: Sequence[Row] | None = None) -> Payload:
    """
    Return what a project's dashboard shows.

    Shape   `summaries`: by dimension `{score, measures: […]}`; a dimension that is absent is missing, which is neither
            bad nor good. `findings`: rows of `FINDING_COLUMNS`; None where nobody looked for any.
    Source  docs/reference/semantics.md, "Scopes".
    """
    rows = [_dimension_row(name, summaries.get(name)) for name in DIMENSIONS]
    panels: dict[str, Table | Metric] = {
        DIMENSIONS_PANEL: Table(
            key="dimension", columns=("dimension", "score", "status"), rows=rows, fields={"score": SCORE_FIELD}
        ),
        HEALTH_PANEL: Metric(value=score_of(summaries.get("health")), field=SCORE_FIELD),
    }
    if findings is not None:
        ordered = sorted(findings, key=lambda row: str(row["id"]))
        panels[FINDINGS_PANEL] = Table(key="id", columns=FINDING_COLUMNS, rows=ordered)
    return Payload(
        panels=panels,
        primary=Primary(rows=DIMENSIONS_PANEL, metric=HEALTH_PANEL),
        summaries={name: summaries[name] for name in DIMENSIONS if name in summaries},
        sources=SOURCES,
    )


def score_of(summary: Mapping[str, Any] | None) -> Number | None:
    """Return the score of a dimension's summary; None where there is no summary or no score in it."""
    score: Number | None = None if summary is None else summary.get("score")
    return score


def _dimension_row(name: str, summary: Mapping[str, Any] | None) -> Row:
    score = score_of(summary)
    return {"dimension": name, "score": score, "status": _MISSING if score is None else _MEASURED}
