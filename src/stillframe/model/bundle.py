"""Source bundles: which entries of a record have bytes in the store, and which of those other tools wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

Entry: TypeAlias = Mapping[str, Any]
Bundle: TypeAlias = Sequence[Entry]

_OWN: Final = "stillframe."
"""How the names of our own formats begin."""


def kept_entries(bundle: Bundle) -> list[Entry]:
    """Return the entries whose bytes are kept: reports, and how they were read; a member's frame has no format."""
    return [entry for entry in bundle if "format" in entry]


def tool_entries(bundle: Bundle) -> Iterator[tuple[str, Entry]]:
    """
    Give each report of another tool with the tool's name, in small letters: one tool writes its own in several ways.

    >>> sarif = {"format": "sarif", "tool": "Bandit"}
    >>> [
    ...     tool
    ...     for tool, _ in tool_entries([{"format": "stillframe.reading/1"}, sarif, {"format": "lcov", "tool": None}])
    ... ]
    ['bandit', 'lcov']
    """
    for entry in kept_entries(bundle):
        if not entry["format"].startswith(_OWN):
            yield str(entry.get("tool") or entry["format"]).casefold(), entry
