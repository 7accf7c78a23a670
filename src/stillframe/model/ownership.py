"""Who owns what: groups of people, their members, and the projects that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillframe.errors import InvalidInput
from stillframe.model.identity import GroupRole
from stillframe.model.times import time_text

LONGEST_LINE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    People who own projects and dashboards together.

    Shape   `id`: chosen when it is made, and in every address: `team-a`.
    """

    id: str
    name: str
    created_at: datetime
    created_by: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "created_at": time_text(self.created_at),
            "created_by": self.created_by,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One user's role in one group."""

    group_id: str
    user_id: str
    user_name: str
    role: GroupRole
    since: datetime

    def as_dict(self) -> dict[str, Any]:
        return {
            "group_id": self.group_id,
            "user": self.user_name,
            "user_id": self.user_id,
            "role": self.role,
            "since": time_text(self.since),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Something that is built and released, whose health is kept; it belongs to one group."""

    name: str
    group_id: str
    title: str
    created_at: datetime
    created_by: str

    @property
    def scope_ref(self) -> str:
        """The id of its health dashboard."""
        return f"project:{self.name}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "group_id": self.group_id,
            "title": self.title,
            "scope_ref": self.scope_ref,
            "created_at": time_text(self.created_at),
            "created_by": self.created_by,
        }


def shown_line(text: str, *, path: str) -> str:
    """
    Return what people call a group or a project, as one line with single spaces.

    Errors  InvalidInput at `path`: 1 to 200 characters that can be shown.

    >>> shown_line("  Team   A ", path="$.name")
    'Team A'
    """
    line = " ".join(text.split())
    if not 1 <= len(line) <= LONGEST_LINE or not line.isprintable():
        raise InvalidInput.at(path, f"1 to {LONGEST_LINE} characters that can be shown")
    return line
