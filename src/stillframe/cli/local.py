"""The counter of a database that the command opens itself: each question is one flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stillframe.cli.desk import tell_what_waits
from stillframe.cli.local_subscriptions import LocalSubscriptions, page_limit, page_of, whole_of
from stillframe.flows import (
    auditing,
    dashboards,
    evidence,
    groups,
    history,
    identity,
    projects,
    snapshots,
    suppressions,
)
from stillframe.flows.scopes import GivenSummary
from stillframe.flows.storing import SnapshotRequest
from stillframe.model.times import time_from_text
from stillframe.model.view import seen_record

if TYPE_CHECKING:
    from stillframe.capture import ViewSpec
    from stillframe.cli.brought import Brought
    from stillframe.cli.counter import Document
    from stillframe.flows.reading_reports import GivenReport

HEAD_MEMBERS = ("last_snapshot_id", "last_sequence", "head_snapshot_id", "head_content_hash")


@dataclass(frozen=True, slots=True)
class LocalCounter(LocalSubscriptions):
    """What `cli.counter.Counter` promises, over an open database."""

    def apply(self, view_spec: ViewSpec, *, dry_run: bool) -> Document:
        act = dashboards.plan_view_spec if dry_run else dashboards.apply_view_spec
        done = act(self.desk.services, self.desk.caller, view_spec=view_spec)
        return {"slug": view_spec.slug, "dry_run": dry_run, **done.as_dict()}

    def dashboards(self, *, limit: int | None, cursor: str | None) -> Document:
        page = dashboards.list_dashboards(
            self.desk.services, self.desk.caller, limit=page_limit(self.desk, limit), cursor=cursor
        )
        return page_of(page)

    def dashboard(self, ref: str) -> Document:
        found, head = dashboards.get_dashboard(self.desk.services, self.desk.caller, dashboard_ref=ref)
        return {**found.as_dict(), "head": {name: getattr(head, name) for name in HEAD_MEMBERS}}

    def live(self, ref: str) -> Document:
        return dashboards.live(self.desk.services, self.desk.caller, dashboard_ref=ref).as_dict()

    def take(self, ref: str, said: Mapping[str, Any]) -> Document:
        taken = snapshots.take_snapshot(
            self.desk.services, self.desk.caller, dashboard_ref=ref, request=_request(said), wait_for_sends=True
        )
        tell_what_waits(self.desk.services)
        return taken.as_dict()

    def take_scope(self, said: Mapping[str, Any]) -> Document:
        members = dict(said)
        scope = {name: members.pop(name) for name in ("scope", "project_name", "group_id")}
        summary = GivenSummary.of(members.pop("summaries"))
        taken = evidence.create_snapshot(
            self.desk.services,
            self.desk.caller,
            **scope,
            request=_request(members),
            summary=summary,
            wait_for_sends=True,
        )
        tell_what_waits(self.desk.services)
        return taken.as_dict()

    def snapshots(
        self, wanted: Mapping[str, str | None], *, limit: int | None, offset: int, cursor: str | None
    ) -> Document:
        found = evidence.list_snapshots(
            self.desk.services,
            self.desk.caller,
            wanted=evidence.Wanted(**wanted),
            limit=limit,
            offset=offset,
            cursor=cursor,
        )
        return found.as_dict()

    def snapshot(self, snapshot_id: str) -> Document:
        return evidence.get_snapshot(self.desk.services, self.desk.caller, snapshot_id=snapshot_id).as_dict()

    def accept(self, snapshot_id: str) -> Document:
        record = history.accept_snapshot(self.desk.services, self.desk.caller, snapshot_id=snapshot_id)
        return seen_record(record, view_hash=None)

    def policy(self) -> Document:
        return evidence.snapshot_policy(self.desk.services)

    def pair(self, ref: str, *, from_id: str | None, to_id: str | None) -> tuple[str, str]:
        found = history.diff_snapshots(
            self.desk.services, self.desk.caller, dashboard_ref=ref, from_id=from_id, to_id=to_id
        )
        return found.a.record.id, found.b.record.id

    def compare(self, said: Mapping[str, Any]) -> Document:
        from stillframe.flows import comparing

        services, caller = self.desk.services, self.desk.caller
        if said["project_name"] is None:
            found = comparing.compare_snapshots(
                services, caller, from_id=said["from_snapshot_id"], to_id=said["to_snapshot_id"]
            )
        else:
            found = comparing.compare_times(
                services,
                caller,
                project_name=said["project_name"],
                since=time_from_text(said["from_timestamp"]),
                until=time_from_text(said["to_timestamp"]),
            )
        return found.document(include_drilldown=said["include_drilldown"])

    def export(self, snapshot_id: str, said: Mapping[str, Any]) -> bytes:
        from stillframe.flows import exporting

        made = exporting.export_snapshot(
            self.desk.services,
            self.desk.caller,
            snapshot_id=snapshot_id,
            format=said["format"],
            baseline_snapshot_id=said["baseline_snapshot_id"],
            language_code=said["language"],
        )
        return made.content

    def trends(self, project: str, said: Mapping[str, Any]) -> Document:
        from stillframe.flows import trends

        return trends.project_trends(
            self.desk.services,
            self.desk.caller,
            project_name=project,
            metrics=said["metric"],
            since=_time(said["from"]),
            until=_time(said["to"]),
            points=said["points"],
        )

    def periods(self, project: str, said: Mapping[str, str]) -> Document:
        from stillframe.flows import trends

        return trends.compare_project_periods(
            self.desk.services,
            self.desk.caller,
            project_name=project,
            period=(time_from_text(said["from"]), time_from_text(said["to"])),
            baseline=(time_from_text(said["baseline_from"]), time_from_text(said["baseline_to"])),
        )

    def take_reports(self, project: str, said: Mapping[str, Any], reports: Sequence[Brought]) -> Document:
        from stillframe.flows.reading_reports import ReadingOptions
        from stillframe.flows.reports import take_report_snapshot

        members = dict(said)
        options = ReadingOptions(kloc=members.pop("kloc"), root=members.pop("root"))
        taken = take_report_snapshot(
            self.desk.services,
            self.desk.caller,
            project_name=project,
            reports=_given(reports),
            request=_request(members),
            options=options,
            wait_for_sends=True,
        )
        tell_what_waits(self.desk.services)
        return taken.as_dict()

    def replay(self, snapshot_id: str) -> Document:
        from stillframe.flows.replay import replay_snapshot

        return replay_snapshot(self.desk.services, self.desk.caller, snapshot_id=snapshot_id)

    def health(self, project: str) -> Document:
        from stillframe.flows.health import project_health

        return project_health(self.desk.services, self.desk.caller, project_name=project)

    def check_release(self, said: Mapping[str, Any], reports: Sequence[Brought]) -> Document:
        from stillframe.flows import release
        from stillframe.flows.reading_reports import ReadingOptions

        members = dict(said)
        options = ReadingOptions(kloc=members.pop("kloc"), root=members.pop("root"))
        answer = release.check_release(
            self.desk.services,
            self.desk.caller,
            request=release.GateRequest(options=options, **members),
            reports=_given(reports),
            trigger="cli",
            wait_for_sends=True,
        )
        tell_what_waits(self.desk.services)
        return answer.as_dict()

    def profiles(self) -> Document:
        from stillframe.flows.release import list_profiles

        return whole_of(list_profiles(self.desk.services))

    def decisions(self, project: str | None, *, limit: int | None, cursor: str | None) -> Document:
        from stillframe.flows.release import release_history

        page = release_history(
            self.desk.services,
            self.desk.caller,
            project_name=project,
            limit=page_limit(self.desk, limit),
            cursor=cursor,
        )
        return page_of(page)

    def decision(self, decision_id: str) -> Document:
        from stillframe.flows.release import get_decision

        return dict(get_decision(self.desk.services, self.desk.caller, decision_id=decision_id))

    def suppress(self, said: Mapping[str, Any]) -> Document:
        members = dict(said)
        expires_at = time_from_text(members.pop("expires_at"), path="$.expires_at")
        request = suppressions.SuppressionRequest(expires_at=expires_at, **members)
        made = suppressions.suppress(self.desk.services, self.desk.caller, request=request)
        return made.as_dict(now=self.desk.services.clock())

    def suppressions(self, project: str | None, *, ended: bool, limit: int | None, cursor: str | None) -> Document:
        page = suppressions.list_suppressions(
            self.desk.services,
            self.desk.caller,
            project_name=project,
            limit=page_limit(self.desk, limit),
            cursor=cursor,
            include_ended=ended,
        )
        now = self.desk.services.clock()
        return {"items": [found.as_dict(now=now) for found in page.items], "next_cursor": page.next_cursor}

    def lift(self, suppression_id: str) -> None:
        suppressions.lift_suppression(self.desk.services, self.desk.caller, suppression_id=suppression_id)

    def make_group(self, said: Mapping[str, Any]) -> Document:
        made = groups.create_group(self.desk.services, self.desk.caller, group_id=said["id"], name=said["name"])
        return made.as_dict()

    def groups(self) -> Document:
        return whole_of(groups.list_groups(self.desk.services, self.desk.caller))

    def group(self, group_id: str) -> Document:
        return groups.get_group(self.desk.services, self.desk.caller, group_id=group_id).as_dict()

    def rename_group(self, group_id: str, name: str) -> Document:
        return groups.rename_group(self.desk.services, self.desk.caller, group_id=group_id, name=name).as_dict()

    def set_member(self, group_id: str, user: str, role: str) -> Document:
        member = groups.set_member(self.desk.services, self.desk.caller, group_id=group_id, user_name=user, role=role)
        return member.as_dict()

    def remove_member(self, group_id: str, user: str) -> None:
        groups.remove_member(self.desk.services, self.desk.caller, group_id=group_id, user_name=user)

    def make_project(self, said: Mapping[str, Any]) -> Document:
        return projects.create_project(self.desk.services, self.desk.caller, **said).as_dict()

    def projects(self, *, group_id: str | None, limit: int | None, cursor: str | None) -> Document:
        page = projects.list_projects(
            self.desk.services, self.desk.caller, limit=page_limit(self.desk, limit), cursor=cursor, group_id=group_id
        )
        return page_of(page)

    def project(self, name: str) -> Document:
        return projects.get_project(self.desk.services, self.desk.caller, name=name).as_dict()

    def change_project(self, name: str, said: Mapping[str, Any]) -> Document:
        return projects.change_project(self.desk.services, self.desk.caller, name=name, **said).as_dict()

    def audit(self, asked: Mapping[str, str | None], *, limit: int | None, cursor: str | None) -> Document:
        since = asked["from"]
        page = auditing.list_audit(
            self.desk.services,
            self.desk.caller,
            limit=page_limit(self.desk, limit),
            cursor=cursor,
            actor=asked["actor"],
            object=asked["object"],
            since=None if since is None else time_from_text(since, path="$.from"),
        )
        return page_of(page)

    def make_token(self, said: Mapping[str, Any]) -> Document:
        made = identity.create_token(
            self.desk.services,
            self.desk.caller,
            user_name=said["name"],
            role=said["role"],
            scopes=said["scopes"],
            days=said["expires_in_days"],
        )
        return {**made.token.as_dict(), "token": made.text, "user": made.user.name, "role": made.user.role}

    def tokens(self) -> Document:
        return whole_of(identity.list_tokens(self.desk.services, self.desk.caller))

    def revoke_token(self, token_id: str) -> None:
        identity.revoke_token(self.desk.services, self.desk.caller, token_id)


def _given(reports: Sequence[Brought]) -> list[GivenReport]:
    from stillframe.flows.reading_reports import GivenReport

    return [GivenReport(name=report.name, size=report.size, read=report.read) for report in reports]


def _request(said: Mapping[str, Any]) -> SnapshotRequest:
    return SnapshotRequest(**{**said, "as_of": _time(said["as_of"])})


def _time(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)
