"""Scopes in a room: two projects in team-a with Alice as its editor and Bob as its reader, and what they are given."""

from __future__ import annotations

from typing import Any

from stillframe.flows.scopes import GivenSummary, take_scope_snapshot
from stillframe.flows.storing import SnapshotRequest, SnapshotTaken
from stillframe.model.identity import Caller
from stillframe.model.payload import Table
from stillframe.model.scope import Scope, ScopeKind
from stillframe.model.view import SnapshotView
from tests.flows.room import Room
from tests.stories.estate import summary

SECRET = "zephyr"
"""A project of team-b, where only Charlie is."""


def settle_in(room: Room) -> None:
    """Make the two teams and their projects; everybody stands as they are then."""
    room.team("team-a", alice="editor", bob="viewer")
    room.team("team-b", charlie="editor")
    for name, group in (("my-service", "team-a"), ("a/b", "team-a"), (SECRET, "team-b")):
        room.project(name, group_id=group)
    refresh(room)


def refresh(room: Room) -> None:
    """Let everybody stand as they are now."""
    room.alice, room.bob, room.charlie = (room.standing(name) for name in ("alice", "bob", "charlie"))


def given(health: float, *, critical: int = 0) -> GivenSummary:
    """Return a summary as somebody brings it."""
    made = GivenSummary.of(summary(health, critical=critical))
    assert made is not None
    return made


def score(room: Room, project: str, health: float, *, critical: int = 0, **said: Any) -> SnapshotTaken:
    """Bring a project's summary, as the administrator; a minute passes first."""
    return take(room, "project", project, summary=given(health, critical=critical), **said)


def take(
    room: Room,
    kind: ScopeKind,
    name: str,
    *,
    who: Caller | None = None,
    summary: GivenSummary | None = None,
    **said: Any,
) -> SnapshotTaken:
    """Take a snapshot of a scope, as the administrator unless somebody else is named; a minute passes first."""
    room.clock.move(minutes=1)
    scope, asked = Scope(kind=kind, name=name), SnapshotRequest(**said)
    return take_scope_snapshot(room.services, who or room.root, scope=scope, request=asked, summary=summary)


def shown(view: SnapshotView) -> list[Any]:
    """Return the projects of a group's or portfolio's picture, in their order."""
    table = view.payload.panels["projects"]
    assert isinstance(table, Table)
    return [row["project"] for row in table.rows]
