"""Scopes: what a health dashboard is about, the names that stand for it, and the six dimensions of health."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from stillframe.errors import InvalidInput

ScopeKind: TypeAlias = Literal["project", "group", "portfolio"]
Dimension: TypeAlias = Literal["health", "audit", "compliance", "release", "sca", "quality"]

SCOPE_KINDS: tuple[ScopeKind, ...] = get_args(ScopeKind)
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
EVERYBODYS = "all"
"""`portfolio:all` holds every project there is."""
LONGEST_NAME = 200

DIMENSIONS_PANEL = "dimensions"
"""The table of a project's dashboard: one row a dimension, in the order of `DIMENSIONS`."""
FINDINGS_PANEL = "findings"
"""The table of a project's findings, where its summary says any: `id, dimension, severity, title, location`."""
HEALTH_PANEL = "health_score"
"""The headline metric of a project: its health score, 0 to 100."""
HEALTH_SCORE = "health.score"
"""The same score, as the metric of its dimension."""
MEMBERS_PANEL = "projects"
"""The table of a group's or portfolio's dashboard: one row a project, ranked by its health score."""
MEAN_PANEL = "mean_health"
WORST_PANEL = "worst_health"
COUNT_PANEL = "members"
UNSCORED_PANEL = "members_without_score"

_PROJECT_NAME = re.compile(r"[\w.@+~-](?:[\w.@+~:/ -]*[\w.@+~-])?")
_GROUP_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """
    What a health dashboard is about.

    Shape   `name`: a project's name, a group's id, a user's name, or `all`.
    """

    kind: ScopeKind
    name: str

    @property
    def ref(self) -> str:
        """The id of its dashboard: `project:NAME`, `group:ID`, `portfolio:USER` or `portfolio:all`."""
        return f"{self.kind}:{self.name}"

    @property
    def slug(self) -> str:
        """The reference as one segment of a path: what a path would divide or encode is written `~XX`."""
        return f"{self.kind}:" + "".join(map(_in_path, self.name))


def scope_of(ref: str) -> Scope | None:
    """Return the scope that a reference names; None for the id of a live dashboard."""
    kind, separator, name = ref.partition(":")
    known = next((found for found in SCOPE_KINDS if found == kind), None)
    return Scope(kind=known, name=name) if known and separator and name else None


def project_name(text: str, *, path: str = "$.name") -> str:
    """
    Return a project's name in its one spelling.

    Errors  InvalidInput at `path`: 1 to 200 letters, digits, spaces and `. _ @ + ~ : / -`, with no space, colon or
            slash at its ends and no empty, `.` or `..` segment.
    """
    name = unicodedata.normalize("NFC", text)
    segments = name.split("/")
    if len(name) > LONGEST_NAME or not _PROJECT_NAME.fullmatch(name) or {"", ".", ".."} & set(segments):
        raise InvalidInput.at(
            path,
            "a project's name is 1 to 200 letters, digits, spaces and . _ @ + ~ : / -, with none of space, colon and "
            "slash at its ends and no segment that is empty, . or ..",
        )
    return name


def group_id(text: str, *, path: str = "$.id") -> str:
    """
    Return a group's id.

    Errors  InvalidInput at `path`: 1 to 64 of a-z, 0-9, `.`, `_` and `-`, with a letter or digit at its ends.
    """
    if not _GROUP_ID.fullmatch(text):
        raise InvalidInput.at(
            path, "a group's id is 1 to 64 of a-z, 0-9, . _ and -, with a letter or digit at its ends"
        )
    return text


def _in_path(letter: str) -> str:
    plain = letter.isascii() and (letter.isalnum() or letter in "._@+:-")
    return letter if plain else "".join(f"~{byte:02X}" for byte in letter.encode())
