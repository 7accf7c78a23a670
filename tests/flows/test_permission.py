"""Refusing and hiding: what may not be seen looks as if it were not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.capture import parse_view_spec
from stillframe.errors import Forbidden, NotFound
from stillframe.flows.dashboards import create_dashboard, live, replace_dashboard
from stillframe.flows.identity import authenticate, create_token, disable_user, local_caller, set_role
from stillframe.flows.permission import require, visible_dashboard
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
