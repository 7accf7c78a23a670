"""Reads what radon prints: `cc -s` with or without an average, and `raw` with or without a total."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.not_parsed import LONGEST_FILE, LONGEST_WHY, NotParsed
from stillframe.capture.reports.radon import MOST_BLOCKS, Measured
from stillframe.capture.reports.text_lines import text_lines
from stillframe.errors import CaptureRefused
from stillframe.model.facts import ReportFacts

LONGEST_LINE: Final = 4_096
_FORMAT: Final = "radon.text"
_TOTAL: Final = "** Total **"
_BLOCK: Final = re.compile(r"    [FMC] \d{1,9}:\d{1,9} \S.* - [A-F](?: \((\d{1,9})\))?")
_ERROR: Final = re.compile(r"    ERROR: (.*)")
_ANALYZED: Final = re.compile(r"(\d{1,9}) blocks \(classes, functions, methods\) analyzed\.")
_AVERAGE: Final = re.compile(r"Average complexity: [A-F] \((\d{1,9}(?:\.\d+)?)\)")
_LINES: Final = re.compile(r"    (LOC|LLOC|SLOC|Comments|Single comments|Multi|Blank): (\d{1,12})")
_COMMENTS: Final = re.compile(r"    - Comment Stats|        \((C % L|C % S|C \+ M % L)\): \d{1,9}%")
_LAST_OF_FILE: Final = "C + M % L"
_BEGINS: Final = re.compile(
    r"[^\n]+\n    (?:[FMC] \d+:\d+ \S.* - [A-F]|ERROR: |LOC: \d+\s*\n    LLOC: \d)|\d+ blocks \(classes, functions, "
)


class RadonText:
    """
    What `radon cc -s` and `radon raw` print.

    It says nothing of closures, so that how many definitions there are is left to the JSON.
    """

    format = _FORMAT
    title = "radon text"
    version = 1

    def recognises(self, look: Look) -> bool:
        return look.syntax == "text" and _BEGINS.match(look.head.replace("\r\n", "\n")) is not None

    def read(self, report: Report) -> ReportFacts:
        printed = _Printed(report)
        for number, line in text_lines(report, of=self.format):
            printed.take(number, line)
        printed.finish()
        return printed.measured.facts(report, of=self.format, reader=self.version)


class _Printed:
    def __init__(self, report: Report) -> None:
        self.measured = Measured()
        self._report = report
        self._number = 0
        self._file = ""
        self._analyzed: int | None = None
        self._average: float | None = None
        self._total: int | None = None
        self._is_open = False
        """Whether the lines of a file are not all there yet."""

    def take(self, number: int, line: str) -> None:
        self._number = number
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise self._refused("this is no line of radon's")
        for pattern, taken in _KINDS:
            if found := pattern.fullmatch(line):
                taken(self, found)
                return
        if line.startswith(" ") or self._is_open:
            raise self._refused("this is no line of radon's `cc -s` or `raw`")
        self._file = line

    def finish(self) -> None:
        """
        Hold what was counted against what radon says of it all.

        Errors  CaptureRefused where they differ, or where the report ends too early.
        """
        measured = self.measured
        if self._is_open or (self._analyzed is not None and self._average is None):
            raise self._refused("the report is cut off")
        if self._total is not None and measured.sloc not in {None, self._total}:
            raise self._refused(f"the files have {measured.sloc} lines of code, and the total is {self._total}")
        measured.sloc = self._total if measured.sloc is None else measured.sloc
        if self._analyzed is not None:
            self._hold_average(self._analyzed, self._average or 0)
        if not measured.not_parsed and not measured.has_blocks and measured.sloc is None:
            raise self._refused("the report is cut off: it says nothing of any file")

    def _hold_average(self, analyzed: int, average: float) -> None:
        """With `--total-average` and `-n` the average is over more blocks than are shown, which are the worst."""
        measured = self.measured
        if not measured.blocks:
            raise self._refused("none of the blocks is shown, so that the highest is not known; leave out `-n`")
        if analyzed < measured.blocks:
            raise self._refused(f"{measured.blocks} blocks are shown, and {analyzed} were analyzed")
        if analyzed > measured.blocks:
            measured.total, measured.blocks = round(average * analyzed), analyzed

    def take_block(self, found: re.Match[str]) -> None:
        if found[1] is None:
            raise self._refused("the complexity itself does not stand here; run `radon cc` with `-s` or `--json`")
        self.measured.add_block(int(found[1]))
        if self.measured.blocks > MOST_BLOCKS:
            raise self._refused(f"more than {MOST_BLOCKS:,} blocks; split the report")

    def take_lines(self, found: re.Match[str]) -> None:
        self._is_open = True
        if found[1] != "SLOC":
            return
        if self._file == _TOTAL:
            self._total = int(found[2])
        else:
            self.measured.add_lines(int(found[2]))

    def take_comments(self, found: re.Match[str]) -> None:
        self._is_open = found[1] != _LAST_OF_FILE

    def take_error(self, found: re.Match[str]) -> None:
        file = NotParsed(self._file[:LONGEST_FILE], found[1][:LONGEST_WHY])
        self.measured.add_not_parsed(self._report, file, of=_FORMAT)

    def take_analyzed(self, found: re.Match[str]) -> None:
        self._analyzed = int(found[1])

    def take_average(self, found: re.Match[str]) -> None:
        self._average = float(found[1])

    def _refused(self, message: str) -> CaptureRefused:
        return self._report.refused(f"line {self._number}", message, of=_FORMAT)


_KINDS: Final[tuple[tuple[re.Pattern[str], Callable[[_Printed, re.Match[str]], None]], ...]] = (
    (_BLOCK, _Printed.take_block),
    (_LINES, _Printed.take_lines),
    (_COMMENTS, _Printed.take_comments),
    (_ERROR, _Printed.take_error),
    (_ANALYZED, _Printed.take_analyzed),
    (_AVERAGE, _Printed.take_average),
)
