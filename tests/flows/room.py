"""A room for flows: real services on a real SQLite file, and the people who call them, without any door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stillframe.capture import parse_view_spec
from stillframe.config import Settings
from stillframe.flows.dashboards import create_dashboard
from stillframe.flows.dispatch import DispatchReport
from stillframe.flows.groups import create_group, remove_member, set_member
from stillframe.flows.identity import authenticate, create_persona, create_token, local_caller
from stillframe.flows.permission import standing_of
from stillframe.flows.projects import create_project
from stillframe.flows.services import Services
from stillframe.flows.snapshots import SnapshotRequest, SnapshotTaken, take_snapshot
from stillframe.flows.subscriptions import Subscribed, SubscriptionRequest, subscribe
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller, GroupRole, Role
from stillframe.model.ownership import Project
from stillframe.testing import StillClock, WebhookReceiver

ANY = {"any_change": True}


@dataclass(kw_only=True)
class Room:
    """
    Services, a clock that stands, and the cast.

    Shape   `root` is an administrator; `alice` owns what the tests make, with the persona `alice`; `bob` and `charlie`
            are viewers like her, `bob` with a persona.
    """

    services: Services
    clock: StillClock
    settings: Settings
    root: Caller
    alice: Caller
    bob: Caller
    charlie: Caller

    def board(self, title: str = "Board", *, owner: Caller | None = None, **members: Any) -> Dashboard:
        """Make a dashboard of pushed rows, ranked by score, and a pushed metric."""
        spec = board_spec(title, **members)
        return create_dashboard(self.services, owner or self.alice, view_spec=parse_view_spec(spec))

    def take(self, board: Dashboard, *, total: float = 10, said: Any = None, **scores: float) -> SnapshotTaken:
        """Push rows and take a snapshot, as Alice; a minute passes first."""
        self.clock.move(minutes=1)
        return self.take_as(self.alice, board, request(total=total, **(said or {}), **scores))

    def take_as(self, caller: Caller, board: Dashboard, request: SnapshotRequest) -> SnapshotTaken:
        """Take a snapshot as somebody."""
        return take_snapshot(self.services, caller, dashboard_ref=board.id, request=request)

    def dispatch(self, board: Dashboard, **scores: float) -> DispatchReport:
        """Push rows, and return who was told."""
        return self.take(board, **scores).dispatch

    def subscribe(
        self, board: Dashboard, receiver: WebhookReceiver | str, rule: Any, *, caller: Caller | None = None, **more: Any
    ) -> Subscribed:
        """Subscribe a receiver, or a persona by its slug."""
        kind, name = ("persona", receiver) if isinstance(receiver, str) else ("webhook", receiver.url())
        asked = SubscriptionRequest(**{"subscriber_kind": kind, "subscriber_id": name, "threshold": rule} | more)
        made = subscribe(self.services, caller or self.alice, dashboard_ref=board.id, request=asked)
        if made.secret is not None and not isinstance(receiver, str):
            receiver.trust(made.secret)
        return made

    def standing(self, name: str) -> Caller:
        """Return somebody as they stand now, with the groups that they are in."""
        with self.services.store.read() as unit:
            user = unit.users.by_name(name)
            assert user is not None
            return standing_of(unit, user)

    def team(self, group_id: str = "team-a", **roles: GroupRole) -> None:
        """Make a group, and members of it by their names."""
        create_group(self.services, self.root, group_id=group_id)
        self.join(group_id, **roles)

    def join(self, group_id: str, **roles: GroupRole) -> None:
        """Give people a role in a group, by their names."""
        for name, role in roles.items():
            set_member(self.services, self.root, group_id=group_id, user_name=name, role=role)

    def leave(self, group_id: str, name: str) -> None:
        """Take somebody out of a group."""
        remove_member(self.services, self.root, group_id=group_id, user_name=name)

    def project(self, name: str = "my-service", *, group_id: str = "team-a") -> Project:
        """Make a project in a group."""
        return create_project(self.services, self.root, name=name, group_id=group_id)

    def settle(self) -> None:
        """Wait until every send under way has ended and is settled."""
        assert self.services.notifier.drain(20)


def board_spec(title: str = "Board", **members: Any) -> dict[str, Any]:
    """Return the view spec of pushed rows and a pushed metric."""
    return {
        "title": title,
        "sources": {"pushed": {"type": "push"}},
        "panels": {
            "board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "score", "order": "desc"},
            "total": {"source": "pushed", "kind": "metric"},
        },
        "primary": {"rows": "board", "metric": "total"},
        **members,
    }


def request(*, total: float = 10, as_of: datetime | None = None, **scores: float) -> SnapshotRequest:
    """Return a request that pushes a row for each name."""
    rows = [{"id": name, "score": score} for name, score in scores.items()]
    return SnapshotRequest(data={"board": rows, "total": total}, as_of=as_of)


def someone(services: Services, local: Caller, name: str, role: Role = "viewer") -> Caller:
    """Return a new user's caller, proved by a token."""
    return authenticate(services, create_token(services, local, user_name=name, role=role).text)


def people_room(settings: Settings, services: Services, clock: StillClock) -> Room:
    """Return the room with its people in it."""
    root = local_caller(services, "root")
    people = {name: someone(services, root, name) for name in ("alice", "bob", "charlie")}
    for name in ("alice", "bob"):
        create_persona(services, people[name], slug=name)
    return Room(services=services, clock=clock, settings=settings, root=root, **people)
