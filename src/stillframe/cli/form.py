"""A form with files, as a request carries it: read from disk while it is sent, as often as it must be sent again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO

from stillframe.errors import InvalidInput

PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    head: bytes
    path: Path
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """
    A body of the type multipart/form-data: the JSON part `request`, then the files as parts `report`.

    Shape   Iterating gives its bytes, and opens each file when it is its turn.
    Errors  InvalidInput while it is iterated, for a file that can no longer be read or is not what it was.
    Source  RFC 7578.
    """

    boundary: str
    request: bytes
    files: tuple[_File, ...]

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """How many bytes iterating gives."""
        framing = len(self.request) + len(self._end) + 2 * len(self.files)
        return framing + sum(len(found.head) + found.size for found in self.files)

    def __iter__(self) -> Iterator[bytes]:
        yield self.request
        for found in self.files:
            yield found.head
            yield from _pieces(found)
            yield b"\r\n"
        yield self._end

    @property
    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()


def form_of(request: Mapping[str, Any], files: Sequence[tuple[str, Path]]) -> Form:
    """
    Return the form that carries a request and files, each under the name beside it.

    Errors  InvalidInput naming a file that is not there or is no file.
    """
    boundary = uuid.uuid4().hex
    said = json.dumps(request, ensure_ascii=False).encode()
    head = _head(boundary, 'name="request"')
    return Form(
        boundary=boundary,
        request=head + said + b"\r\n",
        files=tuple(_file(boundary, name, path) for name, path in files),
    )


def _file(boundary: str, name: str, path: Path) -> _File:
    with _opened(path) as opened:
        if not opened.seekable():
            raise InvalidInput.at("--report", f"{path} can be read only once: bring a file on a disk")
        size = opened.seek(0, SEEK_END)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "%0D").replace("\n", "%0A")
    return _File(head=_head(boundary, f'name="report"; filename="{quoted}"'), path=path, size=size)


def _head(boundary: str, disposition: str) -> bytes:
    media_type = "application/octet-stream" if "filename" in disposition else "application/json"
    lines = (f"--{boundary}", f"Content-Disposition: form-data; {disposition}", f"Content-Type: {media_type}", "", "")
    return "\r\n".join(lines).encode()


def _pieces(file: _File) -> Iterator[bytes]:
    left = file.size
    with _opened(file.path) as opened:
        while left:
            piece = opened.read(min(left, PIECE_BYTES))
            if not piece:
                raise InvalidInput.at("--report", f"{file.path} became shorter while it was sent")
            left -= len(piece)
            yield piece


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidInput.at("--report", f"{path} cannot be read: {error.strerror}") from error
