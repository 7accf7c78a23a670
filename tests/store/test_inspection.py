"""The examination of a database: it says what is damaged, of a file that is really damaged, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.store import Store
from stillframe.store.connect import SQLITE
from stillframe.store.inspection import inspected, sealed_addresses
from tests.store.cast import NOON, Scene, scene
from tests.store.damage import by_hand, drop_trigger, first_frame, flip


def broken(target: str) -> list[str]:
    """Return what is broken, each with its check."""
    return [f"{found.check}: {found.message}" for found in inspected(target) if found.level == "broken"]


@pytest.fixture
def filled(target: str) -> str:
    """A database with one dashboard and five snapshots."""
    store = Store.open(target, create=True)
    here = scene(store)
    for value in range(5):
        here.take(value)
    store.close()
    return target


def test_a_sound_database_is_found_sound(filled: str) -> None:
    """Every check says that it went well, and how much it looked at."""
    found = list(inspected(filled))
    assert [item for item in found if item.level != "ok"] == []
    said = {item.check: item.message for item in found}
    assert said["payloads"] == "5 payloads in 1 chains are what their hashes say"
    assert said["records"].startswith("5 records")
    assert "triggers guard evidence" in said["schema"]


def test_looking_changes_nothing(sqlite_path: Path) -> None:
    """A file is byte for byte what it was."""
    before = sqlite_path.read_bytes()
    assert broken(str(sqlite_path)) == []
    assert sqlite_path.read_bytes() == before


def test_an_edited_record_is_found_by_its_triggers_and_an_edited_payload_by_its_hash(filled: str) -> None:
    """Somebody drops a trigger, forges, and forgets to put it back."""
    by_hand(
        filled,
        drop_trigger(filled, "payloads_update"),
        "UPDATE payloads SET depth=1 WHERE depth=3",
    )
    found = broken(filled)
    assert "schema: trigger payloads_update is missing" in found
    assert any("is not what its hash says" in line or "cannot be read" in line for line in found)


def test_a_trigger_that_is_only_like_the_right_one_is_found(filled: str) -> None:
    """Put back with another condition, it guards nothing."""
    if "://" in filled:
        by_hand(filled, "ALTER TABLE snapshots DISABLE TRIGGER snapshots_delete")
    else:
        forged = "CREATE TRIGGER snapshots_delete BEFORE DELETE ON snapshots WHEN 0 BEGIN SELECT RAISE(ABORT,'no'); END"
        by_hand(filled, "DROP TRIGGER snapshots_delete", forged)
    assert broken(filled) == ["schema: trigger snapshots_delete is not as it was made"]


def test_a_frame_that_is_gone_is_named_with_the_snapshots_that_need_it(filled: str) -> None:
    """Which payloads cannot be read, and which snapshots show them."""
    by_hand(filled, drop_trigger(filled, "frames_delete"), "DELETE FROM frames")
    found = [line for line in broken(filled) if line.startswith("payloads")]
    assert len(found) == 5
    assert all("cannot be read: its chain of frames is broken; shown by snapshot " in line for line in found)


def test_a_record_that_is_gone_leaves_a_gap(filled: str) -> None:
    """Sequences have no gaps, so a missing record is seen although nothing names it."""
    by_hand(filled, drop_trigger(filled, "snapshots_delete"), "DELETE FROM snapshots WHERE sequence=3")
    found = broken(filled)
    assert any("has 4 records from 1 to 5" in line for line in found)
    assert any("names a parent that is not there" in line for line in found)


def test_a_head_that_is_not_where_it_should_be_is_found(filled: str) -> None:
    """The next capture would be compared with the wrong snapshot, or built on the wrong frame."""
    by_hand(filled, "UPDATE heads SET head_sequence=2")
    assert any("is not at its snapshot" in line for line in broken(filled))
    by_hand(filled, "UPDATE heads SET head_sequence=5,depth=2")
    assert any("is not at the end of its chain" in line for line in broken(filled))


def test_an_edited_word_in_the_records_table_of_words_is_missed_by_nobody(filled: str) -> None:
    """A record names words that are gone."""
    by_hand(filled, drop_trigger(filled, "texts_delete"), "DELETE FROM texts WHERE text='alice'")
    assert any("names an interned word that is not there" in line for line in broken(filled))


def test_a_member_who_joined_afterwards_is_found(filled: str) -> None:
    """A list may grow while it is made, which no trigger can tell from later; its digest can."""
    store = Store.open(filled, create=False)
    with store.write() as unit:
        key = unit.member_lists.keep(["a", "b/c"])
    store.close()
    assert broken(filled) == []
    by_hand(filled, f"INSERT INTO member_list_items(list,project) VALUES ({key},'mallory')")
    assert broken(filled) == [f"members: the member list {key} is not what its digest says"]


def test_a_flipped_bit_in_a_payload_is_found(sqlite_path: Path) -> None:
    """One bit of a key frame: everything upon it is unreadable, and is named."""
    store = Store.open(sqlite_path, create=False)
    here = scene(store)
    for value in range(3):
        here.take(value)
    store.close()
    flip(sqlite_path, at=first_frame(str(sqlite_path))[:40], shift=20)
    found = [line for line in broken(str(sqlite_path)) if line.startswith("payloads")]
    assert len(found) == 3


def test_a_broken_page_is_found_and_the_other_checks_go_on(sqlite_path: Path) -> None:
    """The head of a page is overwritten: SQLite says so, and what can still be read is still examined."""
    store = Store.open(sqlite_path, create=False)
    here = scene(store)
    for value in range(40):
        here.take(value, reason="r" * 200)
    store.close()
    content = bytearray(sqlite_path.read_bytes())
    root = _root_page(sqlite_path, "snapshots") - 1
    content[root * 1024 : root * 1024 + 16] = b"\xff" * 16
    sqlite_path.write_bytes(bytes(content))
    found = broken(str(sqlite_path))
    assert any(line.startswith("pages: ") for line in found)
    assert any(line.startswith("records: this could not be read to its end") for line in found)
    assert [item.level for item in inspected(str(sqlite_path)) if item.check == "payloads"] == ["ok"]


def _root_page(path: Path, table: str) -> int:
    connection = SQLITE.connect(str(path))
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name=?", (table,)).fetchone()
    connection.close()
    return int(page)


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    """A text file, half a file, no file: a sentence, never a traceback."""
    letter = tmp_path / "letter.db"
    letter.write_text("Dear Sir or Madam, " * 100, encoding="utf8")
    assert any("not a database" in line for line in broken(str(letter)))
    assert broken(str(tmp_path / "nowhere.db")) == [f"file: there is no database at {tmp_path / 'nowhere.db'}"]
    assert not (tmp_path / "nowhere.db").exists()


def test_a_schema_of_another_version_is_said_and_not_guessed_at(filled: str) -> None:
    """Older: migrate. Newer: upgrade. Its rows are not read as if they were ours."""
    for version, words in (("0001", "run `stillframe migrate`"), ("9999", "upgrade Stillframe")):
        by_hand(filled, f"UPDATE alembic_version SET version_num='{version}'")
        found = list(inspected(filled))
        assert any(words in item.message for item in found if item.level == "broken")
        assert not [item for item in found if item.check in {"records", "payloads"}]


def test_a_file_outside_the_wal_mode_is_a_warning(sqlite_path: Path) -> None:
    """It works, and its readers wait for its writer."""
    connection = SQLITE.connect(str(sqlite_path))
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    warned = [item.message for item in inspected(str(sqlite_path)) if item.level == "warning"]
    assert len(warned) == 1
    assert "not wal" in warned[0]


def test_sealed_addresses_are_those_that_may_still_be_used(filled: str, tmp_path: Path) -> None:
    """Removed subscriptions need no key any more; a file that cannot be read has none to show."""
    store = Store.open(filled, create=False)
    with store.read() as unit:
        dashboard = unit.dashboards.get("hypotheses")
        alice = unit.users.by_name("alice")
    assert dashboard is not None
    assert alice is not None
    here = Scene(store=store, alice=alice, dashboard=dashboard)
    first, second = here.subscribe(), here.subscribe(rule={"set_added_min": 3})
    with store.write() as unit:
        unit.subscriptions.remove(second.id, at=NOON)
    store.close()
    assert sealed_addresses(filled) == [(first.id, b"address", True)]
    assert sealed_addresses(str(tmp_path / "nowhere.db")) == []
