"""The counter of a server: each question is one request, and its answer is what the database's own would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from stillframe.cli.server import Server, server_at
from stillframe.cli.surroundings import server_token
from stillframe.errors import Fault, InvalidInput
from stillframe.model.scope import scope_of

if TYPE_CHECKING:
    from stillframe.capture import ViewSpec
    from stillframe.cli.brought import Brought
    from stillframe.cli.counter import Document


_SNAPSHOTS = "/api/v2/dashboard/snapshots"
_RELEASE = "/api/v1/release"


@dataclass(frozen=True, slots=True)
class RemoteCounter:
    """What `cli.counter.Counter` promises, asked of a server."""

    server: Server

    def apply(self, view_spec: ViewSpec, *, dry_run: bool) -> Document:
        with _without("view_spec_json"):
            return self.server.post(
                "/api/dashboards/apply", {"view_spec_json": view_spec.as_dict(), "dry_run": dry_run}
            )

    def dashboards(self, *, limit: int | None, cursor: str | None) -> Document:
        return self.server.read("/api/dashboards", {"limit": limit, "cursor": cursor})

    def dashboard(self, ref: str) -> Document:
        return self.server.read(_dashboard(ref))

    def live(self, ref: str) -> Document:
        return self.server.read(f"{_dashboard(ref)}/live")

    def take(self, ref: str, said: Mapping[str, Any]) -> Document:
        return self.server.post(f"{_dashboard(ref)}/snapshot", said)

    def take_scope(self, said: Mapping[str, Any]) -> Document:
        return self.server.post(_SNAPSHOTS, said)

    def snapshots(
        self, wanted: Mapping[str, str | None], *, limit: int | None, offset: int, cursor: str | None
    ) -> Document:
        return self.server.read(_SNAPSHOTS, {**wanted, "limit": limit, "offset": offset, "cursor": cursor})

    def snapshot(self, snapshot_id: str) -> Document:
        return self.server.read(f"/api/snapshot/{_segment(snapshot_id)}")

    def accept(self, snapshot_id: str) -> Document:
        return self.server.post(f"/api/snapshot/{_segment(snapshot_id)}/accept")

    def policy(self) -> Document:
        return self.server.read(f"{_SNAPSHOTS}/policy")

    def pair(self, ref: str, *, from_id: str | None, to_id: str | None) -> tuple[str, str]:
        found = self.server.read(f"{_dashboard(ref)}/diff", {"from": from_id, "to": to_id})
        return found["snapshot_a"]["id"], found["snapshot_b"]["id"]

    def compare(self, said: Mapping[str, Any]) -> Document:
        return self.server.post(f"{_SNAPSHOTS}/compare", said)

    def export(self, snapshot_id: str, said: Mapping[str, Any]) -> bytes:
        return self.server.download(f"{_SNAPSHOTS}/{_segment(snapshot_id)}/export", said)

    def trends(self, project: str, said: Mapping[str, Any]) -> Document:
        return self.server.read(f"{_over_time(project)}/trends", said)

    def periods(self, project: str, said: Mapping[str, str]) -> Document:
        return self.server.read(f"{_over_time(project)}/compare-periods", said)

    def take_reports(self, project: str, said: Mapping[str, Any], reports: Sequence[Brought]) -> Document:
        return self.server.post_files(f"{_project(project)}/reports", said, _files(reports))

    def replay(self, snapshot_id: str) -> Document:
        return self.server.post(f"{_SNAPSHOTS}/{_segment(snapshot_id)}/replay")

    def health(self, project: str) -> Document:
        return self.server.read(f"{_over_time(project)}/health")

    def check_release(self, said: Mapping[str, Any], reports: Sequence[Brought]) -> Document:
        return self.server.post_files(f"{_RELEASE}/check", said, _files(reports))

    def profiles(self) -> Document:
        return self._whole(f"{_RELEASE}/profiles")

    def decisions(self, project: str | None, *, limit: int | None, cursor: str | None) -> Document:
        return self.server.read(f"{_RELEASE}/history", {"project_name": project, "limit": limit, "cursor": cursor})

    def decision(self, decision_id: str) -> Document:
        return self.server.read(f"{_RELEASE}/history/{_segment(decision_id)}")

    def suppress(self, said: Mapping[str, Any]) -> Document:
        return self.server.post(f"{_RELEASE}/suppressions", said)

    def suppressions(self, project: str | None, *, ended: bool, limit: int | None, cursor: str | None) -> Document:
        asked = {"project_name": project, "include_ended": "true" if ended else None, "limit": limit, "cursor": cursor}
        return self.server.read(f"{_RELEASE}/suppressions", asked)

    def lift(self, suppression_id: str) -> None:
        self.server.delete(f"{_RELEASE}/suppressions/{_segment(suppression_id)}")

    def subscribe(self, ref: str, said: Mapping[str, Any]) -> Document:
        return self.server.post(f"{_dashboard(ref)}/subscriptions", said)

    def subscriptions(self, ref: str) -> Document:
        return self._whole(f"{_dashboard(ref)}/subscriptions")

    def change_subscription(self, ref: str, subscription_id: str, said: Mapping[str, Any]) -> Document:
        return self.server.change("PATCH", _subscription(ref, subscription_id), said)

    def preview(self, ref: str, said: Mapping[str, Any]) -> Document:
        return self.server.post(f"{_dashboard(ref)}/subscriptions/preview", said)

    def test_subscription(self, ref: str, subscription_id: str) -> Document:
        return self.server.post(f"{_subscription(ref, subscription_id)}/test")

    def evaluations(self, ref: str, subscription_id: str, *, limit: int | None, cursor: str | None) -> Document:
        path = f"{_subscription(ref, subscription_id)}/evaluations"
        return self.server.read(path, {"limit": limit, "cursor": cursor})

    def new_secret(self, ref: str, subscription_id: str, *, overlap_seconds: int) -> Document:
        path = f"{_subscription(ref, subscription_id)}/secret"
        return self.server.post(path, {"overlap_seconds": overlap_seconds})

    def resume(self, ref: str, subscription_id: str, *, replay: bool) -> Document:
        return self.server.post(f"{_subscription(ref, subscription_id)}/resume", {"replay": replay})

    def unsubscribe(self, ref: str, subscription_id: str) -> None:
        self.server.delete(_subscription(ref, subscription_id))

    def make_group(self, said: Mapping[str, Any]) -> Document:
        return self.server.post("/api/groups", said)

    def groups(self) -> Document:
        return self._whole("/api/groups")

    def group(self, group_id: str) -> Document:
        return self.server.read(_group(group_id))

    def rename_group(self, group_id: str, name: str) -> Document:
        return self.server.change("PATCH", _group(group_id), {"name": name})

    def set_member(self, group_id: str, user: str, role: str) -> Document:
        return self.server.change("PUT", f"{_group(group_id)}/members/{_segment(user)}", {"role": role})

    def remove_member(self, group_id: str, user: str) -> None:
        self.server.delete(f"{_group(group_id)}/members/{_segment(user)}")

    def make_project(self, said: Mapping[str, Any]) -> Document:
        return self.server.post("/api/projects", said)

    def projects(self, *, group_id: str | None, limit: int | None, cursor: str | None) -> Document:
        return self.server.read("/api/projects", {"group_id": group_id, "limit": limit, "cursor": cursor})

    def project(self, name: str) -> Document:
        return self.server.read(_project(name))

    def change_project(self, name: str, said: Mapping[str, Any]) -> Document:
        return self.server.change("PATCH", _project(name), said)

    def audit(self, asked: Mapping[str, str | None], *, limit: int | None, cursor: str | None) -> Document:
        return self.server.read("/api/audit", {**asked, "limit": limit, "cursor": cursor})

    def make_token(self, said: Mapping[str, Any]) -> Document:
        return self.server.post("/api/tokens", said)

    def tokens(self) -> Document:
        return self._whole("/api/tokens")

    def revoke_token(self, token_id: str) -> None:
        self.server.delete(f"/api/tokens/{_segment(token_id)}")

    def _whole(self, path: str) -> Document:
        """Return a list to its end, page by page."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.server.read(path, {"cursor": cursor})
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return {"items": items, "next_cursor": None}


def remote_counter(url: str) -> RemoteCounter:
    """
    Return the counter of the server at `url`; its token is in `STILLFRAME_TOKEN`, where no list of processes shows it.

    Errors  InvalidInput for an address that is none, and for a missing token.
    """
    return RemoteCounter(server_at(url, token=server_token()))


def _files(reports: Sequence[Brought]) -> list[tuple[str, Path]]:
    return [(report.name, report.path) for report in reports]


def _dashboard(ref: str) -> str:
    scope = scope_of(ref)
    return f"/api/dashboard/{_segment(ref if scope is None else scope.slug)}"


def _subscription(ref: str, subscription_id: str) -> str:
    return f"{_dashboard(ref)}/subscriptions/{_segment(subscription_id)}"


def _group(group_id: str) -> str:
    return f"/api/groups/{_segment(group_id)}"


def _project(name: str) -> str:
    return f"/api/projects/{_whole_name(name)}"


def _over_time(project: str) -> str:
    return f"{_SNAPSHOTS}/{_whole_name(project)}"


def _whole_name(project: str) -> str:
    """Return a project's name as the paths take it that end a name with slashes in it."""
    return quote(project, safe="") or "%20"


def _segment(text: str) -> str:
    """Return a text as one segment of a path, whatever is in it; an empty one as a name that nothing has."""
    return quote(text.replace("/", " "), safe="") or "%20"


@contextmanager
def _without(member: str) -> Iterator[None]:
    """Let faults inside a member of the body name their place in the document that the caller gave."""
    try:
        yield
    except InvalidInput as error:
        if not error.faults:
            raise
        place = f"$.{member}"
        faults = [
            Fault(path=f"${fault.path.removeprefix(place)}", message=fault.message)
            for fault in error.faults
            if fault.path.startswith(place)
        ]
        raise type(error)(faults=faults or error.faults) from error
