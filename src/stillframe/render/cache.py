"""A cache of bytes by digest that holds only so many bytes and lets go of what was not asked for longest."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence


class BytesCache:
    """
    Results by the digest of what they were made from; not for two threads at once.

    Units   `bytes_most`: of the results together; one that is larger than half of it is not kept.
    """

    def __init__(self, *, bytes_most: int) -> None:
        self._bytes_most = bytes_most
        self._held: OrderedDict[bytes, bytes] = OrderedDict()
        self._total = 0

    def get(self, key: bytes) -> bytes | None:
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def put(self, key: bytes, made: bytes) -> None:
        """Keep a result, and let go of the oldest that no longer fit."""
        if len(made) * 2 > self._bytes_most:
            return
        self._total += len(made) - len(self._held.pop(key, b""))
        self._held[key] = made
        while self._total > self._bytes_most:
            _, dropped = self._held.popitem(last=False)
            self._total -= len(dropped)


def digest_of_parts(job: str, parts: Sequence[bytes]) -> bytes:
    """
    Return what names a job with its input.

    Each part counts with its length, so that no two inputs share a name by being cut differently.
    """
    digest = hashlib.sha256(f"{job}\n".encode())
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
