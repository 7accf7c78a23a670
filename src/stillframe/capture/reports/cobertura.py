"""Reads Cobertura's XML as coverage.py, gcovr, coverlet and many others write it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.xml_stream import visit
from stillframe.errors import CaptureRefused
from stillframe.model.facts import Coverage, ReportFacts, Share

_CONDITIONS: Final = re.compile(r"\((\d{1,12})/(\d{1,12})\)")
_COUNT: Final = re.compile(r"\d{1,12}")
_GCOVR: Final = "gcovr "
_FORMAT: Final = "cobertura"


class CoberturaXml:
    """What `coverage xml`, `pytest --cov-report xml`, `gcovr --cobertura`, coverlet and Cobertura itself write."""

    format = _FORMAT
    title = "Cobertura XML"
    version = 1

    def recognises(self, look: Look) -> bool:
        return look.syntax == "xml" and look.root == "coverage"

    def read(self, report: Report) -> ReportFacts:
        found = _Found(report)
        visit(report, found, of=self.format)
        tool, version = _writer(found.root.get("version"), report.look.head)
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=tool,
            version=version,
            coverage=Coverage(line=found.lines(), branch=found.branches(), functions=found.functions()),
        )


class _Found:
    """The figures at the root, and what is counted on the way: conditions of lines, and methods."""

    def __init__(self, report: Report) -> None:
        self.root: Mapping[str, str] = {}
        self._report = report
        self._path: list[str] = []
        self._conditions = self._conditions_met = 0
        self._methods = self._methods_run = 0
        self._lines_in_method = self._hits_in_method = 0

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name)
        match name:
            case "coverage" if len(self._path) == 1:
                self._check_root(attributes)
            case "method":
                self._lines_in_method = self._hits_in_method = 0
            case "line" if "method" in self._path:
                self._lines_in_method += 1
                self._hits_in_method += attributes.get("hits", "0") != "0"
            case "line":
                self._count_conditions(attributes)

    def text(self, piece: str) -> None:
        """Nothing in Cobertura's texts is a figure."""

    def closed(self, name: str) -> None:
        self._path.pop()
        if name == "method" and self._lines_in_method:
            self._methods += 1
            self._methods_run += self._hits_in_method > 0

    def lines(self) -> Share | None:
        return self._counted("lines") if "lines-valid" in self.root else self._rate("line-rate")

    def branches(self) -> Share | None:
        if "branches-valid" in self.root:
            return self._counted("branches")
        if self._conditions:
            return Share(part=self._conditions_met, whole=self._conditions)
        rate = self._rate("branch-rate")
        return rate if rate and rate.part else None

    def functions(self) -> Share | None:
        return Share(part=self._methods_run, whole=self._methods) if self._methods else None

    def _check_root(self, attributes: Mapping[str, str]) -> None:
        self.root = dict(attributes)
        if not {"line-rate", "lines-valid"} & set(attributes):
            message = "this coverage report is not Cobertura's: it has neither line-rate nor lines-valid"
            raise self._refused("/coverage", message)

    def _count_conditions(self, attributes: Mapping[str, str]) -> None:
        found = _CONDITIONS.search(attributes.get("condition-coverage", ""))
        if found:
            self._conditions_met += min(int(found[1]), int(found[2]))
            self._conditions += int(found[2])

    def _counted(self, what: str) -> Share | None:
        whole = self._number(f"{what}-valid")
        part = self._number(f"{what}-covered")
        if part > whole:
            message = f"{part} of {whole} {what} were covered, which cannot be"
            raise self._refused(f"/coverage/@{what}-covered", message)
        return Share(part=part, whole=whole) if whole else None

    def _number(self, name: str) -> int:
        text = self.root.get(name, "")
        if not _COUNT.fullmatch(text):
            raise self._refused(f"/coverage/@{name}", f"a number of {name.partition('-')[0]} is asked for here")
        return int(text)

    def _rate(self, name: str) -> Share | None:
        text = self.root.get(name)
        if text is None:
            return None
        try:
            rate = float(text)
        except ValueError:
            rate = math.nan
        if not 0 <= rate <= 1:
            raise self._refused(f"/coverage/@{name}", "a rate from 0 to 1 is asked for here")
        return Share(part=rate, whole=1)

    def _refused(self, where: str, message: str) -> CaptureRefused:
        return self._report.refused(where, message, of=_FORMAT)


def _writer(version: str | None, head: str) -> tuple[str | None, str | None]:
    """Return tool and version where the report says them; the `version` of most writers is the format's."""
    if "Generated by coverage.py" in head:
        return "coverage.py", version
    if version and version.startswith(_GCOVR):
        return "gcovr", version.removeprefix(_GCOVR)
    return None, None
