"""Reads radon's JSON: the complexity of blocks (`cc`) and the lines of files (`raw`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec

from stillframe.capture.reports.documents import MOST_FINDINGS, too_many
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.not_parsed import LONGEST_FILE, LONGEST_WHY, NotParsed, findings, in_words
from stillframe.capture.reports.walking import Walk
from stillframe.model.facts import CodeSize, Complexity, ReportFacts

MOST_FILES: Final = 100_000
MOST_BLOCKS: Final = 500_000
_FILE: Final = re.compile(r".+\.(?:py|pyi|ipynb)(?::\[\d+\])?", re.DOTALL)
_BEGINS: Final = re.compile(
    r'\{\s*"(?:[^"\\]|\\.)+":\s*(?:\[\s*\{\s*"type":\s*"(?:function|method|class)"|\{\s*"loc":\s*\d+,\s*"lloc")'
)
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class _Block(msgspec.Struct, frozen=True):
    lineno: _Count
    complexity: _Count
    col_offset: _Count = 0
    methods: list[_Block] = []
    closures: list[_Block] = []


class _FileEntry(msgspec.Struct, frozen=True):
    sloc: _Count | None = None
    error: str | None = None


class _Name:
    """The name of a file; what a hook makes of it can be counted while a document is decoded."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_BLOCK: Final = msgspec.json.Decoder(_Block)
_FILE_ENTRY: Final = msgspec.json.Decoder(_FileEntry)


@dataclass(slots=True)
class Measured:
    """
    What radon says of all files together.

    Shape   `blocks`: what its own average is over. `definitions`: with closures too, each once; None where closures are
            not shown. `sloc`: of the files whose lines were counted.
    """

    total: int = 0
    blocks: int = 0
    highest: int = 0
    definitions: int | None = None
    has_blocks: bool = False
    sloc: int | None = None
    not_parsed: list[NotParsed] = field(default_factory=list)

    def add_block(self, complexity: int) -> None:
        self.total += complexity
        self.blocks += 1
        self.highest = max(self.highest, complexity)
        self.has_blocks = True

    def add_lines(self, sloc: int) -> None:
        self.sloc = sloc + (self.sloc or 0)

    def add_not_parsed(self, report: Report, file: NotParsed, *, of: str) -> None:
        self.not_parsed.append(file)
        if len(self.not_parsed) > MOST_FINDINGS:
            raise too_many(report, of=of, what="files that could not be parsed")

    def facts(self, report: Report, *, of: str, reader: int) -> ReportFacts:
        """Return this as facts; where none of the files could be parsed, nothing was measured."""
        complexity = Complexity(total=self.total, blocks=self.blocks, highest=self.highest)
        failed = bool(self.not_parsed) and not self.has_blocks and self.sloc is None
        return ReportFacts(
            format=of,
            reader=reader,
            tool="radon",
            failed=in_words(self.not_parsed) if failed else None,
            findings=None if failed else findings(self.not_parsed, tool="radon", root=report.root),
            complexity=complexity if self.has_blocks else None,
            definitions=self.definitions,
            code_size=None if self.sloc is None else CodeSize(lines=self.sloc, source="radon"),
        )


class RadonJson:
    """What `radon cc --json` and `radon raw --json` write."""

    format = "radon.json"
    title = "radon JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        if look.syntax != "json" or look.is_list or not look.keys:
            return False
        return all(map(_FILE.fullmatch, look.keys)) or _BEGINS.match(look.head) is not None

    def read(self, report: Report) -> ReportFacts:
        measured = Measured()
        walk = Walk(report, of=self.format)
        for name, raw in self._files(walk):
            if bytes(memoryview(raw)[:1]) == b"[":
                self._take_blocks(walk, raw, measured, name=name)
            else:
                self._take_file(walk, raw, measured, name=name)
        return measured.facts(report, of=self.format, reader=self.version)

    def _files(self, walk: Walk) -> Iterator[tuple[str, msgspec.Raw]]:
        count = 0

        def name_of(_kind: type, text: str) -> _Name:
            nonlocal count
            count += 1
            if count > MOST_FILES:
                raise walk.refused("", f"more than {MOST_FILES:,} files; split the report")
            return _Name(text[:LONGEST_FILE])

        decoder = msgspec.json.Decoder(dict[_Name, msgspec.Raw], dec_hook=name_of)
        for name, raw in walk.top(decoder).items():
            yield name.text, raw

    def _take_blocks(self, walk: Walk, raw: msgspec.Raw, measured: Measured, *, name: str) -> None:
        seen: set[tuple[int, int]] = set()
        measured.has_blocks = True
        for _, block in walk.items(raw, _BLOCK, path=f"$[{name!r}]", most=MOST_BLOCKS - measured.blocks):
            measured.add_block(block.complexity)
            seen.update(_positions(block))
        measured.definitions = len(seen) + (measured.definitions or 0)

    def _take_file(self, walk: Walk, raw: msgspec.Raw, measured: Measured, *, name: str) -> None:
        found = walk.part(raw, _FILE_ENTRY, path=f"$[{name!r}]")
        if found is not None and found.error is not None:
            measured.add_not_parsed(walk.report, NotParsed(name, found.error[:LONGEST_WHY]), of=self.format)
        elif found is not None and found.sloc is not None:
            measured.add_lines(found.sloc)
        else:
            raise walk.refused(f"$[{name!r}]", "neither blocks nor lines: of radon, cc and raw are read")


def _positions(block: _Block) -> Iterator[tuple[int, int]]:
    """Give where a block and those inside it begin: radon lists methods in their class and again beside it."""
    yield block.lineno, block.col_offset
    for inner in (*block.methods, *block.closures):
        yield from _positions(inner)
