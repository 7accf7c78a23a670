"""A disk that loses its power: what a process did to its files is recorded, and replayed up to any moment."""

from __future__ import annotations

import os
import random
import struct
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

WRITE, TRUNCATE, SYNC_BEGINS, SYNC_ENDS, CREATE, UNLINK, RENAME, MARK = range(1, 9)
_HEAD = struct.Struct("=IIQQ")
_SECTORS_BYTES = (512, 4096)
_KEPT_SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)
_TORN_SHARE = 0.3


def built(folder: Path) -> Path:
    """Compile the recorder into a folder and return the library to preload; gcc must be installed."""
    library = folder / "disk.so"
    source = Path(__file__).with_name("disk.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl", "-lpthread"], check=True)
    return library


def recording(library: Path, *, folder: Path, log: Path) -> Mapping[str, str]:
    """Return the environment in which a process records what it does to the files of a folder."""
    return {"LD_PRELOAD": str(library), "CHAOS_DISK": f"{folder}/", "CHAOS_LOG": str(log)}


def mark(log: Path, text: str) -> None:
    """Note, in the order of everything else, that something was acknowledged to somebody outside."""
    record = _HEAD.pack(MARK, 0, 0, len(text.encode())) + text.encode()
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, record)
    finally:
        os.close(file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that was done."""

    kind: int
    path: str
    offset: int
    data: bytes


def read_log(path: Path) -> list[Record]:
    """Return everything that was recorded, in order."""
    return list(_records(path.read_bytes()))


def _records(content: bytes) -> Iterator[Record]:
    at = 0
    while at + _HEAD.size <= len(content):
        kind, path_length, offset, length = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        path = content[at : at + path_length].decode()
        at += path_length
        yield Record(kind=kind, path=path, offset=offset, data=content[at : at + length])
        at += length


@dataclass(kw_only=True)
class _File:
    """What of a file is durable, and what was done to it since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Record]] = field(default_factory=list)

    def settle(self, before: int) -> None:
        """Make durable what was done before a sync began."""
        kept = []
        for number, record in self.pending:
            if number < before:
                _apply(self.durable, record)
            else:
                kept.append((number, record))
        self.pending = kept


class Disk:
    """
    Replays a log, and says at any moment what a power cut would leave.

    A file's writes are durable when a sync of it that began after them has ended; names of files, when the folder was
    synced. Of the rest each write is kept, dropped, or torn into sectors of which some are kept: so a later one may be
    there and an earlier one not. Names are kept in their order, up to any of them.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = [_File(durable=bytearray(content)) for content in files.values()]
        self._durable_names = dict(zip(files, range(len(files)), strict=True))
        self._names = dict(self._durable_names)
        self._pending_names: list[tuple[int, str, int | None]] = []
        self._begun: dict[int, int] = {}
        self._number = 0

    def play(self, record: Record) -> None:
        """Do one more thing of the log."""
        self._number += 1
        match record.kind:
            case 1 | 2:
                if record.path in self._names:
                    self._files[self._names[record.path]].pending.append((self._number, record))
            case 3:
                self._begun[record.offset] = self._number
            case 4:
                self._settle(record.path, self._begun.pop(record.offset, self._number))
            case 5:
                self._files.append(_File())
                self._name(record.path, len(self._files) - 1)
            case 6:
                self._name(record.path, None)
            case 7:
                moved = self._names.get(record.path)
                self._name(record.path, None)
                self._name(record.data.decode(), moved)
            case _:
                pass

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """Return the files that a power cut would leave now."""
        names = dict(self._durable_names)
        for _, path, file in self._pending_names[: chance.randint(0, len(self._pending_names))]:
            _set(names, path, file)
        share = chance.choice(_KEPT_SHARES)
        return {path: bytes(self._left(self._files[file], chance, share=share)) for path, file in names.items()}

    def _name(self, path: str, file: int | None) -> None:
        _set(self._names, path, file)
        self._pending_names.append((self._number, path, file))

    def _settle(self, path: str, before: int) -> None:
        if path in self._names:
            self._files[self._names[path]].settle(before)
            return
        kept = []
        for number, name, file in self._pending_names:
            if number < before and str(Path(name).parent) == path:
                _set(self._durable_names, name, file)
            else:
                kept.append((number, name, file))
        self._pending_names = kept

    @staticmethod
    def _left(file: _File, chance: random.Random, *, share: float) -> bytearray:
        content = bytearray(file.durable)
        for _, record in file.pending:
            if chance.random() < share:
                _apply(content, record)
            elif record.kind == WRITE and chance.random() < _TORN_SHARE:
                for torn in _torn(record, chance):
                    _apply(content, torn)
        return content


def _torn(record: Record, chance: random.Random) -> Iterator[Record]:
    """Yield some of the sectors of a write."""
    sector = chance.choice(_SECTORS_BYTES)
    at = 0
    while at < len(record.data):
        length = sector - (record.offset + at) % sector
        if chance.random() < 0.5:
            data = record.data[at : at + length]
            yield Record(kind=WRITE, path=record.path, offset=record.offset + at, data=data)
        at += length


def _apply(content: bytearray, record: Record) -> None:
    if record.kind == WRITE:
        end = record.offset + len(record.data)
        if len(content) < end:
            content.extend(bytes(end - len(content)))
        content[record.offset : end] = record.data
    elif record.offset < len(content):
        del content[record.offset :]
    else:
        content.extend(bytes(record.offset - len(content)))


def _set(names: dict[str, int], path: str, file: int | None) -> None:
    if file is None:
        names.pop(path, None)
    else:
        names[path] = file
