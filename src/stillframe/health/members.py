"""A group's or a portfolio's health as a dashboard: its projects ranked by their health, their mean and their worst."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from stillframe.health.project import SCORE_FIELD, score_of
from stillframe.model.payload import Cell, Field, Metric, Number, Payload, Primary, Row, Table
from stillframe.model.scope import (
    COUNT_PANEL,
    DIMENSIONS,
    MEAN_PANEL,
    MEMBERS_PANEL,
    UNSCORED_PANEL,
    WORST_PANEL,
)
from stillframe.model.snapshot import CaptureStatus

COLUMNS = ("project", *DIMENSIONS)
SOURCES = ({"name": "projects", "type": "members"},)
_KEY = "project"
_SAFE_INTEGER = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """
    One project of a group or portfolio, as its newest snapshot says.

    Shape   `scores` by dimension; empty where the project has no evidence.
    """

    project: str
    scores: Mapping[str, Number | None]

    @property
    def has_evidence(self) -> bool:
        """Whether any dimension has a score."""
        return any(score is not None for score in self.scores.values())


def member_of(project: str, payload: Payload | None) -> Member:
    """Return a member with the scores that its project's payload has; None where there is no snapshot yet."""
    summaries = {} if payload is None else payload.summaries
    return Member(project=project, scores={name: score_of(summary) for name, summary in summaries.items()})


def members_payload(members: Sequence[Member]) -> Payload:
    """
    Return what a group's or portfolio's dashboard shows.

    Missing is neither bad nor good: a score that is not there is left out of means and never taken for zero.

    Source  docs/reference/semantics.md, "Scopes".
    """
    return _payload([_row(member) for member in members])


def seen_members(payload: Payload, visible: Collection[str]) -> Payload:
    """
    Return the payload recomputed from the rows of the visible members: rows, ranks, means, worst and counts.

    Source  docs/reference/semantics.md, "Views".
    """
    table = payload.panels[MEMBERS_PANEL]
    assert isinstance(table, Table)
    return _payload([row for row in table.rows if row[_KEY] in visible])


def members_status(payload: Payload) -> CaptureStatus:
    """Say whether every member had evidence: a member without any makes the picture `partial`."""
    table = payload.panels[MEMBERS_PANEL]
    assert isinstance(table, Table)
    return "partial" if any(all(row[name] is None for name in DIMENSIONS) for row in table.rows) else "good"


def _payload(rows: list[Row]) -> Payload:
    ranked = sorted(rows, key=_rank)
    health = [row["health"] for row in ranked if isinstance(row["health"], (int, float))]
    count = Field(unit="projects")
    table = Table(key=_KEY, columns=COLUMNS, rows=ranked, fields=dict.fromkeys(DIMENSIONS, SCORE_FIELD))
    summaries: dict[str, Any] = {
        name: {"score": _mean(found), "measures": _measures(found)}
        for name in DIMENSIONS
        if (found := [cell for row in ranked if isinstance(cell := row[name], (int, float))])
    }
    return Payload(
        panels={
            MEMBERS_PANEL: table,
            MEAN_PANEL: Metric(value=_mean(health), field=SCORE_FIELD),
            WORST_PANEL: Metric(value=min(health, default=None), field=SCORE_FIELD),
            COUNT_PANEL: Metric(value=len(ranked), field=count),
            UNSCORED_PANEL: Metric(value=len(ranked) - len(health), field=count),
        },
        primary=Primary(rows=MEMBERS_PANEL, metric=MEAN_PANEL),
        summaries=summaries,
        sources=SOURCES,
    )


def _row(member: Member) -> Row:
    return {_KEY: member.project, **{name: member.scores.get(name) for name in DIMENSIONS}}


def _rank(row: Row) -> tuple[bool, float, str]:
    health: Cell = row["health"]
    scored = isinstance(health, (int, float))
    return not scored, -float(health) if isinstance(health, (int, float)) else 0.0, str(row[_KEY])


def _mean(values: Sequence[Number]) -> Number | None:
    if not values:
        return None
    mean = fsum(values) / len(values)
    return int(mean) if mean.is_integer() and abs(mean) <= _SAFE_INTEGER else mean


def _measures(values: Sequence[Number]) -> list[dict[str, Any]]:
    worst = {"id": "worst", "value": min(values), "better": "higher", "unit": "points"}
    measured = {"id": "measured", "value": len(values), "better": "none", "unit": "projects"}
    return [worst, measured]
