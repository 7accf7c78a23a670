"""The crew of an installation: which processes run, how one of them is killed, and how it is there again."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from chaos.installation import Installation, free_port
from chaos.oracle import Kill, Lease
from chaos.peeking import Peek
from chaos.processes import START_SECONDS, Forks, Running

_TRACED_MOST_SECONDS = 2.0
_NTH_MOST = 4
_SCHEDULER_REST_SECONDS = 0.5
LIFE_SECONDS = (0.05, 1.5)
"""Between being there and being killed. Up to as long as the start took is added, or a busy machine does no work."""
_STARTING_MOST_SECONDS = 20.0
_SCHEDULER_LIVES = 3.0
"""A scheduler ends by itself and is there again at once, so it would be killed more often than all others together."""


@dataclass(kw_only=True)
class Place:
    """A place in the crew, and who stands there now."""

    role: str
    arguments: tuple[str, ...]
    word: str
    """What the log says when it is there; a place that ends by itself is there at once."""
    port: int | None = None
    running: Running | None = None
    again_at: float = 0.0
    there_since: float | None = None
    life_seconds: float = 0.0
    """How long it may be there before it can be killed."""

    @property
    def there(self) -> bool:
        return self.running is not None and self.running.alive and self.running.says(self.word)


def alone() -> list[Place]:
    """Return the crew of a SQLite file: one server, and one worker beside it."""
    return [
        Place(role="server", arguments=("serve",), word="serving", port=free_port()),
        Place(role="worker", arguments=("worker",), word="worker runs"),
    ]


def many() -> list[Place]:
    """Return the crew of a PostgreSQL database: two APIs, two workers, two schedulers."""
    api = [Place(role="api", arguments=("serve", "--no-worker"), word="serving", port=free_port()) for _ in range(2)]
    workers = [Place(role="worker", arguments=("worker",), word="worker runs") for _ in range(2)]
    timer = ("dashboard", "autosnapshot", "--drain-seconds", "0")
    schedulers = [Place(role="scheduler", arguments=timer, word="") for _ in range(2)]
    return [*api, *workers, *schedulers]


@dataclass(kw_only=True)
class Crew:
    """
    Keeps every place manned, and kills.

    Shape   `syscalls`: what a process does when it commits; `strace` kills it at one of those. None where there is no
            strace.
    """

    installation: Installation
    forks: Forks
    peek: Peek
    places: list[Place]
    chance: random.Random
    syscalls: str | None
    kills: list[Kill] = field(default_factory=list)

    @property
    def ports(self) -> Sequence[int]:
        """Where the APIs listen."""
        return [place.port for place in self.places if place.port is not None]

    def man(self) -> None:
        """Start whoever is missing, and do not wait."""
        for place in self.places:
            if place.running is not None and place.running.alive:
                continue
            if place.running is not None and place.role == "scheduler" and not place.again_at:
                place.again_at = time.monotonic() + _SCHEDULER_REST_SECONDS
            if time.monotonic() >= place.again_at:
                place.again_at = 0.0
                place.running = self.installation.begin(*place.arguments, forks=self.forks, port=place.port)

    def man_all(self) -> None:
        """Start whoever is missing, and wait until all are there."""
        give_up_at = time.monotonic() + START_SECONDS
        while not all(place.there or place.role == "scheduler" for place in self.places):
            if time.monotonic() > give_up_at:
                raise RuntimeError(
                    f"not everybody is there: {[place.role for place in self.places if not place.there]}"
                )
            self.man()
            time.sleep(0.02)

    def kill_one(self, *, traced_share: float) -> bool:
        """
        Kill somebody who has been there for a while, at any moment or at one of the next commits; say whether anybody
        was.
        """
        ripe = [place for place in self.places if self._is_ripe(place)]
        if not ripe:
            return False
        place = self.chance.choice(ripe)
        place.there_since = None
        if self.syscalls is not None and place.role != "scheduler" and self.chance.random() < traced_share:
            return self._kill_traced(place, self.syscalls)
        return self._kill(place)

    def _is_ripe(self, place: Place) -> bool:
        if not place.there:
            place.there_since = None
            return False
        if place.there_since is None:
            place.there_since = time.monotonic()
            starting = 0.0 if place.running is None else time.time() - place.running.started_at
            place.life_seconds = self.chance.uniform(*LIFE_SECONDS) + self.chance.random() * min(
                starting, _STARTING_MOST_SECONDS
            )
            if place.role == "scheduler":
                place.life_seconds *= _SCHEDULER_LIVES
        return time.monotonic() - place.there_since >= place.life_seconds

    def kill_all(self) -> None:
        """Kill everybody at once."""
        for place in self.places:
            self._kill(place)

    def end(self) -> None:
        """End whoever still runs; that is no kill of the storm."""
        for place in self.places:
            if place.running is not None:
                place.running.end()

    def _kill(self, place: Place) -> bool:
        assert place.running is not None
        try:
            place.running.stop()
            leased = self.peek.leased()
            place.running.kill()
        except ProcessLookupError:  # because a scheduler ends by itself
            return False
        self._note(place, how="at any moment", leased=leased)
        return True

    def _kill_traced(self, place: Place, syscalls: str) -> bool:
        assert place.running is not None
        number, nth = place.running.number, self.chance.randint(1, _NTH_MOST)
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(number), "-e", f"trace={syscalls}"]
        command += ["-e", f"inject={syscalls}:signal=SIGKILL:when={nth}"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
            give_up_at = time.monotonic() + _TRACED_MOST_SECONDS
            while place.running.alive and time.monotonic() < give_up_at:
                time.sleep(0.002)
            died = not place.running.alive
            tracer.kill()  # told to end, it waits for those it traces
        if not died:
            return self._kill(place)
        self._note(place, how=f"at a {syscalls.partition(',')[0]}", leased=self.peek.leased())
        return True

    def _note(self, place: Place, *, how: str, leased: dict[tuple[str, int], Lease]) -> None:
        assert place.running is not None
        self.kills.append(Kill(process=place.running.number, at=time.time(), role=place.role, how=how, leased=leased))


def traced(syscalls: str) -> str | None:
    """Return the syscalls to kill at where strace is installed and may attach, else None."""
    if shutil.which("strace") is None:
        return None
    with subprocess.Popen(["sleep", "5"]) as sleeper:
        with suppress(subprocess.TimeoutExpired):
            command = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=none", "-p", str(sleeper.pid)]
            failed = subprocess.run(command, stderr=subprocess.DEVNULL, timeout=0.3, check=False)
            sleeper.kill()
            return None if failed.returncode else syscalls
        sleeper.kill()
    return syscalls
