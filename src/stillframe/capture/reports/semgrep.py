"""Semgrep's JSON: what its rules matched, and the paths of tainted values that it followed."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from stillframe.capture.reports.gathering import Gathered
from stillframe.capture.reports.identity import Place, content_of, relative_file, title_of
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.loose import loose_members
from stillframe.capture.reports.walking import NOTHING, Version, Walk, is_there
from stillframe.model.facts import Finding, Part, ReportFacts, Severity

FORMAT: Final = "semgrep"
NEEDS_LOGIN: Final = "requires login"
"""What Semgrep writes in the place of lines and fingerprints where nobody is logged in."""
_SEVERITIES: Final[dict[str, Severity]] = {
    "CRITICAL": "critical",
    "ERROR": "high",
    "HIGH": "high",
    "WARNING": "medium",
    "MEDIUM": "medium",
    "INFO": "low",
    "LOW": "low",
    "INVENTORY": "info",
    "EXPERIMENT": "info",
}
_OTHERS: Final = frozenset({"metrics", "generated_at"})
_MOST_ITEM_BYTES: Final = 4 * 1024 * 1024


class _Document(msgspec.Struct):
    results: msgspec.Raw
    errors: msgspec.Raw = NOTHING
    paths: msgspec.Raw = NOTHING
    version: Version | None = None


class _Error(msgspec.Struct):
    level: str = ""
    message: str | None = None


class _Position(msgspec.Struct):
    line: int


class _Extra(msgspec.Struct):
    message: str
    severity: Literal[
        "CRITICAL", "ERROR", "HIGH", "WARNING", "MEDIUM", "INFO", "LOW", "INVENTORY", "EXPERIMENT"
    ]  # fmt: skip
    metadata: msgspec.Raw = NOTHING
    lines: str | None = None
    fingerprint: str | None = None
    is_ignored: bool | None = None
    dataflow_trace: msgspec.Raw = NOTHING


class _Result(msgspec.Struct):
    check_id: str
    path: str
    start: _Position
    extra: _Extra


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_ERROR: Final = msgspec.json.Decoder(_Error)
_RESULT: Final = msgspec.json.Decoder(_Result)


class Semgrep:
    """Reads `semgrep scan --json`."""

    format = FORMAT
    title = "Semgrep JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether there is what Semgrep writes, whole or cut off in its first result."""
        if look.syntax != "json" or look.is_list or look.keys & _OTHERS:
            return False
        return look.keys >= {"results", "errors"} or look.keys >= {"results", "check_id"}

    def read(self, report: Report) -> ReportFacts:
        """
        Read the findings; a run with a fatal error is a failed one, whatever it found before, and so is one that
        scanned nothing.

        Errors  CaptureRefused naming file, format and position.
        """
        walk = Walk(report, of=FORMAT)
        top = walk.top(_DOCUMENT)
        findings = _findings(walk, top.results, report.root)
        failed = _failure(walk, top.errors) or _nothing_scanned(walk, top.paths)
        return ReportFacts(
            format=FORMAT,
            reader=self.version,
            tool="semgrep",
            version=top.version,
            looks_for=("audit",),
            failed=failed,
            findings=None if failed else findings,
            taint_paths=not failed,
        )


def _findings(walk: Walk, results: msgspec.Raw, root: str | None) -> list[Finding]:
    gathered = Gathered(walk)
    for _, found in walk.items(results, _RESULT, path="$.results", most_bytes=_MOST_ITEM_BYTES):
        extra = found.extra
        place = Place(
            rule=found.check_id,
            file=relative_file(found.path, root),
            content=_real(extra.fingerprint) or content_of(_real(extra.lines), extra.message),
            line=found.start.line,
        )
        gathered.add(
            place,
            part=_part(loose_members(extra.metadata)),
            severity=_SEVERITIES[extra.severity],
            message=extra.message,
            suppressed=extra.is_ignored is True,
            tainted=is_there(extra.dataflow_trace),
        )
    return gathered.findings()


def _real(text: str | None) -> str | None:
    return None if text is None or text.strip() == NEEDS_LOGIN else text


def _part(metadata: dict[str, Any]) -> Part:
    category = metadata.get("category")
    return "quality" if isinstance(category, str) and category.strip().lower() not in ("", "security") else "audit"


def _nothing_scanned(walk: Walk, raw: msgspec.Raw) -> str | None:
    paths = loose_members(raw).get("scanned") if is_there(raw) else None
    return "Semgrep scanned no file" if paths == [] else None


def _failure(walk: Walk, errors: msgspec.Raw) -> str | None:
    for _, error in walk.items(errors, _ERROR, path="$.errors", most_bytes=_MOST_ITEM_BYTES):
        if error.level == "error":
            return f"Semgrep's run failed: {title_of(error.message or 'it does not say why')}"
    return None
