"""Dashboards: whose they are, which names they may take and use, and a live view that stores nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stillframe.capture import Connection, ViewSpec, parse_view_spec
from stillframe.errors import Conflict, Forbidden, InvalidInput, NotFound, SourceFailed
from stillframe.flows.dashboards import (
    apply_view_spec,
    changed_members,
    create_dashboard,
    get_dashboard,
    list_dashboards,
    live,
    plan_view_spec,
    replace_dashboard,
)
from tests.flows.room import Room, board_spec

ID = "01a1fd10-ec4f-775a-a9c1-4b01af26775c"


def spec(title: str = "Board", **members: Any) -> ViewSpec:
    """Return the view spec of a pushed board."""
    return parse_view_spec(board_spec(title, **members))


def file_spec(**members: Any) -> ViewSpec:
    """Return the view spec of a board that is read from a file."""
    document = {
        "title": "Read",
        "sources": {"rows": {"type": "file", "connection": "files", "path": "rows.json"}},
        "panels": {"board": {"source": "rows", "kind": "table"}},
    }
    return parse_view_spec(document | members)


@pytest.fixture
def files(room: Room, tmp_path: Path) -> Path:
    """A connection to a folder, and the file in it."""
    room.services.connections["files"] = Connection(name="files", url=str(tmp_path))  # type: ignore[index]  # because the map that wiring made is a dict
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"id": "a", "score": 1}]), encoding="utf8")
    return path


def test_a_slug_is_one_dashboards(room: Room) -> None:
    """Also against somebody who cannot see whose it is, by each of the three ways."""
    room.board("Taken")
    other = room.board("Other", owner=room.bob)
    with pytest.raises(Conflict):
        create_dashboard(room.services, room.bob, view_spec=spec("Taken"))
    with pytest.raises(Conflict):
        replace_dashboard(room.services, room.bob, dashboard_ref=other.id, view_spec=spec("Taken"))
    with pytest.raises(Conflict):
        apply_view_spec(room.services, room.bob, view_spec=spec("Taken"))


def test_a_slug_never_looks_like_an_id(room: Room) -> None:
    """Both name a dashboard in the same place of an address."""
    board = room.board()
    with pytest.raises(InvalidInput, match="id"):
        create_dashboard(room.services, room.alice, view_spec=spec(slug=ID))
    with pytest.raises(InvalidInput, match="id"):
        replace_dashboard(room.services, room.alice, dashboard_ref=board.id, view_spec=spec(slug=ID))


def test_only_its_owner_and_admins_change_a_dashboard(room: Room) -> None:
    """To the others there is none."""
    board = room.board()
    with pytest.raises(NotFound):
        replace_dashboard(room.services, room.bob, dashboard_ref=board.id, view_spec=spec("Mine now"))
    changed = replace_dashboard(room.services, room.root, dashboard_ref=board.id, view_spec=spec("Renamed"))
    assert (changed.id, changed.owner_id, changed.slug) == (board.id, room.alice.user_id, "renamed")
    found, _ = get_dashboard(room.services, room.alice, dashboard_ref="renamed")
    assert found == changed


def test_a_list_shows_ones_own_and_admins_all(room: Room) -> None:
    """Page after page, each once."""
    boards = [room.board(f"Board {number}", owner=room.bob if number % 2 else room.alice).id for number in range(6)]
    seen: dict[str, list[str]] = {}
    for caller in (room.alice, room.root, room.charlie):
        cursor, seen[caller.name] = None, []
        while True:
            page = list_dashboards(room.services, caller, limit=2, cursor=cursor)
            seen[caller.name] += [board.id for board in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(seen["alice"]) == sorted(boards[::2])
    assert sorted(seen[room.root.name]) == sorted(boards)
    assert seen["charlie"] == []


def test_apply_says_what_it_changed(room: Room) -> None:
    """Created, unchanged, updated member by member."""
    steps = [apply_view_spec(room.services, room.alice, view_spec=found) for found in (spec(), spec(), spec(top_n=3))]
    assert [step.action for step in steps] == ["created", "unchanged", "updated"]
    assert len({step.dashboard.id for step in steps}) == 1
    assert [line for line in steps[2].changes if line.startswith("$.top_n:")] == list(steps[2].changes)


def test_a_long_value_is_shown_short() -> None:
    """A change is a line, not a page."""
    (line,) = changed_members({"query": "x" * 500}, {"query": None})
    assert len(line) < 100
    assert line.endswith("→ absent")


@pytest.mark.usefixtures("files")
def test_a_connection_is_used_by_those_who_may(room: Room) -> None:
    """Whoever may not use any does not learn which there are; whoever may is told the nearest."""
    wrong = file_spec(sources={"rows": {"type": "file", "connection": "fiels", "path": "rows.json"}})
    for found in (file_spec(), wrong):
        with pytest.raises(Forbidden) as refused:
            create_dashboard(room.services, room.alice, view_spec=found)
        assert "files" not in refused.value.message
    with pytest.raises(InvalidInput, match="did you mean 'files'"):
        create_dashboard(room.services, room.root, view_spec=wrong)


def test_a_live_view_is_answered_from_the_last_run_while_that_is_young(room: Room, files: Path) -> None:
    """The source is asked once in so many seconds, and never for a view spec that was replaced."""
    board = create_dashboard(room.services, room.root, view_spec=file_spec(refresh_interval_seconds=600))
    first = live(room.services, room.root, dashboard_ref=board.id).as_dict()
    files.write_text(json.dumps([{"id": "b", "score": 1}]), encoding="utf8")
    assert live(room.services, room.root, dashboard_ref=board.slug).as_dict() == first
    panels = {"board": {"source": "rows", "kind": "table", "limit": 5}}
    replace_dashboard(
        room.services,
        room.root,
        dashboard_ref=board.id,
        view_spec=file_spec(panels=panels, refresh_interval_seconds=600),
    )
    again = live(room.services, room.root, dashboard_ref=board.id).as_dict()
    assert again["content_hash"] != first["content_hash"]
    with room.services.store.read() as unit:
        assert unit.heads.get(board.id).last_snapshot_id is None


def test_a_live_view_that_fails_is_not_kept(room: Room, files: Path) -> None:
    """The next reader asks the source again."""
    board = create_dashboard(room.services, room.root, view_spec=file_spec(refresh_interval_seconds=600))
    content = files.read_text("utf8")
    files.unlink()
    with pytest.raises(SourceFailed):
        live(room.services, room.root, dashboard_ref=board.id)
    files.write_text(content, encoding="utf8")
    assert live(room.services, room.root, dashboard_ref=board.id).as_dict()["content_hash"]


def test_what_is_pushed_has_no_live_view(room: Room) -> None:
    """Nobody can be asked; and a stranger does not even learn that."""
    board = room.board()
    with pytest.raises(InvalidInput):
        live(room.services, room.alice, dashboard_ref=board.id)
    with pytest.raises(NotFound):
        live(room.services, room.charlie, dashboard_ref=board.id)


def test_a_dashboard_belongs_to_the_group_or_project_of_its_scope(room: Room) -> None:
    """Its editors make it and change it, its viewers see it; everybody else finds neither it nor what it names."""
    room.team("team-a", alice="editor", bob="viewer")
    room.project("papers")
    alice, bob = room.standing("alice"), room.standing("bob")
    of_group = create_dashboard(room.services, alice, view_spec=spec("A", scope={"group": "team-a"}))
    of_project = create_dashboard(room.services, alice, view_spec=spec("B", scope={"project": "papers"}))
    assert (of_group.scope, of_project.scope) == ({"group": "team-a"}, {"project": "papers"})
    assert of_project.group_id == "team-a"
    assert [one.id for one in list_dashboards(room.services, bob, limit=9).items] == [of_project.id, of_group.id]
    assert list_dashboards(room.services, room.charlie, limit=9).items == []
    with pytest.raises(Forbidden, match="editor or admin in its group"):
        create_dashboard(room.services, bob, view_spec=spec("C", scope={"group": "team-a"}))
    for scope in ({"group": "team-a"}, {"group": "absent"}, {"project": "papers"}, {"project": "absent"}):
        for act in (create_dashboard, apply_view_spec, plan_view_spec):
            with pytest.raises(NotFound, match=f"there is no {next(iter(scope))} here that you can see"):
                act(room.services, room.charlie, view_spec=spec("C", scope=scope))


def test_a_dashboard_moves_to_another_scope_with_its_history(room: Room) -> None:
    """By an editor of both; who stays behind sees and hears nothing more."""
    room.team("team-a", alice="editor", bob="viewer")
    room.team("team-b", charlie="viewer")
    alice, bob = room.standing("alice"), room.standing("bob")
    board = create_dashboard(room.services, alice, view_spec=spec("A", scope={"group": "team-a"}))
    told = room.subscribe(board, "bob", {"any_change": True}, caller=bob).subscription
    moved = spec("A", scope={"group": "team-b"})
    with pytest.raises(NotFound):
        replace_dashboard(room.services, alice, dashboard_ref=board.id, view_spec=moved)
    room.join("team-b", alice="viewer")
    with pytest.raises(Forbidden):
        replace_dashboard(room.services, room.standing("alice"), dashboard_ref=board.id, view_spec=moved)
    room.join("team-b", alice="editor")
    replace_dashboard(room.services, room.standing("alice"), dashboard_ref=board.id, view_spec=moved)
    assert get_dashboard(room.services, room.standing("charlie"), dashboard_ref=board.id)[0].group_id == "team-b"
    with pytest.raises(NotFound):
        get_dashboard(room.services, bob, dashboard_ref=board.id)
    with room.services.store.read() as unit:
        paused = unit.subscriptions.get(told.id)
    assert paused is not None
    assert paused.state == "paused"


def test_a_health_dashboard_is_changed_by_nobody(room: Room) -> None:
    """It is Stillframe's own: its keeper sees it and is told how its snapshots are taken."""
    room.team("team-a", alice="admin")
    with pytest.raises(InvalidInput, match="Stillframe's own"):
        replace_dashboard(
            room.services, room.standing("alice"), dashboard_ref="group:team-a", view_spec=spec("A", slug="mine")
        )
    with pytest.raises(InvalidInput, match="Stillframe's own"):
        live(room.services, room.standing("alice"), dashboard_ref="group:team-a")
