"""Walks every chain of frames once, from its key frame to its end, and compares each payload with its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from stillframe.errors import StoreError
from stillframe.model.examination import Observation
from stillframe.store.frames import unrolled
from stillframe.store.types import unpack_id

CHAINS_AT_ONCE = 500
DAMAGED_MOST = 20
"""After so many findings the others are counted and not named."""
_SNAPSHOTS_NAMED = 3
_LOWEST = -(2**63)

_CHAINS = text("SELECT DISTINCT chain FROM payloads WHERE chain>:after ORDER BY chain LIMIT :most")
_MEMBERS = text(
    """SELECT p.depth,p.content,c.hash FROM payloads p LEFT JOIN contents c ON c.key=p.content
WHERE p.chain=:chain ORDER BY p.depth"""
)
_FRAMES = text("SELECT bytes FROM frames WHERE chain=:chain ORDER BY segment")
_SHOWN_BY = text("SELECT id FROM snapshots WHERE content=:content ORDER BY dashboard,sequence LIMIT 4")
_STRAY = text(
    "SELECT count(DISTINCT f.chain) FROM frames f WHERE NOT EXISTS(SELECT 1 FROM payloads p WHERE p.chain=f.chain)"
)


@dataclass(kw_only=True)
class _Walked:
    payloads: int = 0
    chains: int = 0
    damaged: int = 0


def chain_findings(connection: Connection) -> Iterator[Observation]:
    """Compare every payload with its hash; one chain is in memory at a time, two payloads of it unpacked."""
    walked = _Walked()
    for number in _numbers(connection):
        walked.chains += 1
        yield from _walk(connection, number, walked)
    if walked.damaged > DAMAGED_MOST:
        yield _broken(f"{walked.damaged - DAMAGED_MOST} more payloads are damaged")
    stray = connection.execute(_STRAY).scalar_one()
    if stray:
        message = f"{stray} chains of frames hold no payload"
        yield Observation(check="payloads", level="warning", message=message)
    if not walked.damaged:
        message = f"{walked.payloads} payloads in {walked.chains} chains are what their hashes say"
        yield Observation(check="payloads", level="ok", message=message)


def _numbers(connection: Connection) -> Iterator[int]:
    after = _LOWEST
    while True:
        rows = connection.execute(_CHAINS, {"after": after, "most": CHAINS_AT_ONCE}).all()
        if not rows:
            return
        yield from (row.chain for row in rows)
        after = rows[-1].chain


def _walk(connection: Connection, number: int, walked: _Walked) -> Iterator[Observation]:
    members = {row.depth: row for row in connection.execute(_MEMBERS, {"chain": number})}
    walked.payloads += len(members)
    try:
        frames = connection.execute(_FRAMES, {"chain": number})
        for depth, (_, plain) in enumerate(unrolled(bytes(row.bytes) for row in frames)):
            member = members.pop(depth, None)
            if member is None or member.hash is None:
                continue
            if hashlib.sha256(plain).digest() != bytes(member.hash):
                yield from _damaged(connection, member, walked, why="is not what its hash says")
    except (StoreError, DBAPIError):
        """What was not reached is named below."""
    for member in members.values():
        yield from _damaged(connection, member, walked, why="cannot be read: its chain of frames is broken")


def _damaged(connection: Connection, member: Any, walked: _Walked, *, why: str) -> Iterator[Observation]:  # noqa: ANN401  # because rows of a text query have no type
    walked.damaged += 1
    if walked.damaged > DAMAGED_MOST:
        return
    name = "a payload" if member.hash is None else f"the payload {bytes(member.hash).hex()}"
    yield _broken(f"{name} {why}; shown by {_shown_by(connection, member.content)}")


def _shown_by(connection: Connection, content: int) -> str:
    try:
        found = connection.execute(_SHOWN_BY, {"content": content}).scalars().all()
    except DBAPIError:
        return "snapshots that cannot be read"
    names = [unpack_id(name) for name in found[:_SNAPSHOTS_NAMED]]
    more = " and others" if len(found) > _SNAPSHOTS_NAMED else ""
    return f"snapshot {', '.join(names)}{more}" if names else "no snapshot"


def _broken(message: str) -> Observation:
    return Observation(check="payloads", level="broken", message=message)
