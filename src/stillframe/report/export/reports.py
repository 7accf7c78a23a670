"""The two reports: one snapshot, and two compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillframe.model.diff import Diff
from stillframe.model.view import SnapshotView
from stillframe.report.charts import Chart
from stillframe.report.export.changes import Changes, change_sections
from stillframe.report.export.document import CELL_MOST, Block, Facts, Remark, Report, Said, Section
from stillframe.report.export.drilldowns import drilldown_sections
from stillframe.report.export.evidence import evidence_section, sources_section, two_evidences
from stillframe.report.export.health import health_sections
from stillframe.report.export.picture_of import picture_sections
from stillframe.report.export.writing import Writer
from stillframe.report.languages import Language
from stillframe.report.words import headline, titles_of

_HASH_SHOWN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """
    Two views of one reader, and what differs between them.

    Shape   `comparability`: `{level, reasons}`. `trend_direction`: a word, or `{direction, reason}`. `drilldown`:
            `{categories, previews}`, or None where nobody asked. All as JSON.
    """

    a: SnapshotView
    b: SnapshotView
    diff: Diff
    comparability: Mapping[str, Any]
    trend_direction: str | Mapping[str, Any]
    drilldown: Mapping[str, Any] | None = None


def snapshot_report(view: SnapshotView, *, title: str, language: Language, trend: Sequence[Chart] = ()) -> Report:
    """
    Return one snapshot as a report: its evidence first, then everything that the dashboard showed.

    Shape   `title`: the dashboard's. `trend`: charts of its metrics over time, as many as there are.
    Source  docs/howto/export-evidence.md.
    """
    writer, record = Writer(language=language), view.record
    sections = (
        evidence_section(view, writer),
        *health_sections(view, writer),
        *_trend(trend, writer),
        *picture_sections(view.payload, writer),
        *sources_section(view, writer),
    )
    frame = language.say("document.frame", sequence=language.whole(record.sequence))
    return Report(
        language=language,
        title=language.name(title, most=CELL_MOST),
        kind=language.say("document.snapshot"),
        lead=f"{frame}, {language.time(record.timestamp)}",
        date=record.timestamp,
        footer=record.id,
        proof=_proof(view, language),
        file_stem=f"snapshot-{record.id}",
        sections=sections,
    )


def compare_report(compared: Compared, *, title: str, language: Language, trend: Sequence[Chart] = ()) -> Report:
    """
    Return the comparison of two snapshots as a report: what changed in one sentence, both evidences, then every change.

    Source  docs/howto/export-evidence.md.
    """
    writer, a, b = Writer(language=language), compared.a, compared.b
    titles = titles_of(a.payload) | titles_of(b.payload)
    changes = Changes.of(compared.diff, before=a.payload, after=b.payload, language=language)
    sections = (
        _what_changed(compared, writer),
        two_evidences(a, b, writer),
        *_trend(trend, writer),
        *change_sections(changes, writer),
        *(drilldown_sections(compared.drilldown, writer) if compared.drilldown else ()),
        *health_sections(b, writer),
        *sources_section(b, writer),
    )
    return Report(
        language=language,
        title=language.name(title, most=CELL_MOST),
        kind=language.say("document.compare"),
        lead=headline(compared.diff, titles=titles, language=language),
        date=b.record.timestamp,
        footer=f"{a.record.id} → {b.record.id}",
        proof=f"{_proof(a, language)} → {_proof(b, language)}",
        file_stem=f"compare-{a.record.id}-{b.record.id}",
        sections=sections,
    )


def _what_changed(compared: Compared, writer: Writer) -> Section:
    language = writer.language
    blocks: list[Block] = []
    reasons = compared.comparability.get("reasons", ())
    if reasons:
        said = "; ".join(language.known("reason", str(reason)) for reason in reasons)
        blocks.append(Remark(text=writer.say("remark.not_comparable", reasons=said), warning=True))
    direction = compared.trend_direction
    word = direction if isinstance(direction, str) else str(direction.get("direction", ""))
    frames = [language.whole(found.record.sequence) for found in (compared.a, compared.b)]
    rows = [
        (writer.say("column.before"), Said(_moment(compared.a, language))),
        (writer.say("column.after"), Said(_moment(compared.b, language))),
        (writer.say("fact.trend"), Said(language.known("trend", word))),
        (
            writer.say("fact.comparability"),
            Said(language.known("level", str(compared.comparability.get("level", "")))),
        ),
    ]
    title = writer.say("document.frames", first=frames[0], second=frames[1])
    return Section(title=title[:1].upper() + title[1:], blocks=(*blocks, Facts(rows=tuple(rows))))


def _moment(view: SnapshotView, language: Language) -> str:
    frame = language.say("document.frame", sequence=language.whole(view.record.sequence))
    return f"{frame}, {language.time(view.record.timestamp)}"


def _trend(trend: Sequence[Chart], writer: Writer) -> Iterator[Section]:
    if trend:
        yield Section(title=writer.say("section.trend"), blocks=tuple(trend))


def _proof(view: SnapshotView, language: Language) -> str:
    key = "document.view_proof" if view.redacted else "document.proof"
    return language.say(key, hash=f"{view.hash[:_HASH_SHOWN]}…")
