"""Processes of the product that can be killed: started as an operator does, or forked from one that imported it all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 60.0
END_SECONDS = 30.0
_FORKS = """
import json, os, signal, sys
import stillframe.cli.app, stillframe.cli.dashboards, stillframe.serve, stillframe.wiring
from stillframe.cli import main
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    log, *arguments = json.loads(line)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, name in ((0, os.devnull), (1, os.devnull), (2, log)):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), number)
        main(arguments)
    print(child, flush=True)
"""
"""Imports once and forks each command: a start in a tenth of the time, and all the same a process of its own."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A process of the product, and the time at which it was started."""

    process: subprocess.Popen[bytes] | int
    log: Path
    started_at: float = field(default_factory=time.time)

    @property
    def number(self) -> int:
        return self.process if isinstance(self.process, int) else self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs; one that is killed and not yet waited for does not."""
        if not isinstance(self.process, int):
            return self.process.poll() is None
        return is_alive(self.process)

    def says(self, word: str) -> bool:
        """Return whether its log holds a word."""
        return self.log.exists() and word in self.log.read_text("utf8", errors="replace")

    def wait_until_there(self, word: str) -> None:
        """Return when the log says so."""
        give_up_at = time.monotonic() + START_SECONDS
        while not self.says(word):
            if time.monotonic() > give_up_at or not self.alive:
                raise RuntimeError(f"it did not start: {self.log.read_text('utf8') if self.log.exists() else 'no log'}")
            time.sleep(0.02)

    def stop(self) -> None:
        """SIGSTOP: it stands still, wherever it is."""
        os.kill(self.number, signal.SIGSTOP)

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        os.kill(self.number, signal.SIGKILL)
        self.gone()

    def terminate(self) -> int:
        """SIGTERM, as an operator or a service manager stops it; return the exit code."""
        os.kill(self.number, signal.SIGTERM)
        return self.gone()

    def end(self) -> None:
        """Kill it, if it still runs."""
        try:
            self.kill()
        except ProcessLookupError:
            return

    def gone(self) -> int:
        """Wait until it has ended; return the exit code, 0 for one that was forked elsewhere."""
        if not isinstance(self.process, int):
            return self.process.wait(END_SECONDS)
        give_up_at = time.monotonic() + END_SECONDS
        while is_alive(self.process):
            if time.monotonic() > give_up_at:
                raise RuntimeError("it does not end")
            time.sleep(0.002)
        return 0


class Forks:
    """Starts commands by forking a process that has imported everything."""

    def __init__(self, *, environment: Mapping[str, str] | None = None, before: str = "") -> None:
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-c", before + _FORKS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    @property
    def number(self) -> int:
        """The process that forks, whose children the others are."""
        return self._process.pid

    def start(self, log: Path, arguments: list[str]) -> int:
        """Start one and return its number."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps([str(log), *arguments]) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process that forks."""
        self._process.communicate(timeout=END_SECONDS)

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_alive(number: int) -> bool:
    """Return whether a process runs; one that is dead and not yet waited for does not."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self").exists()
