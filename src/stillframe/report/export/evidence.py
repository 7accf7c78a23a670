"""Evidence: what proves a snapshot — ids, times, who and why, hashes, versions, sources — for one or for two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stillframe.model.view import SnapshotView
from stillframe.report.export.document import Block, Column, Facts, Grid, Remark, Said, Section
from stillframe.report.export.writing import EMPTY, Writer


def evidence_section(view: SnapshotView, writer: Writer) -> Section:
    """Return everything that proves one snapshot."""
    facts = tuple((writer.say(f"fact.{name}"), said) for name, said in _facts(view, writer) if said.text)
    blocks: list[Block] = [*remarks(view, writer), Facts(rows=facts)]
    return Section(title=writer.say("section.evidence"), blocks=tuple(blocks))


def two_evidences(a: SnapshotView, b: SnapshotView, writer: Writer) -> Section:
    """Return what proves two snapshots, side by side."""
    after = dict(_facts(b, writer))
    rows = tuple(
        (Said(writer.say(f"fact.{name}")), before, after[name])
        for name, before in _facts(a, writer)
        if before.text or after[name].text
    )
    columns = (
        Column(title=""),
        Column(title=writer.say("column.before"), weight=1),
        Column(title=writer.say("column.after"), weight=1),
    )
    noted = dict.fromkeys([*remarks(a, writer), *remarks(b, writer)])
    return Section(title=writer.say("section.evidence"), blocks=(*noted, writer.grid(columns, rows, total=len(rows))))


def sources_section(view: SnapshotView, writer: Writer) -> Iterator[Section]:
    """Return where the data came from, and the files that were read; nothing where nothing is known."""
    blocks = tuple(grid for grid in (_sources(view, writer), _bundle(view, writer)) if grid.rows)
    if blocks:
        yield Section(title=writer.say("section.sources"), blocks=blocks)


def remarks(view: SnapshotView, writer: Writer) -> Iterator[Remark]:
    """Return what a reader must know before the figures: a view, an empty or a partial capture."""
    if view.redacted:
        yield Remark(text=writer.say("remark.view"), warning=True)
    if view.record.capture_status != "good":
        yield Remark(text=writer.say(f"remark.{view.record.capture_status}"), warning=True)


def _facts(view: SnapshotView, writer: Writer) -> Iterator[tuple[str, Said]]:
    """Give each fact by its name, in the order in which they are read; an empty one is not known."""
    record, language = view.record, writer.language
    moment = language.time
    yield "id", writer.code(record.id)
    yield "sequence", writer.whole(record.sequence)
    yield "scope", writer.text(record.scope_ref)
    yield "timestamp", Said(moment(record.timestamp))
    yield "as_of", EMPTY if record.as_of == record.timestamp else Said(moment(record.as_of))
    yield "late", Said(language.say("yes")) if record.late else EMPTY
    yield "initiator", writer.text(record.initiator)
    yield "trigger", Said(language.known("trigger", record.trigger_source))
    yield "reason", writer.text(record.reason)
    yield "status", Said(language.known("status", record.capture_status))
    yield "adopted", EMPTY if record.adopted else Said(language.say("no"), "down")
    # A view never tells the name of the whole: with it, a guess at a hidden member could be proved.
    yield "content_hash", EMPTY if view.redacted else writer.code(record.content_hash)
    yield "view_hash", writer.code(view.view_hash)
    yield "view_spec_hash", writer.code(record.view_spec_hash)
    yield "formula_digest", writer.code(record.formula_digest)
    yield "analyzer_version", writer.text(record.analyzer_version)
    yield "rule_version", writer.text(record.rule_version)
    yield "source_ref", writer.text(record.source_ref)
    yield "retention_class", writer.text(record.retention_class)
    yield "immutable", Said(language.say("yes" if record.immutable else "no"))
    yield "lifecycle_state", writer.text(record.lifecycle_state)
    yield "parent", writer.code(record.parent_snapshot_id)


def _sources(view: SnapshotView, writer: Writer) -> Grid:
    columns = [
        writer.head("source", weight=1),
        writer.head("type"),
        writer.head("rows", right=True),
        writer.head("milliseconds", right=True),
    ]
    kinds = {source.get("name", ""): source.get("type", "") for source in view.payload.sources}
    names = list(dict.fromkeys([*kinds, *view.record.capture]))
    rows = (
        (
            writer.text(name),
            writer.text(kinds.get(name, "")) if kinds.get(name) else EMPTY,
            *(_figure(view.record.capture.get(name), member, writer) for member in ("rows", "milliseconds")),
        )
        for name in names
    )
    return writer.grid(columns, rows, total=len(names), sparse=True)


def _figure(said: object, member: str, writer: Writer) -> Said:
    value = said.get(member) if isinstance(said, Mapping) else None
    return writer.cell(value) if isinstance(value, int | float) else EMPTY


def _bundle(view: SnapshotView, writer: Writer) -> Grid:
    columns = [
        writer.head("file", weight=1),
        writer.head("tool"),
        writer.head("bytes", right=True),
        writer.head("hash", weight=1),
    ]
    rows = (
        (
            writer.text(str(found.get("name") or "")),
            writer.text(" ".join(str(found[word]) for word in ("tool", "version") if found.get(word)) or None),
            _figure(found, "bytes", writer),
            writer.code(found.get("sha256")),
        )
        for found in view.record.source_bundle
    )
    return writer.grid(columns, rows, total=len(view.record.source_bundle), sparse=True)
