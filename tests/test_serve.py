"""The server as a process: it answers, refuses a taken address, and lets what is running end before it goes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillframe.cli.server import server_at
from stillframe.config import load_settings
from stillframe.errors import ConfigurationError, TooLarge
from stillframe.flows.identity import create_token, local_caller
from stillframe.serve import serve
from stillframe.wiring import build_services
from tests.api.cast import PUSHED_SPEC, push

PROGRAM = """
import sys
from pathlib import Path
from stillframe.config import load_settings
from stillframe.serve import serve
serve(load_settings(Path(sys.argv[1])), host="127.0.0.1", port=0)
print("ended well")
"""


@pytest.fixture
def settings_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A configuration, by default an empty one: everything beside it."""
    path = tmp_path / "stillframe.toml"
    path.write_text(getattr(request, "param", ""), encoding="utf8")
    return path


@pytest.fixture
def token(settings_file: Path) -> str:
    """A token made straight in the database, before any server runs."""
    services = build_services(load_settings(settings_file), create=True)
    try:
        return create_token(services, local_caller(services, "tests"), user_name="alice").text
    finally:
        services.close()


@pytest.fixture
def server(settings_file: Path, token: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A serving process and its address."""
    source = str(Path(__file__).resolve().parent.parent / "src")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(settings_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": source},
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    assert '"serving"' in line, line + process.stderr.read()
    yield process, json.loads(line)["address"]
    if process.poll() is None:
        process.kill()
    process.communicate()


def ask(address: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(
        urllib.request.Request(address + path, data=data, headers=headers), timeout=20
    ) as found:
        return found.status, json.loads(found.read())


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_what_is_running(
    server: tuple[subprocess.Popen[str], str], token: str, sign: signal.Signals
) -> None:
    """Ready with its worker; every request that came in before the signal is answered; then it ends by itself, well."""
    process, address = server
    assert ask(address, "/readyz", token)[0] == 200
    ask(address, "/api/dashboards", token, {"view_spec_json": PUSHED_SPEC})
    statuses: list[int] = []
    rows = [{"id": f"r-{number}", "title": "x" * 200} for number in range(20_000)]
    asking = threading.Thread(
        target=lambda: statuses.append(ask(address, "/api/dashboard/pushed/snapshot", token, push(rows))[0])
    )
    asking.start()
    while ask(address, "/healthz", token)[0] != 200:
        pass
    asking.join(0.2)
    process.send_signal(sign)
    asking.join(30)
    output, _ = process.communicate(timeout=30)
    assert statuses == [201]
    assert process.returncode == 0
    assert output == "ended well\n"


@pytest.mark.parametrize(
    ("settings_file", "says"),
    [
        ("[server]\nreport_limit_mib = 1\n", "a.json is over the limit of 1 MiB a report"),
        ("[server]\nreports_limit_mib = 1\n", "over the limit of 1 MiB in all"),
    ],
    indirect=["settings_file"],
)
def test_the_limits_of_reports_are_the_configured_ones(
    server: tuple[subprocess.Popen[str], str], token: str, tmp_path: Path, says: str
) -> None:
    """What an operator sets is what the door holds to."""
    (tmp_path / "a.json").write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(TooLarge, match=says):
        server_at(server[1], token=token).post_files("/api/projects/x/reports", {}, [("a.json", tmp_path / "a.json")])


def test_an_address_that_is_taken_is_said_before_anything_is_opened(settings_file: Path) -> None:
    """No database is made by a server that cannot serve."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            serve(load_settings(settings_file), host="127.0.0.1", port=port)
    assert not (settings_file.parent / "stillframe.db").exists()
