"""One capture: every source of a view spec is read once, all at the same time, and what they gave is assembled."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NoReturn, assert_never

from stillframe.capture.assemble import Captured, assemble
from stillframe.capture.interface import Connection, Read, Source
from stillframe.capture.push import pushed_values
from stillframe.capture.refusals import refuse
from stillframe.capture.spec_models import (
    FileSourceSpec,
    HttpSourceSpec,
    PrometheusSourceSpec,
    PushSourceSpec,
    SourceSpec,
    SqlSourceSpec,
    ViewSpec,
)
from stillframe.errors import CaptureRefused, Fault, InvalidViewSpec, SourceFailed

GRACE_SECONDS = 1.0
"""How much longer than its limit a source is waited for: its own word about the limit says more than ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What one source gave, or how it failed."""

    source: str
    milliseconds: float
    read: Read | None = None
    error: Exception | None = None


def capture(
    spec: ViewSpec,
    *,
    connections: Mapping[str, Connection],
    pushed: Mapping[str, Any] | None,
    max_rows: int,
    source_timeout_seconds: float,
) -> Captured:
    """
    Return what a dashboard shows now.

    A source is asked once, however many panels use it; all are waited for, so that none reads on after the capture.

    Shape   `pushed`: by panel, the rows or the number of each panel whose source is `push`.
    Units   Each source has `source_timeout_seconds`, and all together the view spec's `capture_timeout_seconds`.
    Errors  SourceFailed naming the source that did not answer; CaptureRefused naming panel, row and field, or the
            source.
    """
    given = pushed_values(spec, pushed)
    sources = _sources(spec, connections)
    seconds = min(source_timeout_seconds, spec.capture_timeout_seconds)
    answers = _read_all(sources, max_rows=max_rows, seconds=seconds)
    reads = _successes(spec, answers)
    read_panels = {name: panel for name, panel in spec.panels.items() if panel.source in reads}
    return assemble(
        spec,
        values=given | {name: reads[panel.source].value for name, panel in read_panels.items()},
        columns={name: reads[panel.source].columns for name, panel in read_panels.items()},
        info=_info(spec, answers, given),
        max_rows=max_rows,
    )


def check_sources(spec: ViewSpec, connections: Mapping[str, Connection]) -> None:
    """
    Refuse, without asking any source, what every capture would refuse: SQL that is not one SELECT, paths that climb.

    Errors  InvalidViewSpec at `$.sources.NAME…`; SourceFailed for a connection that is unknown or no URL.
    """
    faults: list[Fault] = []
    for name, source in _sources(spec, connections).items():
        try:
            source.check()
        except CaptureRefused as error:
            faults += [_under_source(name, fault) for fault in error.faults]
    if faults:
        raise InvalidViewSpec(faults=faults)


def _sources(spec: ViewSpec, connections: Mapping[str, Connection]) -> dict[str, Source]:
    return {
        name: _source(name, source, connections)
        for name, source in spec.sources.items()
        if not isinstance(source, PushSourceSpec)
    }


def _read_all(sources: Mapping[str, Source], *, max_rows: int, seconds: float) -> dict[str, _Answer]:
    """
    Read every source in a thread of its own.

    The threads are daemons: one that hangs in a name server or a network file system can neither be stopped nor may it
    keep the process from ending.
    """
    answers: SimpleQueue[_Answer] = SimpleQueue()
    for name, source in sources.items():
        asked = {"max_rows": max_rows, "seconds": seconds, "answers": answers}
        Thread(target=_read, args=(name, source), kwargs=asked, name=f"source {name}", daemon=True).start()
    found: dict[str, _Answer] = {}
    give_up_at = time.monotonic() + seconds + GRACE_SECONDS
    while len(found) < len(sources):
        try:
            answer = answers.get(timeout=max(0.0, give_up_at - time.monotonic()))
        except Empty:
            break
        found[answer.source] = answer
    late = SourceFailed(f"no answer within {seconds:g} s")
    return {name: found.get(name) or _Answer(source=name, milliseconds=seconds * 1000, error=late) for name in sources}


def _read(name: str, source: Source, *, max_rows: int, seconds: float, answers: SimpleQueue[_Answer]) -> None:
    started = time.perf_counter()
    read, failure = None, None
    try:
        read = source.read(max_rows=max_rows, seconds=seconds)
    except Exception as error:  # noqa: BLE001  # because whoever waits for the answer raises it again
        failure = error
    took = round((time.perf_counter() - started) * 1000, 3)
    answers.put(_Answer(source=name, milliseconds=took, read=read, error=failure))


def _successes(spec: ViewSpec, answers: Mapping[str, _Answer]) -> dict[str, Read]:
    failed = {name: answer.error for name, answer in answers.items() if answer.error is not None}
    refused = {name: error for name, error in failed.items() if isinstance(error, CaptureRefused)}
    for name, error in failed.items():
        if name not in refused:
            _raise(name, error)
    if refused:
        raise refuse([_under_source(name, fault) for name, error in refused.items() for fault in error.faults])
    return {name: answer.read for name, answer in answers.items() if answer.read is not None}


def _raise(name: str, error: Exception) -> NoReturn:
    if isinstance(error, SourceFailed):
        raise SourceFailed(f"the source {name!r} failed: {error.message}", source=name) from None
    raise error


def _under_source(name: str, fault: Fault) -> Fault:
    if fault.path.startswith("$"):
        return Fault(path=f"$.sources.{name}{fault.path[1:]}", message=fault.message)
    return Fault(path=f"$.sources.{name}", message=f"{fault.path}: {fault.message}")


def _info(spec: ViewSpec, answers: Mapping[str, _Answer], given: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    info: dict[str, Mapping[str, Any]] = {}
    for name in spec.sources:
        if name in answers and (read := answers[name].read) is not None:
            warnings = {"warnings": list(read.warnings)} if read.warnings else {}
            info[name] = {"rows": read.rows, "milliseconds": answers[name].milliseconds, **warnings}
        else:
            sizes = [_size(given[panel]) for panel, found in spec.panels.items() if found.source == name]
            info[name] = {"rows": sum(sizes), "milliseconds": 0}
    return info


def _size(value: object) -> int:
    return len(value) if isinstance(value, list) else 1


def _source(name: str, source: SourceSpec, connections: Mapping[str, Connection]) -> Source:
    """Bind a source of a view spec to its connection; only what is used is imported."""
    if isinstance(source, PushSourceSpec):
        raise TypeError("what is pushed is not read")
    connection = connections.get(source.connection)
    if connection is None:
        message = f"the source {name!r} failed: no connection is named {source.connection!r} in the configuration"
        raise SourceFailed(message, source=name)
    match source:
        case SqlSourceSpec():
            from stillframe.capture.sql import SqlSource

            return SqlSource(connection=connection, query=source.query)
        case FileSourceSpec():
            from stillframe.capture.file import FileSource

            return FileSource(
                connection=connection, path=source.path, format=source.format, select=source.select, types=source.types
            )
        case HttpSourceSpec():
            from stillframe.capture.http import HttpSource

            return HttpSource(connection=connection, path=source.path, select=source.select)
        case PrometheusSourceSpec():
            from stillframe.capture.prometheus import PrometheusSource

            return PrometheusSource(connection=connection, query=source.query)
        case _ as never:
            assert_never(never)
