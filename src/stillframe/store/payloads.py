"""Payloads on disk: each content once, in the chain of the dashboard that showed it first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Select, and_, bindparam, cast, exists, func, literal_column, select, update
from sqlalchemy.dialects import postgresql

from stillframe.store.frames import CHAIN_FRAMES, checked, delta_frame, key_frame, unroll
from stillframe.store.tables import CONTENTS, FRAMES, PAYLOADS
from stillframe.store.types import HexDigest
from stillframe.store.work import Work

SEGMENT_BYTES = 4096
"""In SQLite frames are appended to a row up to this size, which fills pages; in PostgreSQL each frame is a row."""
_HASH_HEAD_DIGITS = 8

_ENCODED: Select[Any] = (
    select(CONTENTS.c.hash, PAYLOADS.c.chain, PAYLOADS.c.depth, FRAMES.c.bytes)
    .join(PAYLOADS, PAYLOADS.c.content == CONTENTS.c.key)
    .join(FRAMES, FRAMES.c.chain == PAYLOADS.c.chain)
    .order_by(FRAMES.c.segment)
)
_ENCODED_BY_KEY = _ENCODED.where(CONTENTS.c.key == bindparam("wanted"))
_BY_WHOLE_HASH = CONTENTS.c.hash == bindparam("hash", type_=HexDigest())
_BY_HASH_HEAD = literal_column("substr(contents.hash,1,4)") == bindparam("head", type_=HexDigest())
_BY_HASH = {True: and_(_BY_HASH_HEAD, _BY_WHOLE_HASH), False: _BY_WHOLE_HASH}
"""By whether the database is SQLite, as are the statements below."""
_ENCODED_BY_HASH = {is_sqlite: _ENCODED.where(by_hash) for is_sqlite, by_hash in _BY_HASH.items()}
_CONTENT = {
    is_sqlite: select(CONTENTS.c.key, PAYLOADS.c.content)
    .outerjoin(PAYLOADS, PAYLOADS.c.content == CONTENTS.c.key)
    .where(by_hash)
    for is_sqlite, by_hash in _BY_HASH.items()
}
_NEW_CONTENT = {
    # The index by which SQLite finds a hash is not a unique one; its write lock makes the question and the row one act.
    True: CONTENTS.insert()
    .from_select(
        ["hash"],
        select(bindparam("hash", type_=HexDigest())).where(~exists(select(CONTENTS.c.key).where(_BY_HASH[True]))),
    )
    .returning(CONTENTS.c.key),
    False: postgresql.insert(CONTENTS).on_conflict_do_nothing().returning(CONTENTS.c.key),
}
_HELD_CONTENT = select(CONTENTS.c.key).where(CONTENTS.c.key == bindparam("wanted")).with_for_update()
_NEW_PAYLOAD = PAYLOADS.insert()
_NEW_FRAME = FRAMES.insert()
_KEPT = (
    select(PAYLOADS.c.content)
    .where(PAYLOADS.c.content == bindparam("wanted"))
    .with_for_update(read=True, key_share=True)
)
"""Where cleanup of another process waits until this unit has ended, and then sees who uses the payload now."""
_APPEND = (
    update(FRAMES)
    .where(FRAMES.c.chain == bindparam("the_chain"), FRAMES.c.segment == bindparam("the_segment"))
    .where(func.length(FRAMES.c.bytes) == bindparam("the_length"))
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
        self._unrolled: dict[int, tuple[int, bytes]] = {}
        """How far a chain was decoded last, and what is there: two of a chain are compared more often than not."""

    def store(self, canonical: bytes, content_hash: str, *, tip: Tip | None) -> tuple[int, Tip | None]:
        """Return the key of a content and the tip after it; what is stored already is not stored again."""
        key, is_stored = self._content(content_hash)
        if is_stored:
            return key, tip
        new = self._appended(canonical, key, tip) if tip and tip.content < key else None
        new = new or self._begun(canonical, key)
        self._work.run(_NEW_PAYLOAD, {"content": key, "chain": new.chain, "depth": new.depth})
        self._remember_tip(key, canonical, instead_of=tip)
        return key, new

    def canonical(self, content_hash: str) -> bytes | None:
        """
        Return the canonical bytes that a hash names; None if they are unknown or expired.

        Errors  StoreError if what is stored is not what the hash says.
        """
        return self._decoded(_ENCODED_BY_HASH[self._work.is_sqlite], self._hash_parameters(content_hash))

    def _remember_tip(self, key: int, canonical: bytes, *, instead_of: Tip | None) -> None:
        tips = self._work.memory.tips

        def learn() -> None:
            if instead_of is not None:
                tips.forget(instead_of.content)
            tips.put(key, canonical, weight=len(canonical))

        self._work.remember(learn)

    def _content(self, content_hash: str) -> tuple[int, bool]:
        """Return the key of a hash, which is new if it has none, and whether its payload is stored."""
        parameters = self._hash_parameters(content_hash)
        row = self._work.row(_NEW_CONTENT[self._work.is_sqlite], parameters)
        if row is not None:
            return row.key, False
        row = self._work.row(_CONTENT[self._work.is_sqlite], parameters)
        assert row is not None
        if self._work.is_sqlite:
            return row.key, row.content is not None
        if row.content is None:
            # Its payload has expired, and two dashboards may show it again at once: the second waits for the first.
            self._work.row(_HELD_CONTENT, {"wanted": row.key})
        return row.key, self._work.row(_KEPT, {"wanted": row.key}) is not None

    def _hash_parameters(self, content_hash: str) -> dict[str, str]:
        head = {"head": content_hash[:_HASH_HEAD_DIGITS]} if self._work.is_sqlite else {}
        return {"hash": content_hash, **head}

    def _begun(self, canonical: bytes, key: int) -> Tip:
        frame = key_frame(canonical)
        self._work.run(_NEW_FRAME, {"chain": key, "segment": 0, "bytes": frame})
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
            place = {"the_chain": tip.chain, "the_segment": tip.segment, "the_length": tip.segment_bytes}
            # What somebody else added by hand would be taken for a frame: such a chain is left as it is.
            if not self._work.run(_APPEND, place | {"frame": frame}):
                return None
            return Tip(chain=tip.chain, depth=tip.depth + 1, content=key, segment=tip.segment, segment_bytes=grown)
        self._work.run(_NEW_FRAME, {"chain": tip.chain, "segment": tip.segment + 1, "bytes": frame})
        return Tip(chain=tip.chain, depth=tip.depth + 1, content=key, segment=tip.segment + 1, segment_bytes=len(frame))

    def _by_key(self, key: int) -> bytes | None:
        return self._decoded(_ENCODED_BY_KEY, {"wanted": key})

    def _decoded(self, statement: Select[Any], parameters: Mapping[str, Any]) -> bytes | None:
        result = self._work.connection.execute(statement, parameters)
        first = result.fetchone()
        if first is None:
            return None
        known = self._unrolled.get(first.chain)
        try:
            plain = unroll(
                _bytes_of(first, result), depth=first.depth, known=known if known and known[0] <= first.depth else None
            )
        finally:
            result.close()
        checked(plain, content_hash=first.hash)
        if not self._work.writes:
            self._unrolled = {first.chain: (first.depth, plain)}
        return plain


def _bytes_of(first: Any, rest: Any) -> Any:  # noqa: ANN401  # because rows of a join have no type
    yield first.bytes
    for row in rest:
        yield row.bytes
