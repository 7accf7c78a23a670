"""The disk that loses its power: what was synced stays, what was not may stay, go, or be torn."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.disk import (
    CREATE,
    MARK,
    RENAME,
    SYNC_BEGINS,
    SYNC_ENDS,
    TRUNCATE,
    UNLINK,
    WRITE,
    Disk,
    Record,
    built,
    mark,
    read_log,
    recording,
)

FILE = "/disk/a"
WRITER = """
import os, sys
folder = sys.argv[1]
file = os.open(folder + "/a", os.O_RDWR | os.O_CREAT, 0o600)
os.pwrite(file, b"hello", 0)
os.fsync(file)
os.write(file, b"J")
os.ftruncate(file, 3)
os.fdatasync(file)
os.rename(folder + "/a", folder + "/b")
top = os.open(folder, os.O_RDONLY)
os.fsync(top)
os.unlink(folder + "/b")
open(folder + "/a-shm", "wb").write(b"not kept")
"""


def done(kind: int, *, path: str = FILE, offset: int = 0, data: bytes = b"") -> Record:
    return Record(kind=kind, path=path, offset=offset, data=data)


def left_by(*records: Record, cuts: int = 200) -> set[tuple[tuple[str, bytes], ...]]:
    """Everything that cuts after these records leave."""
    disk = Disk({FILE: b"old"})
    for record in records:
        disk.play(record)
    chance = random.Random(1)
    return {tuple(sorted(disk.cut(chance).items())) for _ in range(cuts)}


def test_what_was_synced_is_there_after_every_cut() -> None:
    """That is what an honest disk promises, and all that it promises."""
    synced = [done(WRITE, data=b"new"), done(SYNC_BEGINS, offset=7), done(SYNC_ENDS, offset=7)]
    assert left_by(*synced) == {((FILE, b"new"),)}


def test_what_was_written_after_a_sync_began_may_go() -> None:
    """A sync vouches for what came before it, also when it ends later."""
    late = [done(SYNC_BEGINS, offset=7), done(WRITE, data=b"new"), done(SYNC_ENDS, offset=7)]
    assert left_by(*late) == {((FILE, b"old"),), ((FILE, b"new"),)}


def test_a_later_write_may_stay_where_an_earlier_one_goes() -> None:
    """Without a sync between them nothing orders them."""
    two = [done(WRITE, data=b"n"), done(WRITE, data=b"w", offset=2)]
    assert {content for ((_, content),) in left_by(*two)} == {b"old", b"nld", b"olw", b"nlw"}


def test_a_large_write_is_torn_between_sectors() -> None:
    """A disk writes sectors, not what a program calls a page."""
    big = left_by(done(WRITE, data=b"x" * 8192), cuts=400)
    torn = {content for ((_, content),) in big if content not in {b"old", b"x" * 8192}}
    assert torn
    assert all(len(content) % 512 == 0 for content in torn)


def test_a_name_is_there_for_good_when_its_folder_was_synced() -> None:
    """A synced file without a name is no file."""
    made = [
        done(CREATE, path="/disk/b"),
        done(WRITE, path="/disk/b", data=b"b"),
        done(SYNC_BEGINS, path="/disk/b", offset=1),
        done(SYNC_ENDS, path="/disk/b", offset=1),
    ]
    assert left_by(*made) == {((FILE, b"old"),), ((FILE, b"old"), ("/disk/b", b"b"))}
    synced = [done(SYNC_BEGINS, path="/disk", offset=2), done(SYNC_ENDS, path="/disk", offset=2)]
    assert left_by(*made, *synced) == {((FILE, b"old"), ("/disk/b", b"b"))}
    assert left_by(done(UNLINK), *synced) == {()}
    assert left_by(done(RENAME, data=b"/disk/c"), *synced) == {(("/disk/c", b"old"),)}
    assert left_by(done(TRUNCATE, offset=1)) == {((FILE, b"old"),), ((FILE, b"o"),)}


@pytest.mark.needs("gcc")
def test_a_process_is_recorded_to_the_last_byte(tmp_path: Path) -> None:
    """Replaying the record up to a moment gives what the process had made, in its own order and with every mark."""
    folder, log = tmp_path / "disk", tmp_path / "log"
    folder.mkdir()
    environment = dict(recording(built(tmp_path), folder=folder, log=log))
    mark(log, "begins")
    subprocess.run([sys.executable, "-S", "-c", WRITER, str(folder)], env=environment, check=True)
    mark(log, "ended")
    found = [(record.kind, Path(record.path).name, record.offset, record.data) for record in read_log(log)]
    kinds = [(kind, name, data) for kind, name, _, data in found]
    assert kinds == [
        (MARK, "", b"begins"),
        (CREATE, "a", b""),
        (WRITE, "a", b"hello"),
        (SYNC_BEGINS, "a", b""),
        (SYNC_ENDS, "a", b""),
        (WRITE, "a", b"J"),
        (TRUNCATE, "a", b""),
        (SYNC_BEGINS, "a", b""),
        (SYNC_ENDS, "a", b""),
        (RENAME, "a", str(folder / "b").encode()),
        (SYNC_BEGINS, "disk", b""),
        (SYNC_ENDS, "disk", b""),
        (UNLINK, "b", b""),
        (MARK, "", b"ended"),
    ]
    disk = Disk({})
    for record in read_log(log)[:12]:
        disk.play(record)
    assert disk.cut(random.Random(1)) == {str(folder / "b"): b"Jel"}
