"""Reads what interrogate prints: how much of a package has docstrings."""

from __future__ import annotations

import re
from typing import Final

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.text_lines import text_lines
from stillframe.errors import CaptureRefused
from stillframe.model.facts import ReportFacts, Share

_RESULT: Final = re.compile(
    r"(?:-+ )?RESULT: (?:PASSED|FAILED) \(minimum: \d{1,3}(?:\.\d+)?%, actual: (\d{1,3}(?:\.\d+)?)%\)(?: -+)?"
)
_TOTAL: Final = re.compile(r"\| TOTAL +\| +(\d{1,12}) \| +(\d{1,12}) \| +(\d{1,12}) \| +\d{1,3}(?:\.\d+)?% \|")
_BEGINS: Final = re.compile(r"=+ Coverage for .+ =+\s*\n-+ (?:Summary|Detailed Coverage) -+\s*\n\| Name +\|")
_ROUNDED_BY: Final = 0.051
"""Percent: the result has one digit behind its point."""


class InterrogateText:
    """What `interrogate` prints, with and without `-v` and `-vv`; whole only with its last line, the result."""

    format = "interrogate"
    title = "interrogate text"
    version = 1

    def recognises(self, look: Look) -> bool:
        begins = _BEGINS.match(look.head) or look.head.startswith("RESULT: ")
        return look.syntax == "text" and bool(begins)

    def read(self, report: Report) -> ReportFacts:
        total: Share | None = None
        percent: float | None = None
        number = 0
        for number, line in text_lines(report, of=self.format):
            if found := _TOTAL.fullmatch(line):
                total = self._total(report, number, [int(text) for text in found.groups()])
            elif found := _RESULT.fullmatch(line):
                percent = float(found[1])
            elif percent is not None and line:
                raise self._refused(report, number, "this stands behind the result, where a report ends")
        if percent is None:
            raise self._refused(report, number, "the report is cut off: its last line is no RESULT")
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool="interrogate",
            documentation=self._share(report, number, total=total, percent=percent),
        )

    def _total(self, report: Report, number: int, counts: list[int]) -> Share:
        whole, missed, covered = counts
        if missed + covered != whole:
            raise self._refused(report, number, f"{covered} covered and {missed} missed are not {whole}")
        return Share(part=covered, whole=whole)

    def _share(self, report: Report, number: int, *, total: Share | None, percent: float) -> Share:
        if percent > 100:
            raise self._refused(report, number, f"{percent:g} % cannot be")
        if total is None:
            return Share(part=round(percent / 100, 6), whole=1)
        if total.value is not None and abs(total.value * 100 - percent) > _ROUNDED_BY:
            raise self._refused(report, number, f"the result is {percent:g} %, and the total above it is another")
        return total

    def _refused(self, report: Report, number: int, message: str) -> CaptureRefused:
        return report.refused(f"line {number}", message, of=self.format)
