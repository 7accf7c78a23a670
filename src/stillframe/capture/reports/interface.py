"""What a report reader is: one format of one family of tools, recognised by what is in it, read into plain facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from stillframe.errors import CaptureRefused, Fault
from stillframe.model.facts import ReportFacts

Syntax: TypeAlias = Literal["json", "xml", "text"]

MOST_BYTES = 64 * 1024 * 1024
"""Of one report."""
_LONGEST_WORDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """
    What can be seen of a report at a glance.

    Shape   `keys`: the members of a JSON object, or of the first objects in a JSON list (`is_list`). `marks`: those of
            its top members, or of the first object's, that are short texts (`bomFormat`, `$schema`, `version`). `root`:
            the name of an XML root without its namespace. `head`: the first 4 KiB, decoded, without leading space.
    """

    syntax: Syntax
    keys: frozenset[str] = frozenset()
    marks: dict[str, str] = field(default_factory=dict)
    is_list: bool = False
    root: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    One report file.

    Shape   `name`: what the file is called, without its folder. `root`: the folder that the paths in it start from, to
            be cut off them; None where nobody said.
    """

    name: str
    data: bytes = field(repr=False)
    look: Look
    root: str | None = None

    def refused(self, where: str, message: str, *, of: str) -> CaptureRefused:
        """
        Return the error for what is wrong at one place: `$.results[3].line_number`, `line 12`, `byte 4096`.

        What it quotes of the report is on one line, and cut where it is long.
        """
        place = f"{self.name}: {_short(where)}" if where else self.name
        return CaptureRefused(faults=[Fault(path=place, message=f"{of}: {_short(message)}")])


def _short(text: str) -> str:
    """Errors go to terminals, logs and pages: a report must not write there as it likes."""
    line = "".join(letter if letter.isprintable() else " " for letter in text[: _LONGEST_WORDS + 1])
    return line if len(text) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}…"


class ReportReader(Protocol):
    """
    Reads one format.

    Shape   `format`: its name in bundles and errors. `version`: moves whenever the same bytes are read as other facts;
            it is part of the formula's digest.
    """

    format: str
    title: str
    version: int

    def recognises(self, look: Look) -> bool:
        """Say whether a report is of this format, whatever its version and whether it is whole."""
        ...

    def read(self, report: Report) -> ReportFacts:
        """
        Read all that the report says.

        Errors  CaptureRefused naming file, format and position, for what is cut off, of a version that this reader does
                not know, or more than it may hold.
        """
        ...
