"""Payloads on disk: each content once, in the chain of the dashboard that showed it first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Select, bindparam, cast, literal_column, select, update

from stillframe.store.frames import CHAIN_FRAMES, checked, delta_frame, key_frame, unroll
from stillframe.store.tables import CONTENTS, FRAMES, PAYLOADS
from stillframe.store.types import HexDigest
from stillframe.store.work import Work

SEGMENT_BYTES = 4096
"""In SQLite frames are appended to a row up to this size, which fills pages; in PostgreSQL each frame is a row."""
_HASH_HEAD_DIGITS = 16

_ENCODED: Select[Any] = (
    select(CONTENTS.c.hash, PAYLOADS.c.depth, FRAMES.c.bytes)
    .join(PAYLOADS, PAYLOADS.c.content == CONTENTS.c.key)
    .join(FRAMES, FRAMES.c.chain == PAYLOADS.c.chain)
    .order_by(FRAMES.c.segment)
)
_ENCODED_BY_KEY = _ENCODED.where(CONTENTS.c.key == bindparam("wanted"))
_CONTENT: Select[Any] = select(CONTENTS.c.key, PAYLOADS.c.content).outerjoin(
    PAYLOADS, PAYLOADS.c.content == CONTENTS.c.key
)
_BY_WHOLE_HASH = CONTENTS.c.hash == bindparam("hash", type_=HexDigest())
_BY_HASH_HEAD = literal_column("substr(contents.hash,1,8)") == bindparam("head", type_=HexDigest())
_NEW_CONTENT = CONTENTS.insert().returning(CONTENTS.c.key)
_APPEND = (
    update(FRAMES)
    .where(FRAMES.c.chain == bindparam("the_chain"), FRAMES.c.segment == bindparam("the_segment"))
    .values(bytes=cast(FRAMES.c.bytes.op("||")(bindparam("frame", type_=LargeBinary())), LargeBinary))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """
    The end of a dashboard's chain: what the next frame is encoded against, and where it goes.

    Shape   `content`: the key of the content at the end. `chain`: the key of the content that began it.
    """

    chain: int
    depth: int
    content: int
    segment: int
    segment_bytes: int


class Payloads:
    """Canonical bytes by hash."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def store(self, canonical: bytes, content_hash: str, *, tip: Tip | None) -> tuple[int, Tip | None]:
        """Return the key of a content and the tip after it; what is stored already is not stored again."""
        found = self._find(content_hash)
        if found is not None and found[1]:
            return found[0], tip
        key = found[0] if found else self._new_content(content_hash)
        new = self._appended(canonical, key, tip) if tip and tip.content < key else None
        new = new or self._begun(canonical, key)
        self._work.run(PAYLOADS.insert(), {"content": key, "chain": new.chain, "depth": new.depth})
        self._remember_tip(key, canonical, instead_of=tip)
        return key, new

    def canonical(self, content_hash: str) -> bytes | None:
        """
        Return the canonical bytes that a hash names; None if they are unknown or expired.

        Errors  StoreError if what is stored is not what the hash says.
        """
        return self._decoded(_ENCODED.where(*self._by_hash()), self._hash_parameters(content_hash))

    def _remember_tip(self, key: int, canonical: bytes, *, instead_of: Tip | None) -> None:
        tips = self._work.memory.tips

        def learn() -> None:
            if instead_of is not None:
                tips.forget(instead_of.content)
            tips.put(key, canonical, weight=len(canonical))

        self._work.remember(learn)

    def _find(self, content_hash: str) -> tuple[int, bool] | None:
        row = self._work.row(_CONTENT.where(*self._by_hash()), self._hash_parameters(content_hash))
        return None if row is None else (row.key, row.content is not None)

    def _by_hash(self) -> tuple[Any, ...]:
        return (_BY_HASH_HEAD, _BY_WHOLE_HASH) if self._work.is_sqlite else (_BY_WHOLE_HASH,)

    def _hash_parameters(self, content_hash: str) -> dict[str, str]:
        head = {"head": content_hash[:_HASH_HEAD_DIGITS]} if self._work.is_sqlite else {}
        return {"hash": content_hash, **head}

    def _new_content(self, content_hash: str) -> int:
        row = self._work.row(_NEW_CONTENT, {"hash": content_hash})
        assert row is not None
        key: int = row.key
        return key

    def _begun(self, canonical: bytes, key: int) -> Tip:
        frame = key_frame(canonical)
        self._work.run(FRAMES.insert(), {"chain": key, "segment": 0, "bytes": frame})
        return Tip(chain=key, depth=0, content=key, segment=0, segment_bytes=len(frame))

    def _appended(self, canonical: bytes, key: int, tip: Tip) -> Tip | None:
        if tip.depth + 1 >= CHAIN_FRAMES:
            return None
        predecessor = self._work.memory.tips.get(tip.content) or self._by_key(tip.content)
        frame = predecessor and delta_frame(canonical, predecessor=predecessor)
        if not frame:
            return None
        grown = tip.segment_bytes + len(frame)
        if self._work.is_sqlite and grown <= SEGMENT_BYTES:
            self._work.run(_APPEND, {"the_chain": tip.chain, "the_segment": tip.segment, "frame": frame})
            return Tip(chain=tip.chain, depth=tip.depth + 1, content=key, segment=tip.segment, segment_bytes=grown)
        self._work.run(FRAMES.insert(), {"chain": tip.chain, "segment": tip.segment + 1, "bytes": frame})
        return Tip(chain=tip.chain, depth=tip.depth + 1, content=key, segment=tip.segment + 1, segment_bytes=len(frame))

    def _by_key(self, key: int) -> bytes | None:
        return self._decoded(_ENCODED_BY_KEY, {"wanted": key})

    def _decoded(self, statement: Select[Any], parameters: Mapping[str, Any]) -> bytes | None:
        result = self._work.connection.execute(statement, parameters)
        first = result.fetchone()
        if first is None:
            return None
        try:
            plain = unroll(_bytes_of(first, result), depth=first.depth)
        finally:
            result.close()
        return checked(plain, content_hash=first.hash)


def _bytes_of(first: Any, rest: Any) -> Any:  # noqa: ANN401 because rows of a join have no type
    yield first.bytes
    for row in rest:
        yield row.bytes
