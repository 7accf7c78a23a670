"""Whether the payload of a snapshot has had its time, and if it is kept, why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

WhyKept: TypeAlias = Literal[
    "immutable", "release", "newest", "baseline", "pending", "forever", "young", "shared", "damaged"
]
"""
`newest`: head or last of its dashboard. `baseline`: of a subscription, paused ones too. `pending`: named by a delivery
that is still to be sent. `forever`: its class knows no age. `shared`: it has had its time, and another snapshot that
shows the same must be kept. `damaged`: it has had its time, and what is built on it can no longer be read.
"""
WHY_KEPT: tuple[WhyKept, ...] = get_args(WhyKept)
RELEASE_CLASS = "release"
RELEASE_TRIGGERS = frozenset({"release_gate_pre", "release_gate_post"})


class Use(NamedTuple):
    """
    One snapshot, as far as the age of its payload is concerned.

    Units   `timestamp`: milliseconds since 1970, UTC.
    """

    dashboard: int
    sequence: int
    timestamp: int
    immutable: bool
    retention_class: str
    trigger_source: str

    @property
    def place(self) -> tuple[int, int]:
        """The dashboard's number and the sequence."""
        return self.dashboard, self.sequence


def why_kept(use: Use, *, horizons: Mapping[str, int], protected: Mapping[tuple[int, int], WhyKept]) -> WhyKept | None:
    """
    Return why a snapshot keeps its payload; None if it has had its time.

    Shape   `horizons`: for each class that knows an age, the time before which payloads go. `protected`: the places of
            snapshots that are kept whatever their age.
    Source  docs/howto/keep-and-clean-up.md.

    >>> use = Use(1, 2, 1000, False, "standard", "api")
    >>> why_kept(use, horizons={"standard": 1001}, protected={}) is None
    True
    >>> why_kept(use, horizons={"standard": 1000}, protected={})
    'young'
    >>> why_kept(use._replace(immutable=True), horizons={"standard": 1001}, protected={})
    'immutable'
    """
    if use.immutable:
        return "immutable"
    if use.retention_class == RELEASE_CLASS or use.trigger_source in RELEASE_TRIGGERS:
        return "release"
    named = protected.get(use.place)
    if named is not None:
        return named
    horizon = horizons.get(use.retention_class)
    if horizon is None:
        return "forever"
    return "young" if use.timestamp >= horizon else None
