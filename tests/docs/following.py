"""Following a page as a new user does: its shell blocks run in order, in one shell, from an empty home."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory
from types import MappingProxyType

_STEP = re.compile(r"^```sh\n(.*?)^```$(?:\n\n```(?:text|json)\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
_WRITTEN_PORT = "8000"
_BETWEEN = "\x1e"
_LONGEST_SECONDS = 400
_VARIES = (
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"), "TIME"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(r"local:[\w.-]+"), "local:NAME"),
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r" $", re.MULTILINE), ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One block of a page.

    Shape   `shown`: what the page says that it prints, if it says so. `printed`: what it printed.
    """

    command: str
    shown: str | None
    printed: str

    @property
    def is_as_shown(self) -> bool:
        """Whether it printed what the page says, ids, times, hashes and the width of columns apart."""
        return self.shown is None or alike(self.shown) == alike(self.printed)


def alike(text: str) -> str:
    """Return a text without what is another each time."""
    for found, word in _VARIES:
        text = found.sub(word, text)
    return text.strip()


def follow(
    page: Path, *, repository: Path, home: Path | None = None, instead: Mapping[str, str] = MappingProxyType({})
) -> list[Step]:
    """
    Run every shell block of a page, with a free port in place of the one it names, and return what each printed.

    Shape   `home`: the empty folder to work in; without it one that is gone afterwards. `instead`: other words that are
            replaced before anything runs.
    """
    steps = _STEP.findall(page.read_text(encoding="utf8"))
    opening = ["set -euo pipefail", "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"]
    script = "\n".join([*opening, *(f"{command}printf '{_BETWEEN}'" for command, _ in steps)])
    for word, other in {_WRITTEN_PORT: str(_free_port()), **instead}.items():
        script = script.replace(word, other)
    with TemporaryDirectory(prefix="stillframe-followed-") as folder:
        status, said, complained = _run(script, home=home or Path(folder), repository=repository)
    printed = said.split(_BETWEEN)
    assert status == 0, f"stopped in:\n{steps[len(printed) - 1][0]}\n{printed[-1]}\n{complained}"
    return [
        Step(command=command, shown=shown or None, printed=text)
        for (command, shown), text in zip(steps, printed, strict=False)
    ]


def _run(script: str, *, home: Path, repository: Path) -> tuple[int, str, str]:
    """Run a script in a shell of its own; what it leaves running ends with it."""
    shim = home / "bin" / "stillframe"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stillframe.cli "$@"\n', encoding="utf8")
    shim.chmod(0o755)
    environment = {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{shim.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(repository / "src"),
    }
    with subprocess.Popen(
        ["bash", "-c", script],
        cwd=home,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            said, complained = shell.communicate(timeout=_LONGEST_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    return shell.returncode, said, complained


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
