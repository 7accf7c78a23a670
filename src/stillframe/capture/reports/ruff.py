"""Ruff's JSON: a list of what its rules found, those of flake8-bandit among them."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from stillframe.capture.reports.gathering import Gathered
from stillframe.capture.reports.identity import Place, content_of, relative_file
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.walking import RAW, Walk
from stillframe.model.facts import Part, ReportFacts, Severity

FORMAT: Final = "ruff"
SYNTAX_ERROR: Final = "invalid-syntax"
_KEYS: Final = frozenset({"code", "filename", "location", "message"})
_SECURITY: Final = re.compile(r"S\d")
_EMPTY: Final = re.compile(r"\[\s*\]\s*")
_LOW: Final = frozenset(
    {
        "S101", "S105", "S106", "S107", "S110", "S112", "S311", "S403", "S404", "S405", "S406", "S407", "S408", "S409",
        "S504", "S603", "S606", "S607",
    }
)  # fmt: skip
_HIGH: Final = frozenset(
    {
        "S201", "S202", "S312", "S321", "S324", "S401", "S402", "S411", "S412", "S413", "S415", "S501", "S502", "S507",
        "S602", "S605", "S609", "S701",
    }
)  # fmt: skip


class _Location(msgspec.Struct):
    row: int


class _Item(msgspec.Struct):
    filename: str
    message: str
    code: str | None = None
    location: _Location | None = None


_ITEM: Final = msgspec.json.Decoder(_Item)


class Ruff:
    """
    Reads `ruff check --output-format json`.

    An empty list is Ruff's report of nothing found; of the other tools that write `[]` none is read that looks at code.
    """

    format = FORMAT
    title = "Ruff JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether this is a list of objects with the members of Ruff's, or an empty list."""
        if look.syntax != "json" or not look.is_list:
            return False
        return look.keys >= _KEYS or (not look.keys and _EMPTY.fullmatch(look.head) is not None)

    def read(self, report: Report) -> ReportFacts:
        """
        Read the findings: rules S… of flake8-bandit are of the part audit, all others of quality.

        Errors  CaptureRefused naming file, format and position.
        """
        walk = Walk(report, of=FORMAT)
        gathered = Gathered(walk)
        for _, item in walk.items(walk.top(RAW), _ITEM, path="$"):
            rule = item.code or SYNTAX_ERROR
            row = item.location.row if item.location else 0
            place = Place(
                rule=rule,
                file=relative_file(item.filename, report.root),
                content=content_of(None, item.message),
                line=row,
            )
            gathered.add(place, part=part_of_rule(rule), severity=severity_of_rule(rule), message=item.message)
        return ReportFacts(
            format=FORMAT, reader=self.version, tool="ruff", looks_for=("quality",), findings=gathered.findings()
        )


def part_of_rule(rule: str) -> Part:
    """
    Return what one of Ruff's rules speaks of.

    >>> part_of_rule("S608"), part_of_rule("SIM108"), part_of_rule("E501")
    ('audit', 'quality', 'quality')
    """
    return "audit" if _SECURITY.match(rule) else "quality"


def severity_of_rule(rule: str) -> Severity:
    """
    Return how bad a finding of one of Ruff's rules is, which Ruff does not say: all its findings are errors to it.

    >>> severity_of_rule("invalid-syntax"), severity_of_rule("S602"), severity_of_rule("S608"), severity_of_rule("E501")
    ('high', 'high', 'medium', 'low')

    Source  Security rules: what Bandit 1.9 says of the same checks; S608 is its B608.
    """
    if rule == SYNTAX_ERROR or rule in _HIGH:
        return "high"
    return "medium" if part_of_rule(rule) == "audit" and rule not in _LOW else "low"
