"""Real damage to real files: bytes flipped, triggers dropped, frames deleted, as a disk or a hand may do it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import text

from stillframe.store.connect import SQLITE, open_engine


def by_hand(target: str, *statements: str) -> None:
    """Run statements on a connection without any of our settings."""
    if "://" in target:
        engine = open_engine(target)
        try:
            with engine.begin() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()
        return
    with closing(SQLITE.connect(target)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def drop_trigger(target: str, name: str) -> str:
    """Return the statement that takes a trigger away."""
    return f"DROP TRIGGER {name}" + (f" ON {name.rpartition('_')[0]}" if "://" in target else "")


def flip(path: Path, *, at: bytes, shift: int = 0, mask: int = 0x01) -> None:
    """Flip bits of the byte that stands `shift` behind the first occurrence of some bytes."""
    content = bytearray(path.read_bytes())
    place = content.index(at) + shift
    content[place] ^= mask
    path.write_bytes(bytes(content))


def first_frame(target: str) -> bytes:
    """Return the bytes of the first frame."""
    return bytes(_one(target, "SELECT bytes FROM frames ORDER BY chain,segment LIMIT 1"))


def _one(target: str, statement: str) -> Any:
    with closing(SQLITE.connect(target)) as connection:
        (found,) = connection.execute(statement).fetchone()
    return found
