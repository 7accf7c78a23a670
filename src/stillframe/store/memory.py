"""What a store remembers between units of work: bounded caches of things that never change once they are committed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from stillframe.model.payload import Payload
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import RuleGroup
from stillframe.store.answers import CalmStanding

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_WORDS = 20_000
_GROUP_LISTS = 256
_DASHBOARDS = 10_000
_HEADS = 1_000


class Recent(Generic[Key, Value]):
    """
    The values asked for most recently, up to a total weight; thread safe.

    Units   Weights are what the caller says they are: bytes of canonical JSON for payloads, 1 for small things.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Key, value: Value, *, weight: int = 1) -> None:
        with self._lock:
            replaced = self._kept.pop(key, None)
            self._weight += weight - (replaced[1] if replaced else 0)
            self._kept[key] = (value, weight)
            while self._weight > self._capacity and len(self._kept) > 1:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._weight -= dropped

    def forget(self, key: Key) -> None:
        with self._lock:
            dropped = self._kept.pop(key, None)
            self._weight -= dropped[1] if dropped else 0


class Memory:
    """The caches of one store. Only what is committed comes in, so what is rolled back leaves nothing behind."""

    def __init__(self, *, payload_bytes: int) -> None:
        self.keys: Recent[str, int] = Recent(_DASHBOARDS)
        """Dashboard id to its integer key."""
        self.words: Recent[int, str] = Recent(_WORDS)
        """Interned texts by key."""
        self.word_keys: Recent[str, int] = Recent(_WORDS)
        self.payloads: Recent[str, Payload] = Recent(payload_bytes)
        """Payloads by content hash."""
        self.tips: Recent[int, bytes] = Recent(payload_bytes)
        """Canonical bytes at the end of a chain, by content key: what the next frame is encoded against."""
        self.heads: Recent[str, SnapshotRecord] = Recent(_HEADS)
        """Records of heads by snapshot id, with a payload that stood when they were kept; ask whether it still does."""
        self.groups: Recent[tuple[str, int], tuple[RuleGroup, ...]] = Recent(_GROUP_LISTS)
        """Rule groups by dashboard and rules version."""
        self.calm: Recent[tuple[str, int], tuple[CalmStanding, ...]] = Recent(_GROUP_LISTS)
        """Subscriptions that ask for calm, by dashboard and rules version."""
