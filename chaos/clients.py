"""Clients that push pictures and never give up, and the ledger of what they sent and what was acknowledged."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

from chaos.oracle import Asked

SCORES = (1.0, 3.0, 9.0)
"""Of two that follow each other some differ by a step, some by less, and some are equal."""
_AGAIN_SECONDS = 0.05
Push = Callable[[str, Mapping[str, float]], tuple[int, Any]]
"""Push scores under a key; return status and answer. OSError and HTTPException mean that nobody knows."""


class Ledger:
    """What clients sent, and what was acknowledged: written and synced before anything else happens."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf8")
        self._turn = threading.Lock()
        self.sent: dict[str, Mapping[str, float]] = {}
        self.acknowledged: dict[str, str] = {}
        self.refused: dict[str, int] = {}
        self.statuses: Counter[int] = Counter()
        self.unanswered: Counter[str] = Counter()

    def will_send(self, key: str, scores: Mapping[str, float]) -> None:
        """Note a request before it is sent."""
        self._note(does="send", key=key, scores=scores)
        self.sent[key] = scores

    def was_answered(self, key: str, status: int, answer: Any) -> None:
        """Note what a request was answered."""
        self.statuses[status] += 1
        if status == 201:
            self._note(does="acknowledge", key=key, snapshot=answer["id"])
            self.acknowledged[key] = answer["id"]
        else:
            self._note(does="refuse", key=key, status=status)
            self.refused[key] = status

    def asked(self) -> Asked:
        """Return it as the oracle reads it."""
        return Asked(sent=dict(self.sent), acknowledged=dict(self.acknowledged))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _note(self, **said: Any) -> None:
        with self._turn:
            self._file.write(json.dumps({"at": time.time(), **said}) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


@contextmanager
def pushing(push: Push, ledger: Ledger, *, names: Sequence[str], pause_seconds: float = 0.0) -> Iterator[None]:
    """
    While the block runs, let clients push one picture after another, each again under the same key until answered.

    Shape   A 5xx is tried again as a broken connection is; a 409 under a key whose first request died with its process
            is an answer.
    """
    ended = threading.Event()
    clients = [
        threading.Thread(target=_push_until, args=(push, ledger, ended), kwargs={"name": name, "pause": pause_seconds})
        for name in names
    ]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        ended.set()
        for client in clients:
            client.join(60)


def _push_until(push: Push, ledger: Ledger, ended: threading.Event, *, name: str, pause: float) -> None:
    chance, number = random.Random(name), 0
    while not ended.is_set():
        number += 1
        key = f"{name}-{number}"
        scores = {row: chance.choice(SCORES) for row in ("a", "b", "c")}
        ledger.will_send(key, scores)
        while not ended.is_set():
            try:
                status, answer = push(key, scores)
            except (OSError, HTTPException, ValueError):
                ledger.unanswered[key] += 1
                ended.wait(_AGAIN_SECONDS)
                continue
            if status >= 500:
                ledger.statuses[status] += 1
                ended.wait(_AGAIN_SECONDS)
                continue
            ledger.was_answered(key, status, answer)
            break
        ended.wait(pause)
