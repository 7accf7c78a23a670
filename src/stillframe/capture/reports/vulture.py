"""Reads what vulture prints: code that nothing uses, and code that nothing reaches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from stillframe.capture.reports.documents import MOST_FINDINGS, too_many
from stillframe.capture.reports.identity import Place, finding_ids, relative_file
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.not_parsed import LONGEST_FILE, LONGEST_WHY, NotParsed, findings, in_words
from stillframe.capture.reports.text_lines import text_lines
from stillframe.model.facts import Finding, ReportFacts

LONGEST_LINE: Final = 4_096
"""Letters: of a path, a name and what vulture says of it."""
UNREACHABLE: Final = "unreachable-code"
_CONFIDENCE: Final = r" \(\d{1,3}% confidence(?:, \d{1,9} lines?)?\)"
_ITEM: Final = re.compile(
    r"(?P<file>\S.*?):(?P<line>\d{1,9}): "
    r"(?P<title>unused (?P<kind>[a-z]+) '(?P<name>.+)'|(?:unreachable|unsatisfiable|redundant) .+)" + _CONFIDENCE
)
_VERSION: Final = re.compile(r"vulture (\d+(?:\.\w+)*)")
_NOT_PARSED: Final = re.compile(r"(\S.*?):(?:\d+:)? (.+ at \".*\"|invalid source code \".*\")")
_BEGINS: Final = re.compile(
    rf"^(?:{_VERSION.pattern}|.+:\d+: (?:unused|unreachable|unsatisfiable|redundant) .+{_CONFIDENCE}"
    r"|\S.*\.pyi?:\d+: .+ at \".*\")\s*$",
    re.MULTILINE,
)


@dataclass(slots=True)
class _Printed:
    version: str | None = None
    places: list[Place] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    not_parsed: list[NotParsed] = field(default_factory=list)


class VultureText:
    """
    What `vulture` prints, with and without `--sort-by-size`.

    Where nothing is unused it prints nothing at all, and an empty file says nothing. What `vulture --version` prints,
    put behind the report once vulture has ended well, says that it did.
    """

    format = "vulture"
    title = "vulture text"
    version = 1

    def recognises(self, look: Look) -> bool:
        return look.syntax == "text" and _BEGINS.search(look.head) is not None

    def read(self, report: Report) -> ReportFacts:
        printed = self._printed(report)
        failed = bool(printed.not_parsed) and not printed.places
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool="vulture",
            version=printed.version,
            failed=in_words(printed.not_parsed) if failed else None,
            findings=None if failed else findings(printed.not_parsed, tool="vulture", root=report.root),
            looks_for=("quality",),
            unused=None if failed else _unused(printed),
        )

    def _printed(self, report: Report) -> _Printed:
        printed = _Printed()
        for number, line in text_lines(report, of=self.format):
            if not line:
                continue
            found = _ITEM.fullmatch(line) if len(line) <= LONGEST_LINE else None
            if found:
                rule = f"unused-{found['kind']}" if found["kind"] else UNREACHABLE
                content = found["name"] or found["title"]
                file = relative_file(found["file"], report.root)
                printed.places.append(Place(rule, file, content, int(found["line"])))
                printed.titles.append(found["title"])
            elif version := _VERSION.fullmatch(line):
                printed.version = version[1]
            elif len(line) <= LONGEST_LINE and (error := _NOT_PARSED.fullmatch(line)):
                printed.not_parsed.append(NotParsed(error[1][:LONGEST_FILE], error[2][:LONGEST_WHY]))
            else:
                message = "this is no line of vulture's report; with --verbose or --make-whitelist it is not read"
                raise report.refused(f"line {number}", message, of=self.format)
            if len(printed.places) + len(printed.not_parsed) > MOST_FINDINGS:
                raise too_many(report, of=self.format)
        return printed


def _unused(printed: _Printed) -> list[Finding]:
    """Return what is unused: each a low matter, for who goes by names does not know who calls from outside."""
    return [
        Finding(id=id_, part="quality", severity="low", title=title, rule=place.rule, file=place.file, line=place.line)
        for id_, title, place in zip(finding_ids(printed.places), printed.titles, printed.places, strict=True)
    ]
