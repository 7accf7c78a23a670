"""Groups, members and projects: each name once, one role a member, and a project in one group at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stillframe.errors import Conflict
from stillframe.model.identity import GroupRole, User
from stillframe.model.ownership import Group, Membership, Project
from stillframe.store import Store, Unit
from tests.store.cast import NOON, dashboard, statements, user


def group(group_id: str = "team-a") -> Group:
    return Group(id=group_id, name=group_id.title(), created_at=NOON, created_by="root")


def project(name: str = "service", group_id: str = "team-a") -> Project:
    return Project(name=name, group_id=group_id, title=name, created_at=NOON, created_by="root")


def member(person: User, role: GroupRole = "viewer", *, group_id: str = "team-a", days: int = 0) -> Membership:
    return Membership(
        group_id=group_id, user_id=person.id, user_name=person.name, role=role, since=NOON + timedelta(days=days)
    )


def settled(unit: Unit) -> tuple[User, User]:
    """Two groups and two people."""
    people = user("alice"), user("bob")
    for person in people:
        unit.users.add(person)
    for group_id in ("team-b", "team-a"):
        unit.groups.add(group(group_id))
    return people


def test_a_group_is_kept_and_renamed(store: Store) -> None:
    """Its id is taken once and stays."""
    with store.write() as unit:
        settled(unit)
        with pytest.raises(Conflict):
            unit.groups.add(group())
        unit.groups.rename("team-a", "The A team")
    with store.read() as unit:
        found = unit.groups.get("team-a")
        assert unit.groups.get("nothing") is None
        assert [one.id for one in unit.groups.list(None)] == ["team-a", "team-b"]
        assert [one.id for one in unit.groups.list({"team-b", "nothing"})] == ["team-b"]
        assert unit.groups.list(()) == []
    assert found == Group(id="team-a", name="The A team", created_at=NOON, created_by="root")


def test_a_member_has_one_role_and_is_a_member_since_the_first(store: Store) -> None:
    """Another role is a change, not a second membership."""
    with store.write() as unit:
        alice, bob = settled(unit)
        unit.groups.set_member(member(bob))
        unit.groups.set_member(member(bob, "admin", days=1))
        unit.groups.set_member(member(bob, "editor", group_id="team-b"))
        unit.groups.set_member(member(alice))
        assert unit.groups.members("team-a") == [member(alice), member(bob, "admin")]
        assert unit.groups.membership("team-a", bob.id) == member(bob, "admin")
        assert unit.groups.roles_of(bob.id) == {"team-a": "admin", "team-b": "editor"}
        assert unit.groups.remove_member("team-a", bob.id)
        assert not unit.groups.remove_member("team-a", bob.id)
        assert unit.groups.membership("team-a", bob.id) is None
        assert unit.groups.roles_of(bob.id) == {"team-b": "editor"}
        assert unit.groups.roles_of("nobody") == {}


def test_who_somebody_is_takes_one_question_about_groups(store: Store) -> None:
    """Every request asks it."""
    with store.write() as unit:
        _, bob = settled(unit)
        unit.groups.set_member(member(bob))
    with store.read() as unit, statements() as sent:
        unit.groups.roles_of(bob.id)
    assert len([statement for statement in sent if statement.startswith("SELECT")]) == 1


def test_a_project_is_kept_and_moved(store: Store) -> None:
    """Its name is taken once, in whatever group."""
    with store.write() as unit:
        settled(unit)
        unit.projects.add(project())
        with pytest.raises(Conflict):
            unit.projects.add(project(group_id="team-b"))
        unit.projects.change(project(group_id="team-b"))
        found = unit.projects.get("service")
        assert unit.projects.get("nothing") is None
        assert unit.projects.count() == 1
    assert found == project(group_id="team-b")


def test_projects_are_listed_by_name_from_a_name_on(store: Store) -> None:
    """Those of some groups, or all."""
    with store.write() as unit:
        settled(unit)
        for name, group_id in {"b": "team-a", "c": "team-b", "a": "team-b", "d": "team-a"}.items():
            unit.projects.add(project(name, group_id))

        def names(**wanted: object) -> list[str]:
            return [one.name for one in unit.projects.list(**wanted)]  # type: ignore[arg-type]  # because each test names its own

        assert names(groups=None) == ["a", "b", "c", "d"]
        assert names(groups=["team-b"]) == ["a", "c"]
        assert names(groups=None, after="b", limit=1) == ["c"]
        assert names(groups=()) == []


def test_what_is_about_a_project_belongs_to_the_group_that_has_it_now(store: Store) -> None:
    """A dashboard is joined to its project, so that nothing is left behind when that moves."""
    with store.write() as unit:
        alice, _ = settled(unit)
        unit.projects.add(project())
        about = dashboard(alice, slug="about", project="service")
        of_group = dashboard(alice, slug="of-group", group_id="team-a")
        alone = dashboard(alice, slug="alone")
        for one in (about, of_group, alone):
            unit.dashboards.add(one)
        unit.projects.change(project(group_id="team-b"))
        found = {slug: unit.dashboards.get(slug) for slug in ("about", "of-group", "alone")}
        assert {slug: one and (one.group_id, one.project) for slug, one in found.items()} == {
            "about": ("team-b", "service"),
            "of-group": ("team-a", None),
            "alone": (None, None),
        }


def test_a_list_of_dashboards_is_ones_own_and_ones_groups(store: Store) -> None:
    """What one made for a group that one has left is the group's; health dashboards have lists of their own."""
    with store.write() as unit:
        alice, bob = settled(unit)
        unit.projects.add(project(group_id="team-b"))
        for slug, owner, over in (
            ("own", alice, {}),
            ("bobs", bob, {}),
            ("left", alice, {"group_id": "team-a"}),
            ("team", bob, {"group_id": "team-b"}),
            ("project", bob, {"project": "service"}),
            ("health", bob, {"project": "service", "kind": "health"}),
        ):
            unit.dashboards.add(dashboard(owner, slug=slug, **over))

        def slugs(owner_id: str | None, **wanted: object) -> list[str]:
            return [one.slug for one in unit.dashboards.list(owner_id, limit=9, **wanted).items]  # type: ignore[arg-type]  # because each test names its own

        assert slugs(alice.id, groups={"team-b"}) == ["project", "team", "own"]
        assert slugs(alice.id) == ["own"]
        assert slugs(alice.id, groups=None) == ["project", "team", "left", "own"]
        assert slugs(None) == ["project", "team", "left", "bobs", "own"]
        health = unit.dashboards.get("health")
        assert health is not None
        assert unit.dashboards.health_ids(kinds=["project", "group"], groups={"team-b"}) == [health.id]
        assert unit.dashboards.health_ids(kinds=["project"], groups=None) == [health.id]
        assert unit.dashboards.health_ids(kinds=["group"], groups=None) == []
        assert unit.dashboards.health_ids(kinds=["project"], groups={"team-a"}) == []
