"""Scopes: what is known of health is carried on, what is refused leaves nothing, and nobody's name is another's."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest

from stillframe.errors import Forbidden, InvalidInput, NotFound
from stillframe.flows.auditing import list_audit
from stillframe.flows.evidence import Wanted, get_snapshot, list_snapshots
from stillframe.flows.identity import authenticate, create_token
from stillframe.flows.projects import change_project
from stillframe.flows.scopes import scope_dashboard
from stillframe.model.scope import Scope
from stillframe.model.times import time_text
from tests.flows.room import Room, someone
from tests.flows.scoped import SECRET, given, refresh, score, settle_in, shown, take

pytestmark = pytest.mark.usefixtures("_settled")


@pytest.fixture
def _settled(room: Room) -> None:
    settle_in(room)


def test_what_is_known_is_carried_on_with_all_that_made_it(room: Room) -> None:
    """A project's snapshot without a summary is the same picture: payload, evidence, analyzer and rules."""
    brought = score(room, "my-service", 80, rule_version="rules 7").record
    kept = take(room, "project", "my-service", who=room.alice).record
    assert (kept.content_hash, kept.source_bundle) == (brought.content_hash, brought.source_bundle)
    assert (kept.analyzer_version, kept.rule_version) == ("scorer 1.0", "rules 7")
    assert kept.parent_snapshot_id == brought.id
    named = take(room, "project", "my-service", analyzer_version="mine").record
    assert named.analyzer_version == "mine"


def test_data_of_an_earlier_time_is_late_and_is_not_what_is_known(room: Room) -> None:
    """A summary of last week is kept, moves no head, and neither the group nor the next snapshot speaks of it."""
    now = score(room, "my-service", 80).record
    late = score(room, "my-service", 10, as_of=room.clock() - timedelta(days=7)).record
    assert (late.late, late.scope_ref) == (True, "project:my-service")
    assert take(room, "project", "my-service").record.content_hash == now.content_hash
    group = take(room, "group", "team-a").record
    assert {entry["snapshot_id"] for entry in group.source_bundle} != {late.id}
    seen = get_snapshot(room.services, room.bob, snapshot_id=group.id)
    assert seen.payload.summaries["health"]["score"] == 80


def test_a_project_without_evidence_makes_a_group_partial_and_no_zero(room: Room) -> None:
    """Also one whose snapshot says nothing yet."""
    score(room, "my-service", 70)
    take(room, "project", "a/b")
    group = take(room, "group", "team-a", who=room.alice).record
    seen = get_snapshot(room.services, room.bob, snapshot_id=group.id)
    assert (group.capture_status, shown(seen)) == ("partial", ["my-service", "a/b"])
    assert seen.payload.summaries["health"]["score"] == 70
    assert [entry["name"] for entry in group.source_bundle] == ["project:my-service"]


@pytest.mark.parametrize(("kind", "name"), [("group", "team-c"), ("portfolio", "dora")])
def test_a_picture_of_no_project_is_a_picture(room: Room, kind: str, name: str) -> None:
    """A group without projects, and the portfolio of somebody in no group, are empty and good; no mean is made up."""
    room.team("team-c")
    who = room.root if kind == "group" else someone(room.services, room.root, name)
    taken = take(room, kind, name, who=who).record  # type: ignore[arg-type]  # because the parameters are kinds
    seen = get_snapshot(room.services, who, snapshot_id=taken.id)
    assert (taken.capture_status, shown(seen), seen.payload.summaries) == ("good", [], {})
    assert take(room, kind, name, who=who).diff_summary is not None  # type: ignore[arg-type]  # because the parameters are kinds


def test_everybodys_portfolio_has_every_project(room: Room) -> None:
    """An administrator's portfolio has every project that there is, each once, whoever's group it is in."""
    taken = take(room, "portfolio", "all").record
    assert shown(get_snapshot(room.services, room.root, snapshot_id=taken.id)) == ["a/b", "my-service", SECRET]
    assert taken.scope_ref == "portfolio:all"


@pytest.mark.parametrize("name", ["o.hara@example.org", "x:y+z", "_", "a" * 200])
def test_a_portfolio_bears_its_owners_name_whatever_it_is(room: Room, name: str) -> None:
    """A user's name needs no other spelling to be the name of their portfolio."""
    who = someone(room.services, room.root, name)
    taken = take(room, "portfolio", name, who=who).record
    assert taken.scope_ref == f"portfolio:{name}"
    with room.services.store.read() as unit:
        assert scope_dashboard(unit, who, Scope(kind="portfolio", name=name)).owner_id == who.user_id
        with pytest.raises(NotFound):
            scope_dashboard(unit, room.charlie, Scope(kind="portfolio", name=name))


def test_nobody_is_called_like_everybody(room: Room) -> None:
    """`portfolio:all` holds every project, so no user may be named `all`."""
    with pytest.raises(InvalidInput):
        create_token(room.services, room.root, user_name="all")


def test_a_name_is_found_however_its_letters_are_composed(room: Room) -> None:
    """An é in one code point or two is the same project."""
    name = "café"
    room.project(unicodedata.normalize("NFC", name))
    for form in ("NFC", "NFD"):
        taken = take(room, "project", unicodedata.normalize(form, name), who=room.alice).record
        assert taken.scope_ref == f"project:{unicodedata.normalize('NFC', name)}"
    wanted = Wanted(project_name=unicodedata.normalize("NFD", name))
    assert len(list_snapshots(room.services, room.alice, wanted=wanted).items) == 2


def test_a_project_may_have_the_name_that_another_ones_address_has(room: Room) -> None:
    """`a~2Fb` is how `a/b` is written in a path; both are projects, and neither is taken for the other."""
    room.project("a~2Fb")
    score(room, "a/b", 10)
    score(room, "a~2Fb", 20)
    for name, health in (("a/b", 10), ("a~2Fb", 20)):
        (found,) = list_snapshots(room.services, room.alice, wanted=Wanted(project_name=name)).items
        seen = get_snapshot(room.services, room.alice, snapshot_id=found["id"])
        assert seen.payload.summaries["health"]["score"] == health


def test_who_may_take_what(room: Room) -> None:
    """Editors of the group; its readers are refused, and for the others there is nothing there."""
    for kind, name in (("project", "my-service"), ("group", "team-a")):
        take(room, kind, name, who=room.alice)  # type: ignore[arg-type]  # because these are kinds
        with pytest.raises(Forbidden):
            take(room, kind, name, who=room.bob)  # type: ignore[arg-type]  # because these are kinds
        with pytest.raises(NotFound):
            take(room, kind, name, who=room.charlie)  # type: ignore[arg-type]  # because these are kinds
    with pytest.raises(Forbidden):
        take(room, "portfolio", "all", who=room.alice)


def test_a_frozen_snapshot_needs_an_editor_and_is_written_down(room: Room) -> None:
    """`immutable` is for those who may take snapshots, and the log says who did it."""
    with pytest.raises(Forbidden):
        take(room, "project", "my-service", who=room.bob, immutable=True)
    frozen = take(room, "project", "my-service", who=room.alice, immutable=True).record
    assert frozen.immutable
    written = [
        entry for entry in list_audit(room.services, room.root, limit=100).items if entry.action == "snapshot.freeze"
    ]
    assert [(entry.actor, entry.object) for entry in written] == [("alice", f"snapshot:{frozen.id}")]


def test_what_is_refused_leaves_no_portfolio_behind(room: Room) -> None:
    """Neither a token that may only read nor a request that makes no sense makes the dashboard of a portfolio."""
    reading = authenticate(room.services, create_token(room.services, room.bob, user_name="bob", scopes=["read"]).text)
    with pytest.raises(Forbidden):
        take(room, "portfolio", "bob", who=reading)
    with pytest.raises(InvalidInput):
        take(room, "portfolio", "bob", who=room.bob, retention_class="forevr")
    with room.services.store.read() as unit:
        assert unit.dashboards.get("portfolio:bob") is None


def test_a_members_dashboard_that_moved_takes_its_readers_along(room: Room) -> None:
    """A group's next snapshot is without the project that left, and the other group's is with it."""
    score(room, "a/b", 40)
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    refresh(room)
    for group, members in (("team-a", ["my-service"]), ("team-b", ["a/b", SECRET])):
        taken = take(room, "group", group).record
        assert shown(get_snapshot(room.services, room.root, snapshot_id=taken.id)) == members


def test_a_summary_as_it_was_brought_is_its_evidence(room: Room) -> None:
    """The record names the bytes that were given and what made them."""
    brought = given(50)
    assert brought.analyzer == "scorer 1.0"
    record = score(room, "my-service", 50).record
    [entry] = record.source_bundle
    assert (entry["name"], entry["sha256"], entry["bytes"]) == ("summary", brought.packed.sha256, brought.packed.size)
    assert (entry["tool"], entry["version"], entry["parts"]) == ("scorer", "1.0", ["sca"])
    assert (entry["as_of"], entry["taken_at"]) == (time_text(record.as_of), time_text(record.timestamp))
