"""Reads LCOV tracefiles: lines, branches and functions, summed over files; records of one file are merged by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.text_lines import byte_lines
from stillframe.errors import CaptureRefused
from stillframe.model.facts import Coverage, ReportFacts, Share

What: TypeAlias = Literal["line", "branch", "function"]

MOST_RECORDS: Final = 200_000
MOST_POINTS: Final = 1_000_000
"""Lines, branches and functions that are held at a time: of one record, and of all files that have several."""
_FORMAT: Final = "lcov"
_BEGINS: Final = re.compile(r"(#.*\s+)*(TN:|SF:)")
_KEY: Final = re.compile(rb"[A-Z]{1,16}")
_FILE: Final = re.compile(rb"^SF:([^\r\n]*)", re.MULTILINE)
_SUMS: Final[dict[bytes, tuple[What, bool]]] = {
    b"LF": ("line", False),
    b"LH": ("line", True),
    b"BRF": ("branch", False),
    b"BRH": ("branch", True),
    b"FNF": ("function", False),
    b"FNH": ("function", True),
}
_POINTS: Final = frozenset({b"DA", b"BRDA", b"FN", b"FNDA", b"FNL", b"FNA"})
_ABOUT: Final = frozenset({b"TN", b"VER"})
"""Stand before a record too: the name of a test, the version of a file."""
_END: Final = b"end_of_record"
_NEVER_RUN: Final = b"-"
_UNIT_NAMES: Final[dict[What, str]] = {"line": "lines", "branch": "branches", "function": "functions"}


class LcovTracefile:
    """What `lcov`, `coverage lcov`, c8, grcov, cargo-llvm-cov and others write."""

    format = _FORMAT
    title = "LCOV tracefile"
    version = 1

    def recognises(self, look: Look) -> bool:
        return look.syntax == "text" and _BEGINS.match(look.head) is not None

    def read(self, report: Report) -> ReportFacts:
        found = _Tracefile(report, _files_of_several_records(report))
        found.read()
        return ReportFacts(
            format=self.format,
            reader=self.version,
            coverage=Coverage(
                line=found.totals["line"].share(),
                branch=found.totals["branch"].share(),
                functions=found.totals["function"].share(),
            ),
        )


@dataclass(slots=True)
class _Total:
    found: int = 0
    hit: int = 0

    def share(self) -> Share | None:
        return Share(part=self.hit, whole=self.found) if self.found else None


@dataclass(slots=True)
class _Points:
    """What one record says of its lines, branches or functions: each by name, and the sums where they are given."""

    hits: dict[bytes, bool] = field(default_factory=dict)
    found: int | None = None
    hit: int | None = None

    def see(self, name: bytes, *, hit: bool) -> bool:
        """Take one in; say whether it is new."""
        before = self.hits.get(name)
        self.hits[name] = hit or bool(before)
        return before is None

    def counted(self) -> tuple[int, int]:
        """Return how many there are and how many were run: the sums where both stand there, else what was seen."""
        if self.found is None or self.hit is None:
            return len(self.hits), sum(self.hits.values())
        return self.found, self.hit


@dataclass(slots=True)
class _Record:
    file: bytes
    line: _Points = field(default_factory=_Points)
    branch: _Points = field(default_factory=_Points)
    function: _Points = field(default_factory=_Points)
    starts: dict[bytes, bytes] = field(default_factory=dict)
    """Where the functions of LCOV 2.2 start, by their index in this record."""

    def points(self) -> Iterator[tuple[What, _Points]]:
        yield "line", self.line
        yield "branch", self.branch
        yield "function", self.function


class _Tracefile:
    def __init__(self, report: Report, several: frozenset[bytes]) -> None:
        self.totals: dict[What, _Total] = {"line": _Total(), "branch": _Total(), "function": _Total()}
        self._report = report
        self._several = several
        self._merged: dict[bytes, _Record] = {}
        self._record: _Record | None = None
        self._number = 0
        self._held = self._held_before = 0

    def read(self) -> None:
        for number, line in byte_lines(self._report, of=_FORMAT):
            self._number = number
            if line == _END:
                self._end()
            elif line and not line.startswith(b"#"):
                self._entry(line)
        if self._record is not None:
            raise self._refused("the report is cut off: the last record has no end_of_record")
        for record in self._merged.values():
            self._add(record)

    def _entry(self, line: bytes) -> None:
        key, colon, rest = line.partition(b":")
        if key in _POINTS and self._record is not None and colon:
            self._point(self._record, key, rest)
        elif not _KEY.fullmatch(key) or not colon:
            cut = self._record is not None and _END.startswith(line)
            raise self._refused("the report is cut off" if cut else "this is no entry of a tracefile")
        elif key == b"SF":
            self._begin(rest)
        elif self._record is None and key not in _ABOUT:
            raise self._refused(f"{key.decode()} stands outside of a record: no SF is before it")
        elif self._record is not None and key in _SUMS:
            self._sum(self._record, key, rest)

    def _begin(self, file: bytes) -> None:
        if self._record is not None:
            raise self._refused("a record begins before the one above has its end_of_record")
        self._held_before = self._held
        self._record = self._merged.setdefault(file, _Record(file)) if file in self._several else _Record(file)
        self._record.starts.clear()

    def _end(self) -> None:
        if self._record is None:
            raise self._refused("a record ends here, and none has begun")
        if self._record.file in self._several:
            self._check_several(self._record)
        else:
            self._add(self._record)
            self._held = self._held_before
        self._record = None

    def _check_several(self, record: _Record) -> None:
        """Sums of several records of one file say nothing of which lines are the same."""
        for what, points in record.points():
            if points.found and not points.hits:
                name = _UNIT_NAMES[what]
                message = f"several records of one file, and this one gives sums of {name} alone: they cannot be merged"
                raise self._refused(message)
            points.found = points.hit = None

    def _add(self, record: _Record) -> None:
        for what, points in record.points():
            found, hit = points.counted()
            if hit > found:
                raise self._refused(f"{hit} of {found} {_UNIT_NAMES[what]} were run, which cannot be")
            self.totals[what].found += found
            self.totals[what].hit += hit

    def _sum(self, record: _Record, key: bytes, text: bytes) -> None:
        what, is_hit = _SUMS[key]
        if not text.isdigit() or len(text) > 12:
            raise self._refused(f"{key.decode()} asks for a number of {_UNIT_NAMES[what]}")
        points: _Points = getattr(record, what)
        if is_hit:
            points.hit = int(text)
        else:
            points.found = int(text)

    def _point(self, record: _Record, key: bytes, text: bytes) -> None:
        """Take in what was found at one place; entries of other coverage, such as MC/DC, never come here."""
        match key, text.split(b","):
            case b"DA", [line, count, *_]:
                new = record.line.see(line, hit=self._ran(count))
            case b"BRDA", [_, _, *_, count]:
                new = record.branch.see(text[: -len(count)], hit=count != _NEVER_RUN and self._ran(count))
            case b"FN", [_, first, *more]:
                name = more if more and first.isdigit() else [first, *more]
                new = record.function.see(b",".join(name), hit=False)
            case b"FNDA", [count, *name] if name:
                new = record.function.see(b",".join(name), hit=self._ran(count))
            case b"FNL", [index, start, *_]:
                new = index not in record.starts
                record.starts[index] = start
                record.function.see(b"at " + start, hit=False)
            case b"FNA", [index, count, *_]:
                new = record.function.see(b"at " + record.starts.get(index, index), hit=self._ran(count))
            case _:
                raise self._refused(f"{key.decode()} asks for more than stands here")
        if new:
            self._hold_one_more()

    def _hold_one_more(self) -> None:
        self._held += 1
        if self._held > MOST_POINTS:
            what = f"more than {MOST_POINTS:,} lines, branches and functions"
            raise self._refused(f"{what} of files with several records; merge them with `lcov -a`")

    def _ran(self, count: bytes) -> bool:
        try:
            return float(count) > 0
        except ValueError:
            raise self._refused("how often it was run is no number") from None

    def _refused(self, message: str) -> CaptureRefused:
        return self._report.refused(f"line {self._number}", message, of=_FORMAT)


def _files_of_several_records(report: Report) -> frozenset[bytes]:
    """Return the names of the files that have several records, so that of all others none is held longer than it is."""
    seen: set[bytes] = set()
    several: set[bytes] = set()
    for records, found in enumerate(_FILE.finditer(report.data), start=1):
        if records > MOST_RECORDS:
            raise report.refused("", f"more than {MOST_RECORDS:,} records; split the report", of=_FORMAT)
        file = found[1].rstrip()
        (several if file in seen else seen).add(file)
    return frozenset(several)
