"""`stillframe demo` as continuous integration and as a person runs it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import sys
import time
import urllib.request
from pathlib import Path

from stillframe.cli.demo.command import _free
from tests.cli.conftest import Run

DAYS = "40"
SERVED_SECONDS = 60.0


def test_in_continuous_integration_it_returns_with_every_signature_verified(run: Run, tmp_path: Path) -> None:
    """More than a month of real flights through the real path, in a folder that stays."""
    done = run("demo", "--days", DAYS, "--folder", str(tmp_path / "demo"), "--format", "json").json
    assert done["snapshots"] == int(DAYS)
    assert done["webhooks"]["received"] == done["webhooks"]["verified"] > 0
    by_rule = {notice["rule"]: notice["notices"] for notice in done["notices"]}
    assert by_rule["podium"] > 0
    assert by_rule["slow drift"] > 0
    assert by_rule["bad day"] > 0
    assert all(moment["headline"] and told["why"] for moment in done["moments"] for told in moment["told"])
    assert (tmp_path / "demo" / "stillframe.db").exists()


def test_people_get_moments_and_a_closing_table(run: Run, tmp_path: Path) -> None:
    """The lines say what changed, who was told and why; nothing is served without a terminal."""
    done = run("demo", "--days", "3", "--folder", str(tmp_path / "demo"))
    assert "→ webhook /drift" in done.out
    assert "signatures verified" in done.out
    assert "sf_" not in done.out
    assert "Not serving" in done.err


def test_a_folder_that_is_in_use_is_refused(run: Run, folder: Path) -> None:
    """Exit code 2, and what was there stays."""
    before = sorted(path.name for path in folder.iterdir())
    assert "--folder" in run("demo", "--days", "1", "--folder", str(folder), code=2).err
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_port_that_is_taken_is_not_insisted_on() -> None:
    """The demo must start on a machine on which something else runs."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert _free(port) not in (0, port)


def test_on_a_terminal_it_serves_until_it_is_interrupted(repository: Path) -> None:
    """The address and the token that it prints work."""
    process, terminal = pty.fork()
    if process == 0:
        program = "from stillframe.cli import main; main()"
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        arguments = [sys.executable, "-c", program, "demo", "--days", "3", "--port", "0"]
        os.execve(sys.executable, arguments, {**environment, "PYTHONPATH": str(repository / "src")})
    try:
        said = read_until(terminal, r"(?s)The API: (\S+)/docs.*one day: (sf_\S+).*\"serving\"")
        address, token = re.search(r"(?s)The API: (\S+)/docs.*one day: (sf_\S+)", said).groups()  # type: ignore[union-attr]  # because it was just found
        request = urllib.request.Request(f"{address}/api/dashboards", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert b'"carriers"' in answer.read()
        os.kill(process, signal.SIGINT)
        read_until(terminal, "stopped")
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
        process = 0
    finally:
        if process:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        os.close(terminal)


def read_until(terminal: int, pattern: str) -> str:
    """What a terminal showed until a pattern was in it."""
    said = b""
    give_up_at = time.monotonic() + SERVED_SECONDS
    while time.monotonic() < give_up_at:
        if select.select([terminal], [], [], 0.2)[0]:
            said += os.read(terminal, 65_536)
        if re.search(pattern, said.decode(errors="replace")):
            return said.decode(errors="replace")
    raise AssertionError(f"{pattern} was not shown: {said[-2_000:]!r}")
