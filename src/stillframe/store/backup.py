"""Backups: one SQLite file with everything in it, whichever database it came from, and the way back."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from stillframe.errors import (
    BackupRefused,
    Conflict,
    SchemaAhead,
    StoreError,
    StoreFull,
    StoreMissing,
    StoreUnavailable,
)
from stillframe.model.times import time_from_text, time_text
from stillframe.store import schema
from stillframe.store.connect import BUSY_SECONDS, SQLITE, is_postgresql, open_engine
from stillframe.store.faults import translated
from stillframe.store.inspection import inspected
from stillframe.store.transfer import copied_to_postgresql, copied_to_sqlite, holds_something

APPLICATION_ID = 0x5374466D
"""`StFm` at offset 68 of a SQLite file: this one is a backup of Stillframe's."""
_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID_AT = 68
_HEAD_BYTES = 100
_DIGEST_BYTES = 32
_CHUNK_BYTES = 1024 * 1024
_PRIVATE = 0o600
_NOTE = """CREATE TABLE stillframe_backup(made_at TEXT NOT NULL,version TEXT NOT NULL,made_from TEXT NOT NULL,
wrapped_key BLOB,digest BLOB NOT NULL)"""
_DAMAGED = "This backup is damaged: it is not what was written. Nothing was replaced; take another backup."


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupNote:
    """
    What a backup says about itself.

    Shape   `made_from`: `sqlite` or `postgresql`. `wrapped_key`: the key of secrets under a passphrase, if it is in it.
    """

    made_at: datetime
    version: str
    made_from: str
    wrapped_key: bytes | None = None


def write_backup(target: str, file: Path, *, note: BackupNote) -> None:
    """
    Write everything that a database holds at one moment into a new file, while others read and write.

    The file is written under another name, readable by its owner alone, and gets its own when it is whole and on disk.

    Errors  Conflict if the file exists; StoreMissing, SchemaBehind, SchemaAhead; StoreError.
    """
    if file.exists():
        raise Conflict(f"{file} exists already; a backup replaces nothing")
    if not is_postgresql(target) and not Path(target).exists():
        raise StoreMissing(f"There is no database at {target}.")
    with _draft_beside(file) as draft:
        if is_postgresql(target):
            copied_to_sqlite(target, draft)
        else:
            _vacuum_into(target, draft)
        require_sound(draft, StoreError)
        _annotate(draft, note)
        _sync(draft)
        try:
            os.link(draft, file)
        except FileExistsError:
            raise Conflict(f"{file} exists already; a backup replaces nothing") from None
        except OSError as error:
            raise StoreError(f"The backup cannot be put at {file}: {error.strerror}") from error
        _sync(file.parent)


def read_note(file: Path) -> BackupNote:
    """
    Return what a backup says about itself, after comparing the whole file with the digest that was written into it.

    Errors  BackupRefused if the file is none, or damaged.
    """
    _require_mark(file)
    try:
        with contextlib.closing(_connect(file, "mode=ro&immutable=1")) as connection:
            row = connection.execute(
                "SELECT made_at,version,made_from,wrapped_key,digest FROM stillframe_backup"
            ).fetchone()
        made_at, version, made_from, wrapped_key, digest = row
        found = BackupNote(
            made_at=time_from_text(made_at), version=version, made_from=made_from, wrapped_key=wrapped_key
        )
        place, whole = _place_of(file, digest), _digest_with_gap(file, digest)
    except (SQLITE.Error, TypeError, ValueError) as error:
        raise BackupRefused(_DAMAGED) from error
    if place is None or whole != digest:
        raise BackupRefused(_DAMAGED)
    return found


@contextmanager
def unpacked_beside(file: Path, folder: Path) -> Iterator[Path]:
    """
    Give a copy of a backup that is a database again: without its note, and of this program's schema.

    Errors  SchemaAhead if a newer program wrote it; StoreFull; StoreError.
    """
    with _draft_beside(folder / file.name) as draft:
        try:
            shutil.copyfile(file, draft)
        except OSError as error:
            raise (
                StoreFull if error.errno == errno.ENOSPC else StoreError(f"The backup cannot be read: {error}")
            ) from error
        with contextlib.closing(_connect(draft, "mode=rw")) as connection:
            connection.execute("DROP TABLE stillframe_backup")
            connection.execute("PRAGMA application_id=0")
            connection.commit()
        engine = open_engine(str(draft))
        try:
            with translated():
                if schema.schema_state(engine) == "ahead":
                    raise SchemaAhead("A newer program wrote this backup: upgrade Stillframe, then restore it.")
                schema.migrate(engine)
        finally:
            engine.dispose()
        yield draft


def require_sound(draft: Path, kind: type[BackupRefused] | type[StoreError]) -> None:
    """
    Return if nothing in a copy is broken: every payload is what its hash says, every reference leads somewhere.

    Errors  Of the given kind, naming the first thing that is.
    """
    broken = [found for found in inspected(str(draft)) if found.level == "broken"]
    if broken:
        more = "" if len(broken) == 1 else f" (and {len(broken) - 1} more)"
        raise kind(f"What was copied is damaged: {broken[0].message}{more}; `stillframe doctor` says what.")


def require_replaceable(target: str, *, force: bool) -> None:
    """
    Return if a database may be put at a target.

    Errors  Conflict if one with something in it is there, unless `force`; BackupRefused if something else is there.
    """
    if not is_postgresql(target):
        path = Path(target)
        if not path.exists() or path.stat().st_size == 0:
            return
        if _head(path)[: len(_MAGIC)] != _MAGIC:
            raise BackupRefused(f"{path} is not a database; nothing was replaced.")
    try:
        holds = holds_something(target)
    except (StoreUnavailable, StoreError) as error:
        if not force or isinstance(error, StoreUnavailable):
            raise
        holds = True
    if holds and not force:
        raise Conflict("the database there holds something already; --force puts the backup in its place")


def put_in_place(draft: Path, target: str) -> None:
    """
    Put an unpacked backup where the database is: by renaming a file, or in one PostgreSQL transaction.

    Errors  Conflict if another process has the SQLite file open; StoreError. The old database is then as it was.
    """
    if is_postgresql(target):
        copied_to_postgresql(draft, target)
        return
    path = Path(target)
    _fold_wal_in(draft)
    _sync(draft)
    if path.exists():
        _close_for_good(path)
        shutil.copymode(path, draft)
    draft.replace(path)
    _sync(path.parent)


def _vacuum_into(target: str, draft: Path) -> None:
    engine = open_engine(target)
    try:
        with translated():
            schema.require_current(engine)
    finally:
        engine.dispose()
    try:
        with contextlib.closing(_connect(Path(target), "mode=rw")) as connection:
            connection.execute("VACUUM INTO ?", (str(draft),))
    except SQLITE.Error as error:
        if "full" in str(error):
            raise StoreFull from error
        raise StoreError(f"The database could not be copied: {error}; run `stillframe doctor`.") from error


def _annotate(draft: Path, note: BackupNote) -> None:
    """Write the note; its digest is that of the file in which zeros stand in the digest's place."""
    mark = secrets.token_bytes(_DIGEST_BYTES)
    row = (time_text(note.made_at), note.version, note.made_from, note.wrapped_key, mark)
    with contextlib.closing(_connect(draft, "mode=rw")) as connection:
        connection.execute(_NOTE)
        connection.execute("INSERT INTO stillframe_backup VALUES (?,?,?,?,?)", row)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.commit()
    place = _place_of(draft, mark)
    assert place is not None
    digest = _digest_with_gap(draft, mark)
    with draft.open("r+b") as written:
        written.seek(place)
        written.write(digest)


def _place_of(file: Path, mark: bytes) -> int | None:
    """Return where bytes stand in a file, if they stand there exactly once."""
    found: list[int] = []
    with file.open("rb") as stream:
        begin, rest = 0, b""
        while chunk := stream.read(_CHUNK_BYTES):
            window = rest + chunk
            at = window.find(mark)
            while at >= 0:
                found.append(begin - len(rest) + at)
                at = window.find(mark, at + 1)
            begin += len(chunk)
            rest = window[-(len(mark) - 1) :]
    return found[0] if len(found) == 1 else None


def _digest_with_gap(file: Path, mark: bytes) -> bytes:
    place, hashed = _place_of(file, mark), hashlib.sha256()
    if place is None:
        return b""
    with file.open("rb") as stream:
        left = place
        while left and (chunk := stream.read(min(left, _CHUNK_BYTES))):
            hashed.update(chunk)
            left -= len(chunk)
        hashed.update(bytes(len(mark)))
        stream.seek(place + len(mark))
        while chunk := stream.read(_CHUNK_BYTES):
            hashed.update(chunk)
    return hashed.digest()


def _require_mark(file: Path) -> None:
    try:
        head = _head(file)
    except OSError as error:
        raise BackupRefused(f"{file} cannot be read: {error.strerror}") from error
    mark = int.from_bytes(head[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4], "big")
    if head[: len(_MAGIC)] != _MAGIC or mark != APPLICATION_ID:
        raise BackupRefused(f"{file} is not a backup that `stillframe backup` wrote; nothing was replaced.")


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_HEAD_BYTES)


def _fold_wal_in(draft: Path) -> None:
    """Leave one file that holds everything and still says that it wants a WAL."""
    with contextlib.closing(_connect(draft, "mode=rw")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    wal = draft.with_name(draft.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise StoreError("The backup could not be made ready: somebody else has its copy open.")


def _close_for_good(path: Path) -> None:
    """Fold the WAL in and take its files away, which SQLite does only for the last connection to a database."""
    try:
        with contextlib.closing(_connect(path, "mode=rw", wait_seconds=1.0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except SQLITE.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise Conflict(f"another process has {path} open: stop the server and the workers first") from error
        _forget_wal(path)
    except SQLITE.DatabaseError:
        _forget_wal(path)


def _forget_wal(path: Path) -> None:
    """A damaged database's WAL must not be taken for that of the one that comes in its place."""
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)


@contextmanager
def _draft_beside(file: Path) -> Iterator[Path]:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}.draft")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))
    except OSError as error:
        raise StoreError(f"Nothing can be written beside {file}: {error.strerror}") from error
    try:
        yield draft
    finally:
        for name in ("", "-wal", "-shm", "-journal"):
            draft.with_name(draft.name + name).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _connect(path: Path, how: str, *, wait_seconds: float = BUSY_SECONDS) -> Any:  # noqa: ANN401  # because a DBAPI connection has no type
    return SQLITE.connect(f"file:{quote(str(path.absolute()))}?{how}", uri=True, timeout=wait_seconds)
