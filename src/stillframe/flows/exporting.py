"""Exporting a snapshot, or a comparison of two, as JSON, Markdown or PDF; the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from stillframe.errors import InvalidInput, nearest
from stillframe.flows.comparing import Compared, compared
from stillframe.flows.seeing import visible_snapshot
from stillframe.flows.services import Services
from stillframe.flows.trends import history_of
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.view import SnapshotView
from stillframe.render import pdf_document
from stillframe.report.charts import Chart, Line, trend_chart
from stillframe.report.drilldown import drilldown
from stillframe.report.export import (
    Compared as ComparedEvidence,
)
from stillframe.report.export import (
    Report,
    attachment_of,
    chart_words,
    compare_json,
    compare_report,
    markdown,
    snapshot_json,
    snapshot_report,
)
from stillframe.report.languages import Language, language
from stillframe.report.trend import trend_of_diff
from stillframe.store import Unit

ExportFormat: TypeAlias = Literal["json", "markdown", "pdf"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
DEFAULT_LANGUAGE = "en"
_POINTS_LEAST = 2
_LABEL_MOST = 60
_MEDIA_TYPES: dict[ExportFormat, str] = {
    "json": "application/json",
    "markdown": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
}
_SUFFIXES: dict[ExportFormat, str] = {"json": "json", "markdown": "md", "pdf": "pdf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A document, what kind it is, and under which name it is to be kept."""

    content: bytes
    media_type: str
    file_name: str


@dataclass(frozen=True, kw_only=True)
class _Evidence:
    """What was read for an export, before it is written in any form."""

    dashboard: Dashboard
    view: SnapshotView
    compared: Compared | None
    trend: Sequence[Chart]

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        if self.compared is None:
            return f"snapshot-{self.view.record.id}"
        return f"compare-{self.compared.a.record.id}-{self.compared.b.record.id}"

    @property
    def report_input(self) -> ComparedEvidence | None:
        """The comparison as reports take it."""
        found = self.compared
        if found is None:
            return None
        return ComparedEvidence(
            a=found.a,
            b=found.b,
            diff=found.diff,
            comparability=found.comparability,
            trend_direction=trend_of_diff(found.diff).as_dict(),
            drilldown=drilldown(found.a.payload, found.b.payload, found.diff),
        )


def export_snapshot(
    services: Services,
    caller: Caller,
    *,
    snapshot_id: str,
    format: str,  # noqa: A002  # because that is its name
    baseline_snapshot_id: str | None = None,
    language_code: str = DEFAULT_LANGUAGE,
) -> Exported:
    """
    Return a snapshot as a document; with a baseline, the comparison of the two.

    Of a view that is not whole the document carries the view's hash, and never the whole's hash or payload.

    Errors  InvalidInput for an unknown format or language; NotFound; Gone; NotComparable; RenderFailed.
    """
    form = _form(format)
    words = language(language_code)
    evidence = _read(services, caller, snapshot_id=snapshot_id, baseline_id=baseline_snapshot_id, words=words)
    return Exported(
        content=_content(services, evidence, form=form, words=words),
        media_type=_MEDIA_TYPES[form],
        file_name=f"{evidence.stem}.{_SUFFIXES[form]}",
    )


def _form(text: str) -> ExportFormat:
    found = next((form for form in EXPORT_FORMATS if form == text), None)
    if found is None:
        raise InvalidInput.at("$.format", f"{text[:40]!r} is not a format{nearest(text, EXPORT_FORMATS)}")
    return found


def _read(
    services: Services, caller: Caller, *, snapshot_id: str, baseline_id: str | None, words: Language
) -> _Evidence:
    with services.store.read() as unit:
        view, dashboard = visible_snapshot(unit, caller, snapshot_id)
        pair = None
        if baseline_id is not None:
            pair = compared(services, unit, caller, from_id=baseline_id, to_id=snapshot_id)
        trend = _trend(unit, caller, dashboard, view=view, words=words)
    return _Evidence(dashboard=dashboard, view=view, compared=pair, trend=trend)


def _trend(unit: Unit, caller: Caller, dashboard: Dashboard, *, view: SnapshotView, words: Language) -> Sequence[Chart]:
    """Return the primary metric up to this snapshot as a chart, where there is enough of it to be one."""
    name = view.payload.primary.metric
    metric = view.payload.primary_metric
    if name is None or metric is None:
        return ()
    block = history_of(unit, caller, dashboard, names=[name], until=view.record.as_of)
    if sum(value is not None for value in block.values[name]) < _POINTS_LEAST:
        return ()
    line = Line(name=words.label(name, most=_LABEL_MOST), values=block.values[name], tolerance=metric.field.tolerance)
    drawn = trend_chart(block.as_of, [line], words=chart_words(words))
    return (drawn,)


def _content(services: Services, evidence: _Evidence, *, form: ExportFormat, words: Language) -> bytes:
    title, pair = evidence.dashboard.title, evidence.report_input
    if form == "json":
        return snapshot_json(evidence.view, title=title) if pair is None else compare_json(pair, title=title)
    report = _report(evidence, pair, words=words)
    if form == "markdown":
        return markdown(report).encode()
    views = [evidence.view] if pair is None else [pair.a, pair.b]
    return pdf_document(services.renderer, report, attachments=[attachment_of(view) for view in views])


def _report(evidence: _Evidence, pair: ComparedEvidence | None, *, words: Language) -> Report:
    title = evidence.dashboard.title
    if pair is None:
        return snapshot_report(evidence.view, title=title, language=words, trend=evidence.trend)
    return compare_report(pair, title=title, language=words, trend=evidence.trend)
