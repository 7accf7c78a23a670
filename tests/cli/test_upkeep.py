"""Backup, restore, doctor and cleanup from the command line: data on stdout, talk on stderr, exit codes that say it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, columns_of
from tests.store.damage import by_hand


@pytest.fixture
def snapshot(run: Run, sellers: str) -> str:
    """One snapshot of the shop; its id."""
    taken = run("dashboard", "snapshot", "create", "--dashboard", sellers, "--format", "json").json
    return str(taken["id"])


def test_a_backup_is_restored_by_two_commands(run: Run, snapshot: str, folder: Path) -> None:
    """Out of the way goes what was there, back comes what was saved."""
    file = folder / "monday.stillframe"
    made = run("backup", str(file))
    assert "The key of secrets is not in the backup" in made.err
    assert f"file       {file}" in made.out
    refused = run("restore", str(file), code=1)
    assert "--force" in refused.err
    done = run("restore", str(file), "--force", "--format", "json").json
    assert (done["with_key"], done["paused"], done["key"]) == (False, [], "in place")
    assert run("dashboard", "snapshot", "show", snapshot, "--format", "json").json["id"] == snapshot
    assert run("doctor", "--format", "json").json["healthy"] is True


def test_a_key_comes_and_goes_under_a_passphrase(run: Run, snapshot: str, folder: Path) -> None:
    """The passphrase is read from a file, without the end of its line, and is never shown."""
    secret = folder / "passphrase.txt"
    secret.write_text("correct horse\n", encoding="utf8")
    file = folder / "all.stillframe"
    made = run("backup", str(file), "--with-key", str(secret), "--format", "json")
    assert (made.json["with_key"], made.err) == (True, "")
    secret.write_text("correct horse", encoding="utf8")
    assert run("restore", str(file), "--force", "--with-key", str(secret), "--format", "json").json["key"] == "restored"
    secret.write_text("wrong", encoding="utf8")
    wrong = run("restore", str(file), "--force", "--with-key", str(secret), code=2)
    assert "does not open the key" in wrong.err
    for text in ("", "\n"):
        secret.write_text(text, encoding="utf8")
        assert "holds no passphrase" in run("backup", str(folder / "x"), "--with-key", str(secret), code=2).err
    assert "cannot be read" in run("backup", str(folder / "x"), "--with-key", str(folder / "nowhere"), code=2).err
    assert not (folder / "x").exists()


def test_what_cannot_be_restored_is_wrong_input(run: Run, snapshot: str, folder: Path) -> None:
    """Exit code 2, a sentence, and the database as it was."""
    for name in ("pushed.yaml", "shop.db", "nowhere"):
        refused = run("restore", str(folder / name), "--force", code=2)
        assert "not a backup" in refused.err or "cannot be read" in refused.err
    assert run("doctor", "--format", "json").json["healthy"] is True


def test_an_existing_file_is_not_overwritten(run: Run, snapshot: str, folder: Path) -> None:
    """Last Monday's backup is worth as much as this one's."""
    file = folder / "monday.stillframe"
    run("backup", str(file))
    before = file.read_bytes()
    assert "exists already" in run("backup", str(file), code=1).err
    assert file.read_bytes() == before


def test_the_doctor_ends_with_1_when_something_is_broken(run: Run, snapshot: str, folder: Path) -> None:
    """The table says what; the JSON counts it; a warning alone is no failure."""
    healthy = run("doctor")
    assert columns_of(healthy.out.splitlines()) == ["LEVEL", "CHECK", "MESSAGE"]
    target = str(folder / "stillframe.db")
    by_hand(target, "DROP TRIGGER frames_delete", "DELETE FROM frames")
    broken = run("doctor", "--format", "json", code=1).json
    assert broken["healthy"] is False
    said = {(found["check"], found["level"]) for found in broken["findings"]}
    assert {("payloads", "broken"), ("schema", "broken"), ("records", "ok")} <= said
    assert snapshot in json.dumps(broken)


def test_the_doctor_looks_where_nothing_is_and_makes_nothing(run: Run, folder: Path) -> None:
    """A command that only reads names the path it looked at."""
    looked = run("doctor", code=1)
    assert str(folder / "stillframe.db") in looked.out
    assert not (folder / "stillframe.db").exists()


def test_a_backup_of_nothing_says_where_nothing_is(run: Run, folder: Path) -> None:
    """And leaves no file behind."""
    assert str(folder / "stillframe.db") in run("backup", str(folder / "a.stillframe"), code=1).err
    assert not (folder / "a.stillframe").exists()
    assert not (folder / "stillframe.db").exists()


def test_a_cleanup_says_what_it_removed_and_kept_and_why(run: Run, snapshot: str) -> None:
    """By retention class, as a table and as JSON; a dry run says so."""
    found = run("dashboard", "cleanup", "--dry-run", "--format", "json").json
    assert (found["dry_run"], found["payloads_removed"], found["payloads_kept"]) == (True, 0, 1)
    assert found["classes"]["standard"]["kept"] == {"newest": 1}
    assert found["log"] == {"deliveries": 0, "verdicts": 0, "attempts": 0, "audit": 0}
    done = run("dashboard", "cleanup")
    assert columns_of(done.out.splitlines()) == ["CLASS", "REMOVED", "KEPT", "BEFORE"]
    assert ["payloads_removed", "0"] in [line.split() for line in done.out.splitlines()]
