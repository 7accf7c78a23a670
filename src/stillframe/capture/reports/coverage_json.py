"""Reads coverage.py's JSON: lines and branches by their own names, never the figure that mixes them."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.walking import NOTHING, Version, Walk
from stillframe.model.facts import CodeSize, Coverage, ReportFacts, Share

FORMATS: Final = (2, 3)
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]


class _Document(msgspec.Struct, frozen=True):
    meta: msgspec.Raw
    totals: msgspec.Raw = NOTHING


class _Format(msgspec.Struct, frozen=True):
    format: int | None = None


class _Meta(msgspec.Struct, frozen=True):
    version: Version | None = None
    branch_coverage: bool = False


class _Totals(msgspec.Struct, frozen=True):
    covered_lines: _Count
    num_statements: _Count
    covered_branches: _Count | None = None
    num_branches: _Count | None = None


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_FORMAT: Final = msgspec.json.Decoder(_Format)
_META: Final = msgspec.json.Decoder(_Meta)
_TOTALS: Final = msgspec.json.Decoder(_Totals)


class CoverageJson:
    """What `coverage json` writes, in its formats 2 and 3."""

    format = "coverage.json"
    title = "coverage.py JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        keys = look.keys
        return {"meta", "files"} <= keys and ("totals" in keys or "branch_coverage" in keys) and not look.is_list

    def read(self, report: Report) -> ReportFacts:
        walk = Walk(report, of=self.format)
        document = walk.top(_DOCUMENT)
        self._check_format(walk, walk.part(document.meta, _FORMAT, path="$.meta"))
        meta = walk.part(document.meta, _META, path="$.meta")
        totals = walk.part(document.totals, _TOTALS, path="$.totals")
        if meta is None or totals is None:
            raise walk.refused("$.totals", "the figures over all files are asked for here")
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool="coverage.py",
            version=meta.version,
            coverage=Coverage(
                line=self._share(walk, "lines", part=totals.covered_lines, whole=totals.num_statements),
                branch=self._branch(walk, totals) if meta.branch_coverage else None,
            ),
            code_size=CodeSize(lines=totals.num_statements, source="coverage"),
        )

    def _check_format(self, walk: Walk, meta: _Format | None) -> None:
        found = None if meta is None else meta.format
        if found not in FORMATS:
            said = "no format, as before format 2" if found is None else f"format {found}"
            raise walk.refused("$.meta.format", f"this is {said}; formats 2 and 3 of coverage.py's JSON are read")

    def _branch(self, walk: Walk, totals: _Totals) -> Share | None:
        if totals.covered_branches is None or totals.num_branches is None:
            raise walk.refused("$.totals", "branches were measured, and covered_branches or num_branches is not here")
        return self._share(walk, "branches", part=totals.covered_branches, whole=totals.num_branches)

    def _share(self, walk: Walk, what: str, *, part: int, whole: int) -> Share | None:
        if part > whole:
            raise walk.refused("$.totals", f"{part} of {whole} {what} were covered, which cannot be")
        return Share(part=part, whole=whole) if whole else None
