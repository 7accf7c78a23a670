"""What one may not see changes nothing of what one is answered: two worlds that differ in it only answer alike."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillframe.api.evidence_page import evidence_page
from stillframe.errors import StillframeError
from stillframe.flows import comparing, evidence, exporting, history, trends
from stillframe.flows.dashboards import get_dashboard, list_dashboards
from stillframe.flows.discussion import list_comments
from stillframe.flows.groups import create_group, list_groups, remove_member, set_member
from stillframe.flows.identity import create_persona, create_token, local_caller
from stillframe.flows.permission import standing_of
from stillframe.flows.projects import change_project, create_project, list_projects
from stillframe.flows.scopes import GivenSummary, take_scope_snapshot
from stillframe.flows.services import Services
from stillframe.flows.storing import SnapshotRequest
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.health import Member, members_payload
from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.model.identity import Caller
from stillframe.model.scope import Scope
from stillframe.testing import StillClock
from stillframe.wiring import build_services
from tests.stories.house import BEGIN, settings_of

GROUPS = ("north", "south", "west")
PROJECTS = {"amber": "north", "birch": "north", "cedar": "south", "delta/dune": "west"}
USERS: dict[str, dict[str, str]] = {"uma": {"north": "editor"}, "vic": {"south": "viewer", "west": "editor"}}
KEY = base64.b64encode(bytes(32)).decode()
Score = tuple[int | None, int | None]

scores = st.tuples(st.one_of(st.none(), st.integers(0, 100)), st.one_of(st.none(), st.integers(0, 100)))
scored = st.tuples(st.just("score"), st.sampled_from(list(PROJECTS)), scores)
pictures = st.one_of(
    st.tuples(st.just("group"), st.sampled_from(GROUPS)),
    st.tuples(st.just("all")),
    st.tuples(st.just("own"), st.sampled_from(list(USERS))),
)
changes = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(list(PROJECTS)), st.sampled_from(GROUPS)),
    st.tuples(
        st.just("member"),
        st.sampled_from(list(USERS)),
        st.sampled_from(GROUPS),
        st.sampled_from(["viewer", "editor", None]),
    ),
)
everything: list[Any] = [*(("group", group) for group in GROUPS), ("all",), *(("own", user) for user in USERS)]
beginnings = st.fixed_dictionaries({project: st.tuples(scores, scores) for project in PROJECTS}).map(
    lambda found: [
        step
        for round_number in range(2)
        for step in (*(("score", project, both[round_number]) for project, both in found.items()), *everything)
    ]
)
steps = st.tuples(
    beginnings, st.lists(changes, min_size=1, max_size=3), st.lists(st.one_of(scored, pictures, changes), max_size=5)
).map(lambda parts: [step for part in parts for step in part])
"""Every picture is taken twice, then people and projects change places, then anything."""


@dataclass(kw_only=True)
class World:
    """An installation with its own copy of the same beginning, and what was done in it."""

    services: Services
    root: Caller
    taken: dict[str, list[str]] = field(default_factory=dict)
    """Ids of snapshots by dashboard, oldest first."""
    pictures: dict[str, dict[str, Score]] = field(default_factory=dict)
    """What each group's and portfolio's snapshot was made from, by its id: the scores of every member then."""
    known: dict[str, Score] = field(default_factory=dict)

    def caller(self, name: str) -> Caller:
        with self.services.store.read() as unit:
            user = unit.users.by_name(name)
            assert user is not None
            return standing_of(unit, user)

    def play(self, done: list[Any], house: Model, *, otherwise: frozenset[str]) -> None:
        """Do every step; the scores of some projects are others here."""
        for step in done:
            self.services.clock.move(minutes=1)  # type: ignore[attr-defined]  # because it is a clock that stands
            match step:
                case ("score", project, score):
                    given = other(score) if project in otherwise else score
                    self._take(self.root, Scope(kind="project", name=project), summary=summary(given))
                    self.known[project] = given
                case ("group", group):
                    self._members(self.root, Scope(kind="group", name=group), house.of({group}))
                case ("all",):
                    self._members(self.root, Scope(kind="portfolio", name="all"), set(PROJECTS))
                case ("own", user):
                    self._members(self.caller(user), Scope(kind="portfolio", name=user), house.visible(user))
                case ("move", project, group):
                    change_project(self.services, self.root, name=project, group_id=group)
                case ("member", user, group, None):
                    if group in house.roles[user]:
                        remove_member(self.services, self.root, group_id=group, user_name=user)
                case ("member", user, group, role):
                    set_member(self.services, self.root, group_id=group, user_name=user, role=role)
            house.do(step)

    def _members(self, who: Caller, scope: Scope, members: set[str]) -> None:
        taken = self._take(who, scope)
        self.pictures[taken] = {name: self.known.get(name, (None, None)) for name in members}

    def _take(self, who: Caller, scope: Scope, summary: GivenSummary | None = None) -> str:
        taken = take_scope_snapshot(self.services, who, scope=scope, request=SnapshotRequest(), summary=summary)
        self.taken.setdefault(scope.ref, []).append(taken.record.id)
        return taken.record.id


@dataclass(kw_only=True)
class Model:
    """Who is where: all that decides what anybody may see, and nothing else."""

    places: dict[str, str] = field(default_factory=lambda: dict(PROJECTS))
    roles: dict[str, dict[str, str]] = field(
        default_factory=lambda: {user: dict(roles) for user, roles in USERS.items()}
    )

    def do(self, step: Any) -> None:
        match step:
            case ("move", project, group):
                self.places[project] = group
            case ("member", user, group, None):
                self.roles[user].pop(group, None)
            case ("member", user, group, role):
                self.roles[user][group] = role

    def of(self, groups: set[str]) -> set[str]:
        return {project for project, group in self.places.items() if group in groups}

    def visible(self, user: str) -> set[str]:
        return self.of(set(self.roles[user]))


def other(score: Score) -> Score:
    """Return a score that differs in every part, and in whether there is any."""
    health, sca = score
    return (None if health and health % 3 == 0 else ((health or 0) + 37) % 101), (((sca or 0) + 11) % 101)


def summary(score: Score) -> GivenSummary:
    document = {
        "schema": "stillframe.summary/1",
        "summaries": {
            name: {"score": value} for name, value in zip(("health", "sca"), score, strict=True) if value is not None
        },
    }
    found = GivenSummary.of(document)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def beginning() -> Iterator[Path]:
    """The file of an installation with groups, projects, people, and an administrator's subscription to each group."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "beginning.db"
        world = open_world(path, create=True)
        for group in GROUPS:
            create_group(world.services, world.root, group_id=group)
        for project, group in PROJECTS.items():
            create_project(world.services, world.root, name=project, group_id=group)
        for user, roles in USERS.items():
            create_token(world.services, world.root, user_name=user)
            create_persona(world.services, world.root, slug=user, owner_name=user)
            for group, role in roles.items():
                set_member(world.services, world.root, group_id=group, user_name=user, role=role)
        create_persona(world.services, world.root, slug="boss")
        for group in GROUPS:
            asked = SubscriptionRequest(subscriber_kind="persona", subscriber_id="boss", threshold={"any_change": True})
            subscribe(world.services, world.root, dashboard_ref=f"group:{group}", request=asked)
        world.services.close()
        yield path


def open_world(path: Path, *, create: bool = False) -> World:
    clock, numbers = StillClock(BEGIN), count(1)
    chosen = settings_of(path.parent, str(path), secrets={"key": KEY})
    services = build_services(chosen, create=create, clock=clock)
    head = "00000000" if create else "0000ffff"
    services = replace(services, new_id=lambda: f"{head}-0000-7000-8000-{next(numbers):012x}")
    return World(services=services, root=local_caller(services, "root"))


def answers(world: World, user: str) -> dict[str, str]:
    """Return what every read flow answers somebody about everything that there is, by what was asked."""
    services, caller = world.services, world.caller(user)
    refs = [*(f"project:{name}" for name in PROJECTS), *(f"group:{name}" for name in GROUPS), "portfolio:all"]
    refs += [f"portfolio:{name}" for name in USERS]
    found: dict[str, str] = {}

    def ask(name: str, question: Callable[[], Any]) -> None:
        try:
            answer = question()
        except StillframeError as error:
            answer = {
                "error": type(error).__name__,
                "message": error.message,
                "faults": [str(one) for one in getattr(error, "faults", ())],
            }
        found[name] = answer if isinstance(answer, str) else json.dumps(answer, sort_keys=True, default=str)

    def listed(**wanted: Any) -> Callable[[], Any]:
        return lambda: evidence.list_snapshots(services, caller, wanted=evidence.Wanted(**wanted), limit=50).as_dict()

    def exported(form: str, snapshot_id: str, baseline: str | None = None) -> Callable[[], str]:
        def export() -> str:
            made = exporting.export_snapshot(
                services, caller, snapshot_id=snapshot_id, format=form, baseline_snapshot_id=baseline
            )
            return made.content.decode()

        return export

    ask("list", listed())
    ask("groups", lambda: [one.as_dict() for one in list_groups(services, caller)])
    ask("projects", lambda: [one.as_dict() for one in list_projects(services, caller, limit=100).items])
    ask("dashboards", lambda: [one.as_dict() for one in list_dashboards(services, caller, limit=100).items])
    for kind in ("project", "group", "portfolio"):
        ask(f"list {kind}", listed(scope=kind))
    for group in GROUPS:
        ask(f"list of {group}", listed(group_id=group))
        ask(f"list portfolios of {group}", listed(group_id=group, scope="portfolio"))
    for project in PROJECTS:
        ask(f"list of {project}", listed(project_name=project))
        ask(f"trends of {project}", lambda name=project: trends.project_trends(services, caller, project_name=name))
    for ref in refs:
        ask(f"list {ref}", listed(dashboard_id=ref))
        ask(
            f"history {ref}",
            lambda ref=ref: history.list_snapshots(services, caller, dashboard_ref=ref, limit=50).items,
        )
        ask(
            f"head {ref}",
            lambda ref=ref: [
                one.as_dict() if hasattr(one, "as_dict") else one
                for one in get_dashboard(services, caller, dashboard_ref=ref)
            ],
        )
        ask(f"series {ref}", lambda ref=ref: history.metric_series(services, caller, dashboard_ref=ref))
        ask(
            f"thread {ref}",
            lambda ref=ref: [
                one.as_dict() for one in list_comments(services, caller, artifact_ref=ref, limit=100).items
            ],
        )
        ask(
            f"diff {ref}",
            lambda ref=ref: history.diff_snapshots(services, caller, dashboard_ref=ref).document(
                include_drilldown=True
            ),
        )
    for ids in world.taken.values():
        for one in ids:
            ask(f"get {one}", lambda one=one: evidence.get_snapshot(services, caller, snapshot_id=one).as_dict())
            ask(
                f"page {one}",
                lambda one=one: str(evidence_page(*history.get_snapshot(services, caller, snapshot_id=one))),
            )
            ask(f"json {one}", exported("json", one))
            ask(f"markdown {one}", exported("markdown", one))
        for a, b in pairwise(ids):
            ask(
                f"compare {a} {b}",
                lambda a=a, b=b: comparing.compare_snapshots(services, caller, from_id=a, to_id=b).document(
                    include_drilldown=True
                ),
            )
            ask(f"compared json {a} {b}", exported("json", b, a))
            ask(f"compared markdown {a} {b}", exported("markdown", b, a))
    return found


def deeds(world: World, user: str) -> dict[str, str]:
    """Return what somebody is answered who takes snapshots and subscribes."""
    services, caller = world.services, world.caller(user)
    found: dict[str, str] = {}
    rule = {"dimension_state": "regressed", "on_dimension": "sca"}
    for ref in (f"group:{name}" for name in GROUPS):
        asked = SubscriptionRequest(subscriber_kind="persona", subscriber_id=user, threshold=rule)
        try:
            subscribe(services, caller, dashboard_ref=ref, request=asked)
            found[f"subscribe {ref}"] = "done"
        except StillframeError as error:
            found[f"subscribe {ref}"] = f"{error.message} {getattr(error, 'faults', '')}"
    for scope in (*(Scope(kind="group", name=name) for name in GROUPS), Scope(kind="portfolio", name=user)):
        services.clock.move(minutes=1)  # type: ignore[attr-defined]  # because it is a clock that stands
        try:
            taken = take_scope_snapshot(services, caller, scope=scope, request=SnapshotRequest()).as_dict()
            found[f"take {scope.ref}"] = json.dumps({**taken, "dispatch": None}, sort_keys=True, default=str)
        except StillframeError as error:
            found[f"take {scope.ref}"] = error.message
    return found


@settings(max_examples=10)
@given(done=steps, reader=st.sampled_from(list(USERS)))
def test_what_is_hidden_changes_no_answer(beginning: Path, done: list[Any], reader: str) -> None:
    """
    Two worlds in which other things happened to what the reader may not see give the reader the same bytes.

    And none of them holds a hidden project's name.
    """
    model = Model()
    for step in done:
        model.do(step)
    hidden = frozenset(set(PROJECTS) - model.visible(reader))
    told = []
    with TemporaryDirectory() as folder:
        for number, otherwise in enumerate((frozenset[str](), hidden)):
            path = Path(folder) / f"{number}.db"
            shutil.copy(beginning, path)
            world = open_world(path)
            try:
                world.play(done, Model(), otherwise=otherwise)
                told.append(answers(world, reader) | deeds(world, reader))
            finally:
                world.services.close()
    for question, answer in told[0].items():
        assert answer == told[1][question], question
        for name in hidden:
            if name not in question:
                assert name not in answer, question


@settings(max_examples=10)
@given(done=steps, reader=st.sampled_from(list(USERS)))
def test_a_view_is_what_the_visible_members_alone_would_give(beginning: Path, done: list[Any], reader: str) -> None:
    """Every group's and portfolio's picture, computed from scratch out of what was known then and may be seen now."""
    with TemporaryDirectory() as folder:
        path, model = Path(folder) / "world.db", Model()
        shutil.copy(beginning, path)
        world = open_world(path)
        try:
            world.play(done, model, otherwise=frozenset())
            visible, caller = model.visible(reader), world.caller(reader)
            wanted = {}
            for ref, ids in world.taken.items():
                for one in ids:
                    if _may_look(ref, reader, model, world.pictures.get(one)):
                        wanted[one] = _expected(world.pictures.get(one), visible)
            listed = evidence.list_snapshots(world.services, caller, wanted=evidence.Wanted(), limit=200).items
            assert {found["id"] for found in listed} == set(wanted)
            for one, expected in wanted.items():
                seen = evidence.get_snapshot(world.services, caller, snapshot_id=one)
                if expected is not None:
                    assert (seen.payload.as_dict(), seen.hash) == (
                        expected.as_dict(),
                        content_hash(canonical_bytes(expected.as_dict())),
                    )
                    assert seen.redacted is bool(set(world.pictures[one]) - visible)
        finally:
            world.services.close()


def _may_look(ref: str, reader: str, model: Model, picture: dict[str, Score] | None) -> bool:
    kind, _, name = ref.partition(":")
    if kind == "project":
        return name in model.visible(reader)
    if kind == "group":
        return name in model.roles[reader]
    return name == reader or (name == "all" and bool(set(picture or ()) & model.visible(reader)))


def _expected(picture: dict[str, Score] | None, visible: set[str]) -> Any:
    if picture is None:
        return None
    return members_payload(
        [
            Member(project=name, scores={"health": health, "sca": sca})
            for name, (health, sca) in sorted(picture.items())
            if name in visible
        ]
    )
