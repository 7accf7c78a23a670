"""Encoding a chain anew without the payloads that leave it: frames whose predecessor stays are taken as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stillframe.errors import StoreError
from stillframe.store.frames import DELTA_LEVEL, checked, delta_frame, key_frame, unrolled


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A payload that stays: the key of its content, and the hash that its bytes must have."""

    content: int
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChain:
    """
    A chain to be written.

    Shape   `contents`: in the order of their frames, so that a payload's depth is its place.
    """

    number: int
    contents: tuple[int, ...]
    frames: tuple[bytes, ...]


def recoded(segments: Iterable[bytes], kept: Mapping[int, Kept], *, number: int) -> tuple[NewChain, ...]:
    """
    Return the chains that hold what stays of one chain; each payload was compared with its hash, before and after.

    One chain is enough, unless two payloads are too large to be encoded against each other.

    Shape   `kept` by depth. `number`: of the chain that they leave.
    Errors  StoreError if the chain is broken, or something in it is not what its hash says.
    """
    new: list[tuple[list[int], list[bytes]]] = []
    previous, previous_depth, last = b"", -1, max(kept)
    for depth, (frame, plain) in enumerate(unrolled(segments)):
        stays = kept.get(depth)
        if stays is not None:
            checked(plain, content_hash=stays.content_hash)
            follows = bool(new) and previous_depth == depth - 1
            taken = frame if follows or depth == 0 else delta_frame(plain, predecessor=previous) if new else None
            if taken is None or not new:
                new.append(([], []))
                taken = taken or key_frame(plain, level=DELTA_LEVEL)
            new[-1][0].append(stays.content)
            new[-1][1].append(taken)
            previous, previous_depth = plain, depth
        if depth == last:
            break
    chains = tuple(
        NewChain(number=free_number(contents[0], leaving=number), contents=tuple(contents), frames=tuple(frames))
        for contents, frames in new
    )
    _check(chains, {found.content: found.content_hash for found in kept.values()})
    return chains


def free_number(content: int, *, leaving: int) -> int:
    """
    Return a number that no chain has: of its first content, with either sign.

    A chain is named by the key of a content that is in it, and a content is in one chain; so the only chain that can
    have the name already is the one that the content leaves.

    >>> free_number(7, leaving=3), free_number(7, leaving=7), free_number(7, leaving=-7)
    (7, -7, 7)
    """
    return content if abs(leaving) != content else -leaving


def in_segments(frames: Sequence[bytes], *, most_bytes: int) -> list[bytes]:
    """Return frames joined up to a size; a frame that is larger stands alone."""
    segments: list[bytes] = []
    for frame in frames:
        if segments and len(segments[-1]) + len(frame) <= most_bytes:
            segments[-1] += frame
        else:
            segments.append(frame)
    return segments


def _check(chains: Iterable[NewChain], hashes: Mapping[int, str]) -> None:
    found = 0
    for chain in chains:
        for content, (_, plain) in zip(chain.contents, unrolled(chain.frames), strict=True):
            checked(plain, content_hash=hashes[content])
            found += 1
    if found != len(hashes):
        raise StoreError("A chain of frames is shorter than it should be; restore the database from a copy.")
