"""What a source is: one place that is asked once for each capture, and says what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """
    A database, folder or HTTP root that the operator named, and that view specs may name in turn.

    Shape   `url` may hold a credential, so it is never shown; `folder` is where a relative path in it starts. `groups`:
            whose dashboards may name it; those of administrators always may.
    """

    name: str
    url: str = field(repr=False)
    folder: Path = Path()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """
    What a source gave, before anything is checked or ranked.

    Shape   `value`: a list of rows (mappings of column to cell), or one JSON value. `rows` counts what was read.
            `columns`: the names that the source itself states, so that a table without rows keeps them.
    """

    value: Any
    rows: int
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Source(Protocol):
    """
    One source of a view spec, bound to its connection.

    Whatever it raises is a `SourceFailed` (it did not answer, or not in time) or a `CaptureRefused` (it answered what
    no snapshot can hold), and neither says a credential.
    """

    def check(self) -> None:
        """Refuse, without asking anybody, what a read would refuse whatever the answer: a query, a path."""
        ...

    def read(self, *, max_rows: int, seconds: float) -> Read:
        """
        Ask once, within `seconds`, counted from now: connecting included.

        Shape   At most `max_rows` rows; one more is a CaptureRefused that says so.
        """
        ...
