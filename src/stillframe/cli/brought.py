"""Report files that a command brings: each named and measured, and kept on disk where it can be read only once."""

from __future__ import annotations

import math
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from stillframe.cli.given import STANDARD_INPUT
from stillframe.errors import InvalidInput

MOST_REPORTS = 100
LARGEST_BYTES = 64 * 1024 * 1024
LONGEST_NAME = 200
PIECE_BYTES = 64 * 1024
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """
    One report file.

    Shape   `name`: the last segment of what it was called, `stdin` for standard input. `path`: where its bytes are.
    """

    name: str
    path: Path
    size: int

    def read(self) -> bytes:
        """
        Return as many bytes as there were when it was brought.

        Errors  InvalidInput if it can no longer be read, or became shorter.
        """
        with _opened(self.path, str(self.path)) as file:
            data = file.read(self.size)
        if len(data) < self.size:
            raise InvalidInput.at("--report", f"{self.path} became shorter while it was read")
        return data


@contextmanager
def reports_in(sources: Sequence[str]) -> Iterator[list[Brought]]:
    """
    Have the reports that `--report` names at hand for as long as the block runs.

    Standard input, and what can be read only once, is kept in a temporary file meanwhile.

    Errors  InvalidInput for a file that cannot be read, is larger than any report or has a name that is none, for
            standard input named twice, and for too many.
    """
    if len(sources) > MOST_REPORTS:
        raise InvalidInput.at("--report", f"at most {MOST_REPORTS} reports at a time, not {len(sources)}")
    if sources.count(STANDARD_INPUT) > 1:
        raise InvalidInput.at("--report", "standard input can be read only once")
    with ExitStack() as kept:
        yield [_brought(source, kept) for source in sources]


def reading_in(*, kloc: float | None, root: str | None) -> dict[str, Any]:
    """
    Return the members of the API that say how reports are read: `kloc`, and `root`, by default the working directory.

    Errors  InvalidInput for what is no number, and for a folder that has no name in UTF-8 or is gone.
    """
    if kloc is not None and not math.isfinite(kloc):
        raise InvalidInput.at("--kloc", "a number of thousand lines of code is expected")
    return {"kloc": kloc, "root": _folder(root)}


def _folder(root: str | None) -> str:
    """Return a folder as reports name it: absolute, as it was on the machine that wrote them."""
    try:
        said = "." if root is None else root
        is_elsewhere = not said or bool(PureWindowsPath(said).drive) or said.lower().startswith("file:")
        folder = said if is_elsewhere else str(Path(said).absolute())
        folder.encode()
    except OSError as error:
        raise InvalidInput.at("--root", f"the working directory is gone ({error.strerror}): name a folder") from error
    except UnicodeEncodeError:
        raise InvalidInput.at("--root", "the name of this folder is not UTF-8: name another") from None
    return folder


def _brought(source: str, kept: ExitStack) -> Brought:
    if source == STANDARD_INPUT:
        if sys.stdin is None:
            raise InvalidInput.at("--report", "standard input is closed")
        name, path = "stdin", _spooled(sys.stdin.buffer, kept)
        size = path.stat().st_size
    else:
        path = Path(source).absolute()
        with _opened(path, source) as file:
            name = _name(source)
            path = path if file.seekable() else _spooled(file, kept)
            size = file.seek(0, SEEK_END) if file.seekable() else path.stat().st_size
    if size > LARGEST_BYTES:
        raise InvalidInput.at("--report", f"{source} is too large: a report has at most {LARGEST_BYTES:,} bytes")
    return Brought(name=name, path=path, size=size)


def _name(source: str) -> str:
    name = source.replace("\\", "/").rpartition("/")[2]
    if any(unicodedata.category(letter) in _INVISIBLE for letter in name):
        raise InvalidInput.at("--report", f"{source}: the name of a report is UTF-8 without control characters")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidInput.at("--report", f"{source}: the name of a report has 1 to {LONGEST_NAME} characters")
    return name


def _spooled(source: BinaryIO, kept: ExitStack) -> Path:
    """Copy what can be read only once, as far as any report may go and one byte more."""
    try:
        path = Path(kept.enter_context(TemporaryDirectory(prefix="stillframe-"))) / "report"
        left = LARGEST_BYTES + 1
        with path.open("wb") as file:
            while left and (piece := source.read(min(left, PIECE_BYTES))):
                file.write(piece)
                left -= len(piece)
    except OSError as error:
        raise InvalidInput.at("--report", f"it cannot be kept in a temporary file: {error.strerror}") from error
    return path


def _opened(path: Path, source: str) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidInput.at("--report", f"{source} cannot be read: {error.strerror}") from error
