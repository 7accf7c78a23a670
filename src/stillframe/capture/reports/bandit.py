"""Bandit's JSON: security findings in Python, and how many lines of code there are."""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

from stillframe.capture.reports.gathering import Gathered
from stillframe.capture.reports.identity import Place, content_of, relative_file, title_of
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.walking import NOTHING, Name, Walk, is_there
from stillframe.model.facts import CodeSize, Finding, ReportFacts, Severity

FORMAT: Final = "bandit"
_SEVERITIES: Final[dict[str, Severity]] = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNDEFINED": "info"}
_KEYS: Final = frozenset({"metrics", "generated_at"})
_VERSION: Final = re.compile(r"/en/(\d[\w.+-]{0,40})/")
_NUMBERED: Final = re.compile(r"(\d+) ?(.*)")
_MOST_METRICS_BYTES: Final = 8 * 1024 * 1024


class _Totals(msgspec.Struct):
    loc: int | None = None


class _Metrics(msgspec.Struct):
    totals: _Totals | None = msgspec.field(name="_totals", default=None)


class _Document(msgspec.Struct):
    results: msgspec.Raw
    errors: msgspec.Raw = NOTHING
    metrics: msgspec.Raw = NOTHING


class _Error(msgspec.Struct):
    filename: str = ""
    reason: str = ""


class _Result(msgspec.Struct):
    filename: str
    issue_severity: Literal["HIGH", "MEDIUM", "LOW", "UNDEFINED"]
    issue_text: str
    line_number: int
    test_id: Name
    code: str | None = None
    more_info: str | None = None


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_METRICS: Final = msgspec.json.Decoder(_Metrics)
_FILES: Final = msgspec.json.Decoder(dict[str, _Totals])
_ERROR: Final = msgspec.json.Decoder(_Error)
_RESULT: Final = msgspec.json.Decoder(_Result)


class Bandit:
    """Reads `bandit -f json`."""

    format = FORMAT
    title = "Bandit JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether there is what only Bandit writes beside `results`."""
        return (
            look.syntax == "json"
            and not look.is_list
            and look.keys >= _KEYS
            and bool(look.keys & {"results", "errors"})
        )

    def read(self, report: Report) -> ReportFacts:
        """
        Read findings and lines of code; a run that scanned nothing is a failed one.

        Errors  CaptureRefused naming file, format and position.
        """
        walk = Walk(report, of=FORMAT)
        top = walk.top(_DOCUMENT)
        metrics = walk.part(top.metrics, _METRICS, path="$.metrics", most_bytes=len(report.data)) or _Metrics()
        findings, version = _findings(walk, top.results, report.root)
        lines = metrics.totals.loc if metrics.totals else None
        failed = None if findings else _failure(walk, top) or ("Bandit found no line of Python" if lines == 0 else None)
        return ReportFacts(
            format=FORMAT,
            reader=self.version,
            tool="bandit",
            version=version,
            looks_for=("audit",),
            failed=failed,
            findings=None if failed else findings,
            code_size=None if failed or lines is None or lines < 0 else CodeSize(lines=lines, source="bandit"),
        )


def _findings(walk: Walk, results: msgspec.Raw, root: str | None) -> tuple[list[Finding], str | None]:
    gathered = Gathered(walk)
    version = None
    for _, found in walk.items(results, _RESULT, path="$.results"):
        place = Place(
            rule=found.test_id,
            file=relative_file(found.filename, root),
            content=content_of(_line(found.code, found.line_number), found.issue_text),
            line=found.line_number,
        )
        gathered.add(place, part="audit", severity=_SEVERITIES[found.issue_severity], message=found.issue_text)
        version = version or _version(found.more_info)
    return gathered.findings(), version


def _line(code: str | None, number: int) -> str | None:
    """Return one line of an excerpt in which Bandit puts its number before each line."""
    for line in (code or "").splitlines():
        found = _NUMBERED.match(line)
        if found and found[1] == str(number):
            return found[2]
    return None


def _version(link: str | None) -> str | None:
    found = _VERSION.search(link or "")
    return found[1] if found else None


def _failure(walk: Walk, top: _Document) -> str | None:
    """Say why nothing was scanned: there are errors, and no file is measured that has none."""
    errors = [error for _, error in walk.items(top.errors, _ERROR, path="$.errors")]
    if not errors or len(memoryview(top.metrics)) > _MOST_METRICS_BYTES:
        return None
    files = walk.part(top.metrics, _FILES, path="$.metrics") if is_there(top.metrics) else None
    if set(files or ()) - {"_totals"} - {error.filename for error in errors}:
        return None
    first = errors[0]
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"Bandit scanned nothing: {title_of(first.filename)}: {title_of(first.reason)}{more}"
