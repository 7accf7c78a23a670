"""Projects: one name for the whole house, one group at a time, and a history that moves with them."""

from __future__ import annotations

import pytest

from stillframe.errors import Conflict, Forbidden, InvalidInput, NotFound
from stillframe.flows.auditing import list_audit
from stillframe.flows.dashboards import get_dashboard
from stillframe.flows.history import list_snapshots
from stillframe.flows.projects import change_project, create_project, get_project, list_projects
from stillframe.testing import WebhookReceiver
from tests.flows.room import ANY, Room, request


def state(room: Room, subscription_id: str) -> str | None:
    with room.services.store.read() as unit:
        found = unit.subscriptions.get(subscription_id)
    return None if found is None else found.state


def test_a_project_is_made_with_its_health_dashboard(room: Room) -> None:
    """By an editor of its group, in one transaction."""
    room.team("team-a", alice="editor")
    project = create_project(room.services, room.standing("alice"), name="my-service", group_id="team-a")
    assert (project.title, project.group_id, project.scope_ref) == ("my-service", "team-a", "project:my-service")
    health, _ = get_dashboard(room.services, room.standing("alice"), dashboard_ref="project:my-service")
    assert (health.kind, health.project, health.group_id) == ("health", "my-service", "team-a")


@pytest.mark.parametrize("name", ["policy", "compare", "a/b", "a.b/c~d", "Überprüfung", "v1.0 beta"])
def test_a_name_may_be_any_that_a_build_has(room: Room, name: str) -> None:
    """Also one that is a word in somebody's path."""
    room.team()
    assert get_project(room.services, room.root, name=room.project(name).name).name == name


def test_a_name_has_one_spelling(room: Room) -> None:
    """Letters that are composed in two ways are the same letters."""
    room.team()
    made = create_project(room.services, room.root, name="Cafe\N{COMBINING ACUTE ACCENT}", group_id="team-a")
    assert made.name == "Caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    assert get_project(room.services, room.root, name="Cafe\N{COMBINING ACUTE ACCENT}") == made


@pytest.mark.parametrize("name", ["", " a", "a/", "/a", "a//b", "..", "a/../b", "a:", "a?b", "a\nb", "x" * 201])
def test_a_name_that_no_address_can_hold_is_refused(room: Room, name: str) -> None:
    """With what is allowed; and nothing was made."""
    room.team()
    with pytest.raises(InvalidInput, match=r"\$\.name"):
        create_project(room.services, room.root, name=name, group_id="team-a")
    assert list_projects(room.services, room.root, limit=5).items == []


def test_a_title_can_be_shown(room: Room) -> None:
    """When it is given and when it is changed."""
    room.team()
    room.project()
    with pytest.raises(InvalidInput, match=r"\$\.title"):
        create_project(room.services, room.root, name="b", group_id="team-a", title="\x1b[1m")
    with pytest.raises(InvalidInput, match=r"\$\.title"):
        change_project(room.services, room.root, name="my-service", title=" ")


def test_a_group_that_is_not_yours_is_absent(room: Room) -> None:
    """The same words for one that is there and one that is not; a member without the role learns which they lack."""
    room.team("team-a", alice="viewer")
    room.team("team-b")
    alice = room.standing("alice")
    said = []
    for group_id in ("team-b", "absent"):
        with pytest.raises(NotFound) as refused:
            create_project(room.services, alice, name="mine", group_id=group_id)
        said.append(refused.value.message)
    assert said[0] == said[1]
    with pytest.raises(Forbidden, match="editor or admin in its group"):
        create_project(room.services, alice, name="mine", group_id="team-a")


def test_a_taken_name_is_a_conflict(room: Room) -> None:
    """Names are one list for the whole house: a reference says which project, whoever reads it."""
    room.team("team-a")
    room.team("team-b", bob="editor")
    room.project(group_id="team-a")
    with pytest.raises(Conflict, match="taken"):
        create_project(room.services, room.standing("bob"), name="my-service", group_id="team-b")


def test_a_list_holds_what_one_may_see_page_by_page(room: Room) -> None:
    """By name; of all one's groups, or of one; analysts see every group's."""
    room.team("team-a", bob="viewer")
    room.team("team-b", bob="viewer")
    room.team("team-c")
    for group_id, names in {"team-a": "bd", "team-b": "ac", "team-c": "e"}.items():
        for name in names:
            room.project(name, group_id=group_id)
    bob = room.standing("bob")
    seen: list[str] = []
    cursor = None
    for _ in range(9):
        page = list_projects(room.services, bob, limit=3, cursor=cursor)
        seen += [project.name for project in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["a", "b", "c", "d"]
    assert [found.name for found in list_projects(room.services, room.root, limit=9).items] == ["a", "b", "c", "d", "e"]
    of_one = list_projects(room.services, bob, limit=2, group_id="team-b")
    assert ([found.name for found in of_one.items], of_one.next_cursor) == (["a", "c"], None)
    assert list_projects(room.services, room.charlie, limit=9).items == []
    with pytest.raises(NotFound):
        list_projects(room.services, bob, limit=9, group_id="team-c")


def test_what_one_may_not_see_is_absent(room: Room) -> None:
    """To read, and to change."""
    room.team()
    room.project()
    for act in (get_project, change_project):
        said = []
        for name in ("my-service", "absent"):
            with pytest.raises(NotFound) as refused:
                act(room.services, room.charlie, name=name)
            said.append(refused.value.message)
        assert said[0] == said[1]


def test_a_project_moves_with_its_history(room: Room, receiver: WebhookReceiver) -> None:
    """By an admin of the old group who is an editor of the new one; who stays behind sees and hears nothing more."""
    room.team("team-a", alice="admin", bob="editor")
    room.team("team-b", charlie="viewer")
    room.project(group_id="team-a")
    bob = room.standing("bob")
    board = room.board(owner=bob, scope={"project": "my-service"})
    room.clock.move(minutes=1)
    told = room.subscribe(board, receiver, ANY, caller=bob).subscription
    room.take_as(bob, board, request(a=1))
    alice = room.standing("alice")
    with pytest.raises(NotFound):
        change_project(room.services, alice, name="my-service", group_id="team-b")
    room.join("team-b", alice="viewer")
    with pytest.raises(Forbidden, match="editor or admin in its group"):
        change_project(room.services, room.standing("alice"), name="my-service", group_id="team-b")
    room.join("team-b", alice="editor", bob="admin")
    with pytest.raises(Forbidden, match="role admin in its group"):
        change_project(room.services, room.standing("bob"), name="my-service", group_id="team-b")
    room.leave("team-b", "bob")
    assert state(room, told.id) == "active"
    moved = change_project(room.services, room.standing("alice"), name="my-service", group_id="team-b")
    assert moved.group_id == "team-b"
    charlie = room.standing("charlie")
    for ref in (board.id, "project:my-service"):
        assert get_dashboard(room.services, charlie, dashboard_ref=ref)[0].group_id == "team-b"
        with pytest.raises(NotFound):
            get_dashboard(room.services, room.standing("bob"), dashboard_ref=ref)
    assert len(list_snapshots(room.services, charlie, dashboard_ref=board.id, limit=5).items) == 1
    assert state(room, told.id) == "paused"


def test_a_title_changes_on_its_dashboard_too(room: Room) -> None:
    """Its name, which is its address, stays."""
    room.team()
    room.project()
    changed = change_project(room.services, room.root, name="my-service", title="My  Service")
    assert (changed.name, changed.title) == ("my-service", "My Service")
    assert get_dashboard(room.services, room.root, dashboard_ref="project:my-service")[0].title == "My Service"


def test_every_change_of_a_project_is_in_the_log_once(room: Room) -> None:
    """What changed nothing has no line."""
    room.team("team-a")
    room.team("team-b")
    room.project()
    for _ in range(2):
        change_project(room.services, room.root, name="my-service", title="Mine", group_id="team-b")
    lines = list_audit(room.services, room.root, object="project:my-service", limit=10).items
    assert [(line.action, dict(line.detail)) for line in reversed(lines)] == [
        ("project.create", {"group": "team-a"}),
        ("project.title", {"old": "my-service", "new": "Mine"}),
        ("project.move", {"old": "team-a", "new": "team-b"}),
    ]
