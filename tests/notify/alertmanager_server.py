"""A real Prometheus Alertmanager for a test: on a free port of this machine, telling one webhook, gone afterwards."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from time import monotonic, sleep
from typing import Any

START_SECONDS = 30.0
CONFIG = """
route:
  receiver: hook
  group_by: [alertname, dashboard]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: hook
    webhook_configs:
      - url: %s
        send_resolved: true
"""


@dataclass(frozen=True, kw_only=True)
class RunningAlertmanager:
    """One that runs, under a path prefix, as it often does behind a proxy."""

    port: int
    prefix: str = "/alerting"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def alerts(self, name: str) -> list[Any]:
        """Return what its API says of the alerts with this name that have not ended."""
        found = json.loads(_get(self.port, f"{self.prefix}/api/v2/alerts"))
        return [alert for alert in found if alert["labels"]["alertname"] == name]

    def wait_for_alerts(self, name: str, count: int, *, seconds: float = 20.0) -> list[Any]:
        """Return the alerts with this name as soon as there are so many."""
        until = monotonic() + seconds
        while len(found := self.alerts(name)) != count and monotonic() < until:
            sleep(0.05)
        return found


@contextmanager
def alertmanager(folder: Path, *, hook: str) -> Iterator[RunningAlertmanager]:
    """Run Alertmanager for as long as the block; it tells `hook` of everything."""
    config = folder / "alertmanager.yml"
    config.write_text(CONFIG % hook, encoding="utf8")
    with create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    running = RunningAlertmanager(port=port)
    command = [
        "prometheus-alertmanager",
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.external-url={running.url}",
        "--cluster.listen-address=",
    ]
    log = folder / "alertmanager.log"
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said, env=dict(os.environ)) as process:
        try:
            _wait_until_ready(running, process, log=log)
            yield running
        finally:
            process.terminate()


def _wait_until_ready(running: RunningAlertmanager, process: subprocess.Popen[bytes], *, log: Path) -> None:
    until = monotonic() + START_SECONDS
    while monotonic() < until and process.poll() is None:
        try:
            if _get(running.port, f"{running.prefix}/-/ready"):
                return
        except OSError:
            sleep(0.05)
    raise RuntimeError(f"Alertmanager did not start: {log.read_text('utf8')[-2000:]}")


def _get(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read() if answer.status == 200 else b""
    finally:
        connection.close()
