"""Backup and restore of an installation: with its key, without it, and refused before anything is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillframe.errors import BackupRefused, ConfigurationError, Conflict, InvalidInput
from stillframe.flows.backup import Installation, back_up, restore
from stillframe.flows.doctor import examine
from stillframe.store import Store
from stillframe.testing import WebhookReceiver
from stillframe.wiring import build_services, installation
from tests.databases import target
from tests.flows.room import ANY, Room
from tests.flows.upkeep import ageing_room, standing, take
from tests.stories.house import settings_of

__all__ = ["target"]
PASSPHRASE = b"correct horse"


@pytest.fixture
def room(tmp_path: Path, target: str) -> Iterator[Room]:
    """A room with a webhook and a persona, on SQLite and then on PostgreSQL."""
    with ageing_room(tmp_path, target) as found, WebhookReceiver() as receiver:
        board = found.board()
        found.subscribe(board, receiver, ANY)
        found.subscribe(board, "alice", ANY)
        yield found


def saved(room: Room, file: Path, *, passphrase: bytes | None = None) -> Path:
    back_up(installation(room.settings), file, passphrase=passphrase, now=room.clock(), version="1.2.3")
    return file


def new_home(folder: Path) -> Installation:
    """Return an installation in a folder of its own, where nothing is yet."""
    return Installation(target=str(folder / "stillframe.db"), key_path=folder / "secret.key")


def states(here: Installation) -> dict[str, tuple[str, str | None]]:
    """Return the state of each subscription by its kind."""
    store = Store.open(here.target, create=False)
    with store.read() as unit:
        (board,) = unit.dashboards.list(None, groups=None, limit=9).items
        found = {one.subscriber_kind: (one.state, one.paused_reason) for one in unit.subscriptions.list(board.id, None)}
    store.close()
    return found


def test_a_restored_installation_is_whole(room: Room, tmp_path: Path) -> None:
    """In another place, with the key under its passphrase: the webhook is told as before."""
    (board,) = _boards(room)
    taken = [take(room, board, score) for score in (1, 2, 3)]
    file = saved(room, tmp_path / "all.stillframe", passphrase=PASSPHRASE)
    here = new_home(tmp_path / "new")
    done = restore(here, file, passphrase=PASSPHRASE, now=room.clock())
    assert (done.key, done.paused, done.old_key) == ("restored", (), None)
    assert here.key() == installation(room.settings).key()
    assert here.key_path.stat().st_mode & 0o777 == 0o600
    assert examine(here).as_dict() | {"findings": []} == {"healthy": True, "broken": 0, "warnings": 0, "findings": []}
    assert standing(room, taken) == [1, 2, 3]
    assert states(here)["webhook"] == ("active", None)


def _boards(room: Room) -> list[Any]:
    with room.services.store.read() as unit:
        return list(unit.dashboards.list(None, groups=None, limit=9).items)


def test_without_the_key_webhooks_are_paused_and_named_and_the_service_starts(room: Room, tmp_path: Path) -> None:
    """The backup left the key out; personas are told all the same."""
    file = saved(room, tmp_path / "all.stillframe")
    folder = tmp_path / "new"
    here = new_home(folder)
    done = restore(here, file, now=room.clock())
    assert done.key == "absent"
    assert [found["webhook"].split("/")[0] for found in done.paused] == ["http:"]
    assert states(here)["webhook"][0] == "paused"
    assert "key of secrets" in (states(here)["webhook"][1] or "")
    assert states(here)["persona"] == ("active", None)
    build_services(settings_of(folder, here.target), create=False).close()
    assert here.key() is not None


def test_a_lost_key_is_still_not_replaced_where_nothing_was_restored(room: Room, tmp_path: Path) -> None:
    """Only a restore knows that the key is gone for good; anybody else may yet find it."""
    installation(room.settings).key_path.unlink()
    with pytest.raises(ConfigurationError, match="put the key back"):
        build_services(room.settings, create=False)


def test_where_the_key_still_is_nothing_is_paused(room: Room, tmp_path: Path) -> None:
    """A restore in the same place finds its key there."""
    file = saved(room, tmp_path / "all.stillframe")
    room.services.close()
    done = restore(installation(room.settings), file, force=True, now=room.clock())
    assert (done.key, done.paused) == ("in place", ())


def test_another_key_is_put_aside_and_not_lost(room: Room, tmp_path: Path) -> None:
    """Whatever it opened can be opened again."""
    file = saved(room, tmp_path / "all.stillframe", passphrase=PASSPHRASE)
    here = new_home(tmp_path / "new")
    (tmp_path / "new").mkdir()
    other = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n"
    here.key_path.write_text(other, encoding="ascii")
    done = restore(here, file, passphrase=PASSPHRASE, now=room.clock())
    assert done.old_key is not None
    assert done.old_key.read_text(encoding="ascii") == other
    assert here.key() == installation(room.settings).key()


def test_what_is_wrong_is_said_before_anything_is_replaced(room: Room, tmp_path: Path) -> None:
    """A wrong passphrase, no key in it, a damaged file, a database in the way: the place is as it was."""
    plain, keyed = saved(room, tmp_path / "a.stillframe"), saved(room, tmp_path / "b.stillframe", passphrase=PASSPHRASE)
    broken = tmp_path / "c.stillframe"
    content = bytearray(keyed.read_bytes())
    content[len(content) // 2] ^= 1
    broken.write_bytes(bytes(content))
    folder = tmp_path / "new"
    folder.mkdir()
    here = new_home(folder)
    for file, passphrase, words in (
        (keyed, b"battery staple", "does not open"),
        (plain, PASSPHRASE, "carries no key"),
        (broken, PASSPHRASE, "damaged"),
        (tmp_path / "nowhere", None, "cannot be read"),
    ):
        with pytest.raises(InvalidInput, match=words):
            restore(here, file, passphrase=passphrase, now=room.clock())
        assert list(folder.iterdir()) == []
    with pytest.raises(Conflict, match="--force"):
        restore(installation(room.settings), plain, now=room.clock())
    with pytest.raises(BackupRefused):
        restore(installation(room.settings), broken, force=True, now=room.clock())


def test_a_key_that_is_not_there_cannot_be_wrapped_in(room: Room, tmp_path: Path) -> None:
    """Better said now than found out when the backup is needed."""
    here = Installation(target=installation(room.settings).target, key_path=tmp_path / "nowhere.key")
    with pytest.raises(InvalidInput, match="no key of secrets"):
        back_up(here, tmp_path / "a.stillframe", passphrase=PASSPHRASE, now=room.clock(), version="1")
    assert not (tmp_path / "a.stillframe").exists()


def test_the_key_is_not_in_a_backup_that_does_not_carry_it(room: Room, tmp_path: Path) -> None:
    """Neither as bytes nor as the text of its file, with and without a passphrase."""
    here = installation(room.settings)
    key = here.key()
    assert key is not None
    for name, passphrase in (("a", None), ("b", PASSPHRASE)):
        content = saved(room, tmp_path / name, passphrase=passphrase).read_bytes()
        assert key not in content
        assert here.key_path.read_bytes().strip() not in content
