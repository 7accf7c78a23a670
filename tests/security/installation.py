"""An installation full of canaries, run as its operator runs it: processes, a configuration file, what they say."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.post_office import Mailbox
from tests.security.leaks import Search, canary

HOST = "127.0.0.1"
_START_SECONDS = 60.0
_COMMAND_SECONDS = 120.0
NOBODY_LISTENS = 9


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@dataclass(kw_only=True)
class Installation:
    """
    A folder with a configuration, and everything that was said on the way.

    Shape   `said`: every answer over HTTP and every output of a command, by what asked for it.
    """

    folder: Path
    search: Search
    config: Path
    port: int = 0
    token: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)

    def sign_in_to_mail(self) -> None:
        """Let the server sign in with a password from now on, where the mail server wants none."""
        self.config.write_text(
            self.config.read_text().replace("# username", "username").replace("# password", "password")
        )

    @property
    def database(self) -> Path:
        return self.folder / "stillframe.db"

    def command(self, *arguments: str, config: Path | None = None, **environment: str) -> str:
        """Run a command to its end, and return what it wrote, to wherever."""
        asked = [sys.executable, "-m", "stillframe.cli", *arguments]
        if config is not None or "--server" not in arguments:
            asked += ["--config", str(config or self.config)]
        ended = subprocess.run(
            asked, capture_output=True, env={**os.environ, **environment}, timeout=_COMMAND_SECONDS, check=False
        )
        said = (ended.stdout + ended.stderr).decode("utf-8", "replace")
        self.said.append((f"command {' '.join(arguments[:3])}", said))
        return said

    def ask(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        kept: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Ask over HTTP, and return what was answered: JSON where it is that. What shows a secret once is not kept."""
        body = document.encode() if isinstance(document, str) else json.dumps(document).encode() if document else None
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(
            f"http://{HOST}:{self.port}{path}", data=body, headers=given, method=method
        )  # because the address is ours
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # because the address is ours
                said, head = answer.read(), str(answer.headers)
        except urllib.error.HTTPError as error:
            said, head = error.read(), str(error.headers)
        if kept:
            self.said.append((f"{method} {path[:60]}", head + said.decode("utf-8", "replace")))
        try:
            return json.loads(said)
        except ValueError:
            return said

    @contextmanager
    def served(self, **environment: str) -> Iterator[None]:
        """Run the server, whose every word is kept."""
        log = self.folder / f"serve-{secrets.token_hex(4)}.log"
        command = [sys.executable, "-m", "stillframe.cli", "serve", "--port", "0", "--config", str(self.config)]
        with log.open("wb") as file:
            running = subprocess.Popen(command, stdout=file, stderr=file, env={**os.environ, **environment})
        try:
            self.port = _port(log, running)
            yield
        finally:
            running.terminate()
            running.wait(60)
            self.said.append(("the log of the server", log.read_text("utf-8", "replace")))


def _port(log: Path, running: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and running.poll() is None:
        for line in log.read_text("utf-8", "replace").splitlines():
            if '"serving"' in line:
                return int(json.loads(line)["address"].rpartition(":")[2])
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8", "replace")[-2_000:])


def installed(folder: Path, mailbox: Mailbox) -> Installation:
    """Write a configuration in which every secret is a canary, and return the installation."""
    search = Search()
    kinds = {
        kind: canary(kind.replace(" ", ""))
        for kind in ("smtp password", "channel url", "channel header", "connection url", "connection header", "dsn")
    }
    for kind, secret in kinds.items():
        search.add(kind, secret)
    key = secrets.token_bytes(32)
    search.add("the key", base64.b64encode(key))
    search.add("the key's bytes", key)
    (folder / "stillframe.key").write_bytes(base64.b64encode(key))
    (folder / "stillframe.key").chmod(0o600)
    config = folder / "stillframe.toml"
    config.write_text(_CONFIG.format(port=mailbox.port, dead=NOBODY_LISTENS, folder=folder, **_names(kinds)))
    return Installation(folder=folder, search=search, config=config)


def _names(kinds: Mapping[str, str]) -> dict[str, str]:
    return {kind.replace(" ", "_"): secret for kind, secret in kinds.items()}


_CONFIG = """
[dashboard]
snapshot_db_path = "stillframe.db"
[server]
public_url = "https://frames.example.org"
[webhook]
allow_private_targets = true
timeout_seconds = 1
[secrets]
key_file = "stillframe.key"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "frames@example.org"
# username = "frames"
# password = "{smtp_password}"
[channels.chat]
url = "json://user:{channel_url}@127.0.0.1:{dead}/{channel_url}"
[channels.alerts]
url = "http://user:{channel_url}@127.0.0.1:{dead}/"
headers = {{ Authorization = "Bearer {channel_header}" }}
[connections.api]
url = "http://user:{connection_url}@127.0.0.1:{dead}/{connection_url}/"
headers = {{ Authorization = "Bearer {connection_header}" }}
[connections.base]
url = "postgresql://user:{dsn}@127.0.0.1:{dead}/base"
[connections.missing]
url = "file:{folder}/missing-{connection_url}"
"""
