"""A project's health: its score and grade, what each part weighs, and the reports that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillframe.model.view import SnapshotView
from stillframe.report.export.document import CELL_MOST, Facts, Grid, Remark, Said, Section
from stillframe.report.export.writing import EMPTY, Writer

_PROVISIONAL = "provisional_score"
_COVERED = "evidence_coverage"


def health_sections(view: SnapshotView, writer: Writer) -> Iterator[Section]:
    """Return what the formula made of the reports; nothing of a picture whose scores were brought."""
    health = view.payload.summaries.get("health") or {}
    if not health.get("score_formula_version"):
        return
    measures = {found["id"]: found.get("value") for found in health.get("measures", ())}
    facts = tuple((writer.say(f"fact.{name}"), said) for name, said in _facts(health, measures, writer) if said.text)
    noted = () if health["health_score_available"] else (Remark(text=writer.say("remark.no_score"), warning=True),)
    blocks = (*noted, Facts(rows=facts), _breakdown(health, view, writer))
    yield Section(title=writer.say("section.health"), blocks=blocks)


def _facts(health: Mapping[str, Any], measures: Mapping[str, Any], writer: Writer) -> Iterator[tuple[str, Said]]:
    yield "health_score", EMPTY if health["score"] is None else writer.cell(health["score"])
    yield "grade", writer.text(health["grade"])
    yield "risk_level", Said(writer.language.known("risk", health["risk_level"]))
    yield _COVERED, EMPTY if measures.get(_COVERED) is None else writer.cell(measures[_COVERED])
    yield _PROVISIONAL, EMPTY if health["score"] is not None else writer.cell(measures.get(_PROVISIONAL))
    yield "formula_version", writer.text(health["score_formula_version"])


def _breakdown(health: Mapping[str, Any], view: SnapshotView, writer: Writer) -> Grid:
    columns = [
        writer.head("dimension"),
        writer.head("weight", right=True),
        writer.head("value", right=True),
        writer.head("contribution", right=True),
        writer.head("why", weight=1),
        writer.head("file", weight=1),
    ]
    lines = health["score_breakdown"]
    rows = (
        (
            Said(writer.language.label(line["part"], most=CELL_MOST), "strong"),
            writer.cell(line["weight"]),
            writer.cell(line["value"]),
            writer.cell(line["contribution"]),
            Said("; ".join(writer.language.known("reason", code) for code in _reasons(line)), "muted"),
            writer.text(_files(line["part"], view) or None),
        )
        for line in lines
    )
    return writer.grid(columns, rows, total=len(lines), sparse=True)


def _reasons(line: Mapping[str, Any]) -> list[str]:
    return list(line.get("reasons") or filter(None, [line["reason"]]))


def _files(part: str, view: SnapshotView) -> str:
    """Return the reports that fed a part; their hashes stand with the sources."""
    return ", ".join(str(found["name"]) for found in view.record.source_bundle if part in found.get("parts", ()))
