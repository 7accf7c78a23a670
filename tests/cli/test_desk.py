"""A command opens what the configuration names, knows its caller, and closes again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import structlog

from stillframe.cli.desk import log_to_stderr, opened, tell_what_waits
from stillframe.errors import StoreMissing
from tests.cli.conftest import Run


def test_only_a_command_that_makes_something_makes_the_database(folder: Path) -> None:
    """And the message of the others names where they looked."""
    config = folder / "stillframe.toml"
    with pytest.raises(StoreMissing, match=str(folder / "stillframe.db")), opened(config):
        raise AssertionError("nothing is there to be opened")
    with opened(config, create=True) as desk:
        assert (folder / "stillframe.db").exists()
        assert desk.caller.name.startswith("local:")
        assert desk.caller.is_admin
    with opened(config) as again:
        assert again.caller.user_id == desk.caller.user_id


def test_nothing_runs_on_after_a_command(folder: Path) -> None:
    """A thread left behind would keep the process, a file left open would keep the database."""
    before = set(threading.enumerate())
    with opened(folder / "stillframe.toml", create=True):
        assert open_files(folder)
    assert set(threading.enumerate()) <= before
    assert open_files(folder) == []


def open_files(folder: Path) -> list[str]:
    """The database files under a folder that this process holds open."""
    links = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [link.name for link in links if link.parent == folder and link.name.startswith("stillframe.db")]


def test_the_log_never_mixes_with_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    """A warning in the middle of a JSON document breaks every script."""
    log_to_stderr()
    structlog.get_logger("x").warning("a_warning", about="it")
    structlog.get_logger("x").info("not_worth_saying")
    said = capsys.readouterr()
    assert said.out == ""
    assert "a_warning" in said.err
    assert "not_worth_saying" not in said.err
    structlog.reset_defaults()


def test_nothing_waiting_is_not_worth_a_word(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A message that always comes is never read."""
    with opened(folder / "stillframe.toml", create=True) as desk:
        tell_what_waits(desk.services)
    assert capsys.readouterr().err == ""


def test_what_waits_without_a_worker_is_said(run: Run, sellers: str, sell: object) -> None:
    """A receiver that is down leaves a delivery to retry, and somebody must come back for it."""
    assert callable(sell)
    run("dashboard", "snapshot", "create", "--dashboard", sellers)
    hook = ("subscription", "add", "--dashboard", sellers, "--webhook", "http://127.0.0.1:9/x", "--rule")
    run(*hook, '{"any_change": true}', code=2)
    run(*(part.replace(":9/", ":19999/") for part in hook), '{"any_change": true}')
    sell("rice", 50)
    done = run("dashboard", "snapshot", "create", "--dashboard", sellers, "--format", "json")
    assert done.json["dispatch"]["failed"] == 1
    assert "1 delivery waits and no worker is running: `stillframe worker --once`" in done.err
