"""One child process that compiles: started with nothing of ours in its hands, asked over a pipe, killed when late."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import stillframe
from stillframe.errors import RenderFailed
from stillframe.render.child import OK
from stillframe.render.framing import read_message, write_message

_SPARE_SECONDS: Final = 2.0
"""The child's own timer is later than the parent's, which can say what happened."""
_FOLDER: Final = "/"


class ChildEnded(Exception):
    """The child process ended before it answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What a job made.

    Units   `memory_bytes`: what the child holds after it.
    """

    made: bytes
    memory_bytes: int


class Child:
    """
    One child process, which does one job at a time; whoever holds it is alone with it.

    It is a new interpreter and no fork, so it shares neither memory nor locks with this process. Its environment is
    three plain values and it inherits no descriptor but its pipe: no secret of this process reaches it.

    Units   `seconds`: how long one job may take, the start of the process included.
    """

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._late = False
        command = [sys.executable, "-P", "-s", "-m", "stillframe.render.child", str(seconds + _SPARE_SECONDS)]
        self._process = subprocess.Popen(  # noqa: S603  # because the command is this interpreter and our module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_FOLDER,
            env={
                "PYTHONPATH": os.pathsep.join(
                    map(str, dict.fromkeys(Path(found).parent for found in stillframe.__path__))
                ),
                "TZ": "UTC",
                "LANG": "C.UTF-8",
            },
            start_new_session=True,
        )

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        """Whether it can be asked again."""
        return not self._late and self._process.poll() is None

    def ask(self, job: str, parts: Sequence[bytes]) -> Answer:
        """
        Do one job.

        Errors  RenderFailed if the job failed or took too long, and then the child is dead; ChildEnded if the child
                died of itself.
        """
        timer = threading.Timer(self._seconds, self._kill_late)
        timer.daemon = True
        timer.start()
        try:
            reply = self._exchange([job.encode(), *parts])
        except (OSError, EOFError):
            reply = None
        finally:
            timer.cancel()
        if reply is None:
            self._process.kill()
            code = self._process.wait()
            if self._late:
                raise RenderFailed(f"{job} took longer than {self._seconds:g} seconds and was stopped")
            raise ChildEnded(f"the process that compiles ended with {_told(code)}")
        outcome, made, memory = reply
        if outcome != OK:
            raise RenderFailed(f"{job}: {' '.join(made.decode('utf8', 'replace').split())}")
        return Answer(made=made, memory_bytes=int(memory))

    def kill(self) -> None:
        """End it now, whoever waits for its answer; that one then ends it for good."""
        self._process.kill()
        self._process.wait()

    def end(self, *, seconds: float) -> None:
        """
        Close the pipe, on which an idle child ends by itself; one that does not within `seconds` is killed.

        Only for whoever holds the child: a pipe that somebody reads cannot be closed.
        """
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def _exchange(self, message: Sequence[bytes]) -> list[bytes] | None:
        inbox, outbox = self._process.stdin, self._process.stdout
        assert inbox is not None
        assert outbox is not None
        write_message(inbox, message)
        return read_message(outbox)

    def _kill_late(self) -> None:
        self._late = True
        self._process.kill()


def _told(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
