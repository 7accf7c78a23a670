"""Refusing and hiding: what may not be seen looks as if it were not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.capture import parse_view_spec
from stillframe.errors import Forbidden, NotFound
from stillframe.flows.dashboards import create_dashboard, live, replace_dashboard
from stillframe.flows.groups import create_group, set_member
from stillframe.flows.identity import authenticate, create_token, disable_user, local_caller, set_role
from stillframe.flows.permission import require, require_on, visible_dashboard, visible_group, visible_project
from stillframe.flows.snapshots import SnapshotRequest, take_snapshot
from tests.flows.room import Room
from tests.stories.house import furnish, settings_of


def test_a_dashboard_of_somebody_else_looks_absent(room: Room) -> None:
    """The same error, the same words, by id and by slug."""
    board = room.board()
    said = []
    for ref in (board.id, board.slug, "absent"):
        with room.services.store.read() as unit, pytest.raises(NotFound) as refused:
            visible_dashboard(unit, room.charlie, ref)
        said.append(refused.value.message)
    assert len(set(said)) == 1


@pytest.mark.parametrize("by", ["id", "slug"])
def test_its_owner_and_admins_see_it_by_id_and_by_slug(room: Room, by: str) -> None:
    """Both names are the same dashboard."""
    board = room.board()
    with room.services.store.read() as unit:
        for caller in (room.alice, room.root):
            assert visible_dashboard(unit, caller, getattr(board, by)).id == board.id


def test_a_refusal_says_why(room: Room) -> None:
    """Who is allowed, in a sentence."""
    with pytest.raises(Forbidden, match="owner"):
        require(room.bob, "dashboard.change", owner_id=room.alice.user_id)
    require(room.alice, "dashboard.change", owner_id=room.alice.user_id)


def test_a_dashboard_asks_its_connections_only_as_long_as_its_owner_may(tmp_path: Path) -> None:
    """An administrator who became a viewer, or was disabled, no longer reads through a dashboard made before."""
    (tmp_path / "board.json").write_text('[{"id": "a"}]', encoding="utf8")
    settings = settings_of(tmp_path, str(tmp_path / "x.db"), connections={"files": {"url": str(tmp_path)}})
    services, _ = furnish(settings)
    local = local_caller(services, "root")
    made = create_token(services, local, user_name="alice", role="admin")
    alice = authenticate(services, made.text)
    source = {"type": "file", "connection": "files", "path": "board.json"}
    spec = {"title": "B", "sources": {"f": source}, "panels": {"p": {"source": "f", "kind": "table"}}}
    board = create_dashboard(services, alice, view_spec=parse_view_spec(spec))
    take_snapshot(services, alice, dashboard_ref=board.id, request=SnapshotRequest())
    set_role(services, local, user_name="alice", role="viewer")
    demoted = authenticate(services, made.text)
    for ask in (
        lambda: take_snapshot(services, demoted, dashboard_ref=board.id, request=SnapshotRequest()),
        lambda: live(services, demoted, dashboard_ref=board.id),
        lambda: take_snapshot(services, local, dashboard_ref=board.id, request=SnapshotRequest()),
    ):
        with pytest.raises(Forbidden, match="may not ask its connections"):
            ask()
    set_role(services, local, user_name="alice", role="admin")
    live(services, alice, dashboard_ref=board.id)
    disable_user(services, local, user_name="alice")
    with pytest.raises(Forbidden, match="may not ask its connections"):
        live(services, local, dashboard_ref=board.id)
    services.close()


def test_nobody_gives_a_dashboard_connections_that_its_owner_may_not_ask(tmp_path: Path) -> None:
    """Also an administrator's change is refused, rather than left to fail at every capture."""
    settings = settings_of(tmp_path, str(tmp_path / "x.db"), connections={"files": {"url": str(tmp_path)}})
    services, _ = furnish(settings)
    local = local_caller(services, "root")
    bob = authenticate(services, create_token(services, local, user_name="bob").text)
    pushed = {"title": "B", "sources": {"f": {"type": "push"}}, "panels": {"p": {"source": "f", "kind": "table"}}}
    board = create_dashboard(services, bob, view_spec=parse_view_spec(pushed))
    asked = {**pushed, "sources": {"f": {"type": "file", "connection": "files", "path": "board.json"}}}
    with pytest.raises(Forbidden, match="may not ask its connections"):
        replace_dashboard(services, local, dashboard_ref=board.id, view_spec=parse_view_spec(asked))
    services.close()


def test_a_connection_given_to_a_group_is_asked_by_its_dashboards_only(tmp_path: Path) -> None:
    """An editor names it in the group's dashboards, and nowhere else; a group that is left takes it along."""
    (tmp_path / "board.json").write_text('[{"id": "a"}]', encoding="utf8")
    files = {"files": {"url": str(tmp_path), "groups": ["team-a"]}}
    services, _ = furnish(settings_of(tmp_path, str(tmp_path / "x.db"), connections=files))
    local = local_caller(services, "root")
    made = create_token(services, local, user_name="bob")
    for group in ("team-a", "team-b"):
        create_group(services, local, group_id=group)
        set_member(services, local, group_id=group, user_name="bob", role="editor")
    bob = authenticate(services, made.text)
    source = {"type": "file", "connection": "files", "path": "board.json"}
    spec = {"title": "B", "sources": {"f": source}, "panels": {"p": {"source": "f", "kind": "table"}}}
    for scope in ({}, {"scope": {"group": "team-b"}}):
        with pytest.raises(Forbidden):
            create_dashboard(services, bob, view_spec=parse_view_spec({**spec, **scope}))
    ours = parse_view_spec({**spec, "scope": {"group": "team-a"}})
    board = create_dashboard(services, bob, view_spec=ours)
    assert live(services, bob, dashboard_ref=board.id).as_dict()["content_hash"]
    with pytest.raises(Forbidden):
        replace_dashboard(
            services, bob, dashboard_ref=board.id, view_spec=parse_view_spec({**spec, "scope": {"group": "team-b"}})
        )
    services.close()


def test_whoever_made_a_dashboard_of_a_group_stands_as_their_role_says(room: Room) -> None:
    """It is the group's: its maker who became a viewer looks, and changes nothing."""
    room.team("team-a", bob="editor", charlie="viewer")
    board = room.board(owner=room.standing("bob"), scope={"group": "team-a"})
    require_on(room.standing("bob"), "dashboard.change", board)
    require_on(room.standing("charlie"), "dashboard.read", board)
    room.join("team-a", bob="viewer")
    for name, action in (("bob", "dashboard.change"), ("bob", "snapshot.take"), ("charlie", "subscription.address")):
        with pytest.raises(Forbidden, match="editor or admin in its group"):
            require_on(room.standing(name), action, board)  # type: ignore[arg-type]  # because the words are actions


def test_a_group_and_a_project_are_seen_by_their_members(room: Room) -> None:
    """Absent and invisible are the same words, and the log is told which it was."""
    room.team("team-a", bob="viewer")
    room.project()
    for look, name in ((visible_group, "team-a"), (visible_project, "my-service")):
        told = []
        with room.services.store.read() as unit:
            assert look(unit, room.standing("bob"), name)
            for wanted in (name, "absent"):
                with pytest.raises(NotFound) as refused:
                    look(unit, room.charlie, wanted)
                told.append((refused.value.message, refused.value.invisible))
        assert told[0][0] == told[1][0]
        assert [invisible for _, invisible in told] == [True, False]
