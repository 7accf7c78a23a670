"""A multipart body taken apart as it comes: one JSON part, and report files that go to disk."""

from __future__ import annotations

import errno
import hashlib
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import FileIO
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

from stillframe.errors import InvalidInput, StoreFull, TooLarge, nearest
from stillframe.flows.reading_reports import MOST_REPORTS

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MEBIBYTE = 1024 * 1024
MULTIPART = "multipart/form-data"
REQUEST_PART = "request"
REPORT_PART = "report"
REQUEST_LIMIT_BYTES = MEBIBYTE
LONGEST_NAME = 200
_AS_IT_IS = frozenset({b"", b"7bit", b"8bit", b"binary"})
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """
    One file as it was sent: a stretch of the temporary file that all files of its request share.

    Shape   `name`: the last segment of what the sender called it. `sha256` in hex.
    """

    name: str
    size: int
    sha256: str
    offset: int
    file: FileIO = field(repr=False, compare=False)

    def read(self) -> bytes:
        """Return its bytes, as long as its request is being answered."""
        pieces: list[bytes] = []
        left = self.size
        while left:
            pieces.append(os.pread(self.file.fileno(), left, self.offset + self.size - left))
            assert pieces[-1], "a temporary file is as long as what was written to it"
            left -= len(pieces[-1])
        return b"".join(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a multipart body held: the JSON text of its part `request`, and its files in the order they came."""

    request: bytes
    uploads: tuple[Upload, ...]


class Intake:
    """
    Takes a body in, piece by piece, and refuses it as soon as it is known that it must be.

    Nothing is decoded, and what is not a file of an allowed size is never written.

    Shape   `file`: unbuffered, empty, and its owner's to close. `boundary`: from the Content-Type.
    Errors  InvalidInput, TooLarge; StoreFull where temporary files have no room.
    Source  RFC 7578.
    """

    def __init__(self, file: FileIO, *, boundary: bytes, report_limit_bytes: int, reports_limit_bytes: int) -> None:
        self._file = file
        self._report_limit = report_limit_bytes
        self._reports_limit = reports_limit_bytes
        self._request: bytearray | None = None
        self._uploads: list[Upload] = []
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._open: _OpenFile | None = None
        self._written = 0
        self._taken = 0
        self._ended = False
        callbacks: MultipartCallbacks = {
            "on_header_field": self._on_header_name,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_part,
            "on_part_data": self._on_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def feed(self, piece: bytes) -> None:
        """Take in the next piece of the body."""
        try:
            self._parser.write(piece)
        except MultipartParseError as error:
            raise _broken(f"it is not well-formed at byte {self._taken + max(error.offset, 0)}") from error
        self._taken += len(piece)

    def finish(self) -> Parts:
        """Return what the body held, once all of it was taken in."""
        if not self._ended:
            raise _broken("it ends before its last boundary")
        return Parts(request=bytes(self._request or b""), uploads=tuple(self._uploads))

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        name = self._header_name.lower()
        if name in self._headers:
            raise _broken(f"a part has the header {name.decode('ascii')} twice")
        self._headers[name] = self._header_value
        self._header_name = self._header_value = b""

    def _on_part(self) -> None:
        headers, self._headers = self._headers, {}
        _, said = parse_options_header(headers.get(b"content-disposition"))
        name = _text(said.get(b"name", b""), "$")
        if name not in (REQUEST_PART, REPORT_PART):
            hint = nearest(name, (REQUEST_PART, REPORT_PART))
            raise InvalidInput.at(f"$.{name[:80]}" if name else "$", f"unknown part{hint}")
        place = f"$.{name}" if name == REQUEST_PART else f"$.{name}[{len(self._uploads)}]"
        if headers.get(b"content-transfer-encoding", b"").strip().lower() not in _AS_IT_IS:
            raise InvalidInput.at(place, "send it as it is, without a Content-Transfer-Encoding")
        if name == REPORT_PART:
            if len(self._uploads) >= MOST_REPORTS:
                raise InvalidInput.at(f"$.{REPORT_PART}", f"at most {MOST_REPORTS} reports at a time")
            self._open = _OpenFile(name=_file_name(said.get(b"filename"), place), offset=self._written)
        elif self._request is not None:
            raise InvalidInput.at(place, "this part occurs twice")
        else:
            self._request = bytearray()

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        piece = memoryview(data)[start:end]
        if self._open is not None:
            self._write(self._open, piece)
            return
        assert self._request is not None
        if len(self._request) + len(piece) > REQUEST_LIMIT_BYTES:
            raise TooLarge(f"the part {REQUEST_PART} is over the limit of {_mebibytes(REQUEST_LIMIT_BYTES)}")
        self._request += piece

    def _write(self, open_file: _OpenFile, piece: memoryview) -> None:
        if self._written - open_file.offset + len(piece) > self._report_limit:
            raise TooLarge(f"{open_file.name} is over the limit of {_mebibytes(self._report_limit)} a report")
        if self._written + len(piece) > self._reports_limit:
            raise TooLarge(
                f"the reports are over the limit of {_mebibytes(self._reports_limit)} in all, reached in "
                f"{open_file.name}"
            )
        open_file.digest.update(piece)
        self._written += len(piece)
        with _room():
            while piece:
                piece = piece[self._file.write(piece) :]

    def _on_part_end(self) -> None:
        found, self._open = self._open, None
        if found is not None:
            size, sha256 = self._written - found.offset, found.digest.hexdigest()
            upload = Upload(name=found.name, size=size, sha256=sha256, offset=found.offset, file=self._file)
            self._uploads.append(upload)

    def _on_end(self) -> None:
        self._ended = True


class _OpenFile:
    """The file whose data is coming in."""

    def __init__(self, *, name: str, offset: int) -> None:
        self.name = name
        self.offset = offset
        self.digest = hashlib.sha256()


def _file_name(said: bytes | None, place: str) -> str:
    if said is None:
        raise InvalidInput.at(place, "a report is a file and has a file name")
    name = _text(said, place).replace("\\", "/").rpartition("/")[2]
    if name.strip() in ("", ".", ".."):
        raise InvalidInput.at(place, "a report has a file name, and this one is none")
    if len(name) > LONGEST_NAME:
        raise InvalidInput.at(place, f"a file name has at most {LONGEST_NAME} characters")
    if any(unicodedata.category(character) in _INVISIBLE for character in name):
        raise InvalidInput.at(place, "a file name has no control characters")
    return name


def _text(said: bytes, place: str) -> str:
    try:
        return said.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput.at(place, "names are UTF-8") from None


def _broken(why: str) -> InvalidInput:
    return InvalidInput.at("$", f"the multipart body cannot be read: {why}")


def _mebibytes(count: int) -> str:
    return f"{count / MEBIBYTE:g} MiB"


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StoreFull from error
        raise
