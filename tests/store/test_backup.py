"""A backup is whole or is not there, is what it was written as or is refused, and comes back as it was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stillframe.errors import BackupRefused, Conflict, SchemaAhead, SchemaBehind, StoreError
from stillframe.store import Store
from stillframe.store.backup import (
    BackupNote,
    put_in_place,
    read_note,
    require_replaceable,
    require_sound,
    unpacked_beside,
    write_backup,
)
from stillframe.store.connect import SQLITE
from tests.store.cast import NOON, Scene, scene
from tests.store.damage import by_hand, drop_trigger

NOTE = BackupNote(made_at=NOON, version="1.2.3", made_from="sqlite", wrapped_key=b"wrapped")


@pytest.fixture
def here(target: str) -> Scene:
    """A database with five snapshots, open."""
    store = Store.open(target, create=True)
    found = scene(store)
    for value in range(5):
        found.take(value)
    return found


def restored(file: Path, target: str) -> None:
    """Do what a restore does, without its checks."""
    folder = file.parent if "://" in target else Path(target).parent
    with unpacked_beside(file, folder) as draft:
        put_in_place(draft, target)


def test_a_backup_comes_back_as_it_was(here: Scene, target: str, tmp_path: Path) -> None:
    """Into the same database after everything else changed: sequences, payloads and the note."""
    file = tmp_path / "monday.stillframe"
    write_backup(target, file, note=NOTE)
    here.take(77)
    here.store.close()
    assert read_note(file) == NOTE
    restored(file, target)
    again = Store.open(target, create=False)
    with again.read() as unit:
        records = unit.snapshots.list(here.dashboard.id, limit=9).items
        assert [record.sequence for record in records] == [5, 4, 3, 2, 1]
        assert all(unit.snapshots.get(record.id) for record in records)
    assert replace(here, store=again).take(6).sequence == 6
    again.close()
    assert [found.name for found in tmp_path.iterdir() if "draft" in found.name] == []


@pytest.mark.postgres
def test_a_backup_of_one_database_comes_back_in_the_other(tmp_path: Path, postgres_url: str) -> None:
    """A file is a file, whichever database it came from and goes to."""
    sqlite = str(tmp_path / "stillframe.db")
    found = scene(Store.open(sqlite, create=True))
    taken = [found.take(value) for value in range(3)]
    found.store.close()
    for number, (origin, goal) in enumerate(((sqlite, postgres_url), (postgres_url, str(tmp_path / "other.db")))):
        file = tmp_path / f"{number}.stillframe"
        write_backup(origin, file, note=NOTE)
        restored(file, goal)
    again = Store.open(tmp_path / "other.db", create=False)
    with again.read() as unit:
        assert [unit.snapshots.record(record.id) for record in taken] == taken
    again.close()


def test_a_backup_is_readable_by_its_owner_alone(here: Scene, target: str, tmp_path: Path) -> None:
    """It holds digests of tokens and sealed addresses."""
    file = tmp_path / "monday.stillframe"
    write_backup(target, file, note=NOTE)
    assert file.stat().st_mode & 0o777 == 0o600
    here.store.close()


def test_a_file_that_exists_is_not_replaced(here: Scene, target: str, tmp_path: Path) -> None:
    """Least of all the database itself."""
    file = tmp_path / "monday.stillframe"
    file.write_text("last Monday", encoding="utf8")
    with pytest.raises(Conflict, match="exists already"):
        write_backup(target, file, note=NOTE)
    assert file.read_text(encoding="utf8") == "last Monday"
    here.store.close()


def test_a_backup_while_captures_go_on_is_of_one_moment(here: Scene, target: str, tmp_path: Path) -> None:
    """Every snapshot up to some sequence is in it, whole, and none after."""
    ended = threading.Event()

    def capture() -> None:
        value = 100
        while not ended.is_set():
            value += 1
            here.take(value)

    thread = threading.Thread(target=capture)
    thread.start()
    files = [tmp_path / f"{number}.stillframe" for number in range(3)]
    for file in files:
        write_backup(target, file, note=NOTE)
    ended.set()
    thread.join()
    here.store.close()
    lasts = []
    for file in files:
        with unpacked_beside(file, tmp_path) as draft:
            require_sound(draft, BackupRefused)
            store = Store.open(draft, create=False)
            with store.read() as unit:
                lasts.append(unit.heads.get(here.dashboard.id).last_sequence)
            store.close()
    assert lasts == sorted(lasts)
    assert lasts[-1] > 5


def flipped(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 4
    file.write_bytes(bytes(content))


@pytest.mark.parametrize("share", [0.02, 0.2, 0.4, 0.6, 0.8, 0.999])
def test_one_flipped_bit_anywhere_is_refused(here: Scene, target: str, tmp_path: Path, share: float) -> None:
    """In a page, a text, a payload or the note: the file is not what was written."""
    file = tmp_path / "monday.stillframe"
    write_backup(target, file, note=NOTE)
    here.store.close()
    flipped(file, int(file.stat().st_size * share))
    with pytest.raises(BackupRefused, match="damaged"):
        read_note(file)


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content + b"more",
        lambda content: content[:100],
    ],
)
def test_half_a_file_is_refused(here: Scene, target: str, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    """Cut off by a full disk, or with something behind it."""
    file = tmp_path / "monday.stillframe"
    write_backup(target, file, note=NOTE)
    here.store.close()
    file.write_bytes(harm(file.read_bytes()))
    with pytest.raises(BackupRefused):
        read_note(file)


def test_what_is_no_backup_is_refused(sqlite_path: Path, tmp_path: Path) -> None:
    """A letter, another database, the database itself, a folder, nothing."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam", encoding="utf8")
    for file in (letter, sqlite_path, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BackupRefused, match=r"not a backup|cannot be read"):
            read_note(file)


def test_a_backup_of_a_newer_program_is_refused(here: Scene, target: str, tmp_path: Path) -> None:
    """Its rows would be read as if they were ours."""
    file = tmp_path / "monday.stillframe"
    write_backup(target, file, note=NOTE)
    here.store.close()
    by_hand(str(file), "UPDATE alembic_version SET version_num='9999'")
    with pytest.raises(SchemaAhead, match="newer program"), unpacked_beside(file, tmp_path):
        raise AssertionError("it was unpacked")
    for version, error in (("9999", SchemaAhead), ("0001", SchemaBehind)):
        by_hand(target, f"UPDATE alembic_version SET version_num='{version}'")
        with pytest.raises(error):
            write_backup(target, tmp_path / "other.stillframe", note=NOTE)


def test_a_damaged_database_gives_no_backup(here: Scene, target: str, tmp_path: Path) -> None:
    """A backup that could not be restored is worse than none that everybody hears of."""
    here.store.close()
    by_hand(target, drop_trigger(target, "frames_delete"), "DELETE FROM frames")
    with pytest.raises(StoreError, match=r"damaged|not there"):
        write_backup(target, tmp_path / "monday.stillframe", note=NOTE)
    assert [found.name for found in tmp_path.iterdir() if "monday" in found.name] == []


def test_a_database_with_something_in_it_is_not_replaced_unless_forced(here: Scene, target: str) -> None:
    """An empty one is, and so is none."""
    with pytest.raises(Conflict, match="--force"):
        require_replaceable(target, force=False)
    require_replaceable(target, force=True)
    here.store.close()


def test_something_that_is_no_database_is_never_replaced(tmp_path: Path) -> None:
    """Whoever mistyped a path loses no letter."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam", encoding="utf8")
    for force in (False, True):
        with pytest.raises(BackupRefused, match="not a database"):
            require_replaceable(str(letter), force=force)
    require_replaceable(str(tmp_path / "nowhere.db"), force=False)


def test_a_database_that_is_open_is_not_replaced(sqlite_path: Path, tmp_path: Path) -> None:
    """A server that runs would go on writing into a file that has no name any more."""
    store = Store.open(sqlite_path, create=False)
    here = scene(store)
    here.take(1)
    file = tmp_path / "monday.stillframe"
    write_backup(str(sqlite_path), file, note=NOTE)
    with pytest.raises(Conflict, match="stop the server"):
        restored(file, str(sqlite_path))
    assert here.take(2).sequence == 2
    store.close()
    restored(file, str(sqlite_path))
    connection = SQLITE.connect(str(sqlite_path))
    assert connection.execute("SELECT count(*) FROM snapshots").fetchone() == (1,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_damaged_database_can_be_replaced(sqlite_path: Path, tmp_path: Path) -> None:
    """That is what a backup is for."""
    target, file = str(sqlite_path), tmp_path / "monday.stillframe"
    here = scene(Store.open(sqlite_path, create=False))
    here.take(1)
    write_backup(target, file, note=NOTE)
    here.store.close()
    sqlite_path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    with pytest.raises(StoreError):
        require_replaceable(target, force=False)
    require_replaceable(target, force=True)
    restored(file, target)
    again = Store.open(target, create=False)
    with again.read() as unit:
        assert unit.heads.get(here.dashboard.id).last_sequence == 1
    again.close()
