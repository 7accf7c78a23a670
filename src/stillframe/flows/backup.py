"""Backup and restore: everything into one file, and back, with or without the key of secrets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from stillframe.errors import BackupRefused, ConfigurationError, InvalidInput
from stillframe.flows.letters import address_row
from stillframe.model.times import time_text
from stillframe.notify import Vault, load_key, put_key, unwrap_key, wrap_key
from stillframe.store import (
    BackupNote,
    Store,
    put_in_place,
    read_note,
    require_replaceable,
    require_sound,
    unpacked_beside,
    write_backup,
)

KeyState: TypeAlias = Literal["restored", "in place", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """
    Where an installation keeps its things, whether they are there or not.

    Shape   `target`: a path or a `postgresql://` URL. `given_key`: the key, where the settings say it and no file does.
    """

    target: str = field(repr=False)
    key_path: Path
    given_key: bytes | None = field(default=None, repr=False)

    @property
    def database(self) -> str:
        """The kind of database."""
        return "postgresql" if "://" in self.target else "sqlite"

    @property
    def key_place(self) -> str:
        """Where somebody finds the key of secrets."""
        return "secrets.key of the configuration" if self.given_key is not None else str(self.key_path)

    def key(self) -> bytes | None:
        """
        Return the key of secrets; None if there is none yet.

        Errors  ConfigurationError if the file is there and is no key.
        """
        if self.given_key is not None:
            return self.given_key
        return load_key(self.key_path) if self.key_path.exists() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A backup that was written."""

    file: Path
    bytes: int
    note: BackupNote

    def as_dict(self) -> dict[str, Any]:
        return {"file": str(self.file), "bytes": self.bytes} | _note_dict(self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """
    A backup that is the database now.

    Shape   `paused`: the webhooks that can no longer be told, because their addresses are sealed with a key that is not
            here, each `{subscription, dashboard, webhook}`. `old_key`: where another key was put aside.
    """

    note: BackupNote
    key: KeyState
    paused: tuple[dict[str, str], ...]
    old_key: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        return _note_dict(self.note) | {
            "key": self.key,
            "paused": [dict(found) for found in self.paused],
            "old_key": None if self.old_key is None else str(self.old_key),
        }


def back_up(
    here: Installation, file: Path, *, passphrase: bytes | None = None, now: datetime, version: str
) -> BackedUp:
    """
    Write everything into a new file, as it is at one moment, while captures go on.

    Shape   `passphrase`: wraps the key of secrets in; without it the key stays out.
    Errors  Conflict if the file exists; InvalidInput if there is no key to wrap in; StoreError.
    Source  docs/howto/back-up-and-restore.md.
    """
    wrapped: bytes | None = None
    if passphrase is not None:
        key = here.key()
        if key is None:
            raise InvalidInput(f"there is no key of secrets at {here.key_path}, so none can be wrapped in")
        wrapped = wrap_key(key, passphrase)
    note = BackupNote(made_at=now, version=version, made_from=here.database, wrapped_key=wrapped)
    write_backup(here.target, file, note=note)
    return BackedUp(file=file, bytes=file.stat().st_size, note=note)


def restore(
    here: Installation, file: Path, *, passphrase: bytes | None = None, force: bool = False, now: datetime
) -> Restored:
    """
    Put a backup in the place of the database, after everything about it was checked.

    Shape   `force`: also where a database with something in it is.
    Errors  BackupRefused for a file that is none, or damaged; SchemaAhead if a newer program wrote it; Conflict if the
            database holds something, or somebody has it open; InvalidInput for a wrong passphrase; StoreError. After
            any of them the database is what it was.
    Source  docs/howto/back-up-and-restore.md.
    """
    note = read_note(file)
    require_replaceable(here.target, force=force)
    brought = _brought_key(here, note, passphrase)
    key = brought or _key_in_place(here)
    with _workplace(here) as folder, unpacked_beside(file, folder) as draft:
        require_sound(draft, BackupRefused)
        paused = _pause_what_is_lost(draft, key, now=now)
        put_in_place(draft, here.target)
    old_key = None
    if brought is not None and here.given_key is None and brought != _key_in_place(here):
        old_key = put_key(here.key_path, brought)
    state: KeyState = "restored" if brought is not None else "absent" if key is None else "in place"
    return Restored(note=note, key=state, paused=paused, old_key=old_key)


def _brought_key(here: Installation, note: BackupNote, passphrase: bytes | None) -> bytes | None:
    if passphrase is None:
        return None
    if note.wrapped_key is None:
        raise InvalidInput("this backup carries no key: it was written without --with-key")
    key = unwrap_key(note.wrapped_key, passphrase)
    if here.given_key is not None and here.given_key != key:
        raise InvalidInput("secrets.key of the configuration is another key than the one in this backup: set that one")
    return key


def _key_in_place(here: Installation) -> bytes | None:
    try:
        return here.key()
    except ConfigurationError:
        return None


def _pause_what_is_lost(draft: Path, key: bytes | None, *, now: datetime) -> tuple[dict[str, str], ...]:
    store = Store.open(draft, create=False)
    try:
        with store.write() as unit:
            lost = [
                found
                for found, sealed in unit.subscriptions.sealed_addresses()
                if key is None or not _opens(Vault(key), found.id, sealed)
            ]
            unit.subscriptions.lose_key([found.id for found in lost], at=now)
    finally:
        store.close()
    return tuple(
        {"subscription": found.id, "dashboard": found.dashboard_id, "webhook": found.subscriber_id} for found in lost
    )


def _opens(vault: Vault, subscription_id: str, sealed: bytes) -> bool:
    try:
        vault.open(sealed, row_id=address_row(subscription_id))
    except ConfigurationError:
        return False
    return True


@contextmanager
def _workplace(here: Installation) -> Iterator[Path]:
    """Where a copy is made ready: on the same disk as a SQLite file, so that it can be renamed into its place."""
    if here.database == "sqlite":
        yield Path(here.target).absolute().parent
        return
    with tempfile.TemporaryDirectory(prefix="stillframe-restore-") as folder:
        yield Path(folder)


def _note_dict(note: BackupNote) -> dict[str, Any]:
    return {
        "made_at": time_text(note.made_at),
        "made_from": note.made_from,
        "version": note.version,
        "with_key": note.wrapped_key is not None,
    }
