"""Running and looking after an installation from the command line."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stillframe.testing import WebhookReceiver
from tests.cli.conftest import Run

READY_SECONDS = 30.0


def start(folder: Path, repository: Path, arguments: Sequence[str]) -> subprocess.Popen[str]:
    """The real command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(repository / "src"), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", "from stillframe.cli import main; main()", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """The first match of a pattern in what a process says."""
    assert process.stdout
    said = ""
    give_up_at = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up_at and (line := process.stdout.readline()):
        said += line
        if found := re.search(pattern, line):
            return found[0]
    raise AssertionError(f"{pattern} was not said: {said}")


def test_serve_answers_and_ends_when_asked(folder: Path, repository: Path) -> None:
    """It asks no question, makes its database, and leaves cleanly."""
    process = start(folder, repository, ["serve", "--port", "0"])
    try:
        address = read_until(process, r"http://127\.0\.0\.1:\d+")
        give_up_at = time.monotonic() + READY_SECONDS
        while time.monotonic() < give_up_at:
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(READY_SECONDS) == 0
        assert (folder / "stillframe.db").exists()
    finally:
        process.kill()
        process.communicate()


def test_a_worker_sends_what_a_command_left(
    run: Run, folder: Path, repository: Path, sellers: str, sell: Callable[[str, int], None], receiver: WebhookReceiver
) -> None:
    """A delivery put up for sending again is taken by the worker that runs, which ends when asked."""
    hook = ("subscription", "add", "--dashboard", sellers, "--webhook", receiver.url(), "--format", "json", "--rule")
    made = run(*hook, '{"any_change": true}').json
    run("dashboard", "snapshot", "create", "--dashboard", sellers)
    sell("rice", 50)
    run("dashboard", "snapshot", "create", "--dashboard", sellers)
    listing = ("delivery", "list", "--dashboard", sellers, "--subscription", made["id"], "--format", "json")
    (sent,) = run(*listing).json["items"]
    process = start(folder, repository, ["worker"])
    try:
        read_until(process, "worker runs")
        assert "no worker" not in run("delivery", "replay", sent["id"]).err
        receiver.wait_for(2, seconds=READY_SECONDS)
        process.send_signal(signal.SIGTERM)
        assert process.wait(READY_SECONDS) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_worker_answers_prometheus_on_a_port_of_its_own(run: Run, folder: Path, repository: Path) -> None:
    """What has no HTTP door is watched all the same; its log is JSON from the first line to the last."""
    run("migrate")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = start(folder, repository, ["worker", "--metrics-port", str(port)])
    try:
        lines = [read_until(process, ".*worker runs.*")]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=READY_SECONDS) as answer:
            assert b"stillframe_workers 1.0" in answer.read()
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=READY_SECONDS)
        assert process.returncode == 0
        assert all(json.loads(line)["event"] for line in [*lines, *said.splitlines()])
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_stops_a_worker_before_it_works(run: Run) -> None:
    """A worker that nobody can watch is not what was asked for."""
    run("migrate")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1:{port}" in run("worker", "--metrics-port", port, code=2).err


def test_migrate_says_where_the_database_is(run: Run, folder: Path) -> None:
    """And running it again changes nothing."""
    first = run("migrate", "--format", "json").json
    assert first == {"schema": "current", "database": "sqlite", "at": str(folder / "stillframe.db")}
    assert run("migrate", "--format", "json").json == first


@pytest.mark.postgres
def test_the_same_commands_work_on_postgresql(
    run: Run, folder: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is named in the settings and nowhere else, and its URL is never shown."""
    monkeypatch.setenv("STILLFRAME_DATABASE__URL", postgres_url)
    assert run("migrate", "--format", "json").json["at"] == "a PostgreSQL server"
    run("dashboard", "apply", str(folder / "sellers.yaml"))
    run("dashboard", "snapshot", "create", "--dashboard", "sellers")
    listed = run("dashboard", "snapshot", "list", "--dashboard", "sellers", "--format", "json").json
    assert [record["sequence"] for record in listed["items"]] == [1]
    shown = run("config", "show")
    assert postgres_url not in shown.out + shown.err
    assert not (folder / "stillframe.db").exists()


def test_a_worker_with_nothing_to_do_returns(run: Run) -> None:
    """Once means once, also when there is nothing."""
    run("migrate")
    assert run("worker", "--once", "--format", "json").json == {"delivered": 0, "failed": 0, "pending": 0}


def test_the_configuration_is_shown_without_its_secrets(run: Run, folder: Path) -> None:
    """A connection's URL often holds a password."""
    secret = "hunter2"
    with (folder / "stillframe.toml").open("a", encoding="utf8") as file:
        file.write(f'[connections.other]\nurl = "postgresql://u:{secret}@db/x"\n')
    for shown in (run("config", "show"), run("config", "show", "--format", "json")):
        assert secret not in shown.out + shown.err
        assert str(folder / "stillframe.toml") in shown.err
    assert run("config", "show", "--format", "json").json["webhook"]["allow_private_targets"] is True
    assert "dashboard.snapshot_list_limit" in run("config", "show").out
