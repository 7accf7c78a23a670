"""Health dashboards: made with their project or group, and their snapshots taken from what is known of health."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from stillframe.capture import Captured, Summary, captured_from, parse_view_spec, read_summary, view_spec_hash
from stillframe.capture.reports import reader_versions
from stillframe.errors import Conflict, NotFound
from stillframe.flows.idempotency import Receipt
from stillframe.flows.permission import require, require_on
from stillframe.flows.seeing import MEMBER_PREFIX, PORTFOLIO_OF_ALL
from stillframe.flows.services import Services
from stillframe.flows.storing import Draft, Picture, SnapshotRequest, SnapshotTaken, check_request, store, tell
from stillframe.health import (
    formula_digest,
    health_spec,
    member_of,
    members_payload,
    members_status,
    project_payload,
)
from stillframe.model.canonical import canonical_bytes
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller, User
from stillframe.model.payload import Payload
from stillframe.model.scope import EVERYBODYS, Scope, scope_of
from stillframe.model.snapshot import Snapshot
from stillframe.model.times import milliseconds
from stillframe.rules.access import may, readable_groups
from stillframe.store import PackedReport, Unit, packed_report

PRODUCT_USER = "stillframe"
SUMMARY_FORMAT = "stillframe.summary/1"
_LONGEST_TITLE = 200


@dataclass(frozen=True, kw_only=True)
class GivenSummary:
    """
    A summary as somebody brought it.

    Shape   `packed`: the document's canonical bytes, the same for the same document, by whichever door it came.
    """

    summary: Summary
    packed: PackedReport

    @classmethod
    def of(cls, document: Any) -> GivenSummary | None:  # noqa: ANN401  # because it is any JSON until it was read
        """
        Return what a document says; None where there is none.

        Errors  CaptureRefused with the path of each fault.
        """
        if document is None:
            return None
        return cls(summary=read_summary(document), packed=packed_report(canonical_bytes(document)))

    @property
    def bundle(self) -> tuple[Mapping[str, Any], ...]:
        """What a record says of it."""
        return (
            {
                "name": "summary",
                "sha256": self.packed.sha256,
                "bytes": self.packed.size,
                "tool": self.summary.tool,
                "version": self.summary.version,
                "format": SUMMARY_FORMAT,
                "reader": reader_versions()[SUMMARY_FORMAT],
                "parts": [name for name in self.summary.summaries if name != "health"],
            },
        )

    @property
    def analyzer(self) -> str | None:
        """What made it, with its version."""
        return " ".join(filter(None, (self.summary.tool, self.summary.version))) or None


def add_health_dashboard(
    services: Services,
    unit: Unit,
    *,
    scope: Scope,
    owner_id: str,
    title: str | None = None,
    group_id: str | None = None,
) -> Dashboard:
    """
    Make the health dashboard of a project, a group or a portfolio, in the transaction that makes what it is about.

    Errors  Conflict if it is there.
    """
    shown = title or (f"Projects of {scope.name}" if scope.kind == "portfolio" else scope.name)
    spec = parse_view_spec({**health_spec(scope.kind, title=shown[:_LONGEST_TITLE]), "slug": "health"})
    now = milliseconds(services.clock())
    dashboard = Dashboard(
        id=scope.ref,
        slug=scope.slug,
        title=spec.title,
        owner_id=owner_id,
        view_spec=spec.as_dict(),
        view_spec_hash=view_spec_hash(spec),
        created_at=now,
        updated_at=now,
        kind="health",
        group_id=group_id if scope.kind == "group" else None,
        project=scope.name if scope.kind == "project" else None,
    )
    unit.dashboards.add(dashboard)
    return dashboard


def retitle_health_dashboard(services: Services, unit: Unit, *, scope: Scope, title: str) -> None:
    """Let a health dashboard bear the name that what it is about has now; what it shows stays."""
    old = unit.dashboards.get(scope.ref)
    if old is not None:
        view_spec = {**old.view_spec, "title": title}
        now = milliseconds(services.clock())
        unit.dashboards.replace(replace(old, title=title, view_spec=view_spec, updated_at=now))


def portfolio_of(caller: Caller) -> Scope:
    """Return the portfolio that a caller's snapshots are of: what they may see; for administrators, everything."""
    return Scope(kind="portfolio", name=EVERYBODYS if caller.is_admin else caller.name)


def scope_dashboard(unit: Unit, caller: Caller, scope: Scope) -> Dashboard:
    """
    Return the health dashboard of a scope that the caller may see.

    Errors  NotFound, the same for what is absent and what is not for the caller's eyes; Forbidden when only the token's
            scope is short.
    """
    hidden = f"there is no {scope.kind} here that you can see"
    ref = unicodedata.normalize("NFC", scope.ref)
    dashboard = unit.dashboards.get(ref)
    if dashboard is None or dashboard.id != ref:
        raise NotFound(hidden)
    if may(caller, "dashboard.read", owner_id=dashboard.owner_id, group_id=dashboard.group_id).denial == "role":
        raise NotFound(hidden, invisible=True)
    require_on(caller, "dashboard.read", dashboard)
    return dashboard


def take_scope_snapshot(
    services: Services,
    caller: Caller,
    *,
    scope: Scope,
    request: SnapshotRequest,
    summary: GivenSummary | None = None,
    receipt: Receipt | None = None,
    wait_for_sends: bool = False,
) -> SnapshotTaken:
    """
    Keep the health of a project, a group or a portfolio as it is known now.

    A project's is what `summary` says, else what was known of it already; a group's or a portfolio's is that of its
    projects' newest snapshots.

    Errors  NotFound, Forbidden, InvalidInput; StoreError. After any of them nothing was stored.
    Source  docs/reference/semantics.md, "Scopes".
    """
    if scope.kind == "portfolio":
        # What is refused leaves nothing behind, and asking for a portfolio makes its dashboard.
        require(caller, "snapshot.take", owner_id=caller.user_id)
        check_request(services, request)
    dashboard = _dashboard_for(services, caller, scope)
    if scope.ref == PORTFOLIO_OF_ALL:
        require(caller, "snapshot.take_all")
    else:
        require_on(caller, "snapshot.take", dashboard)
    if request.immutable:
        require_on(caller, "snapshot.freeze", dashboard)
    check_request(services, request)
    scope = scope_of(dashboard.id) or scope  # in its one spelling
    picture: _ProjectPicture | _MembersPicture
    if scope.kind == "project":
        picture = _ProjectPicture(scope=scope, dashboard=dashboard, given=summary)
    else:
        picture = _MembersPicture(scope=scope, dashboard=dashboard, caller=caller)
    draft = Draft(
        dashboard=dashboard,
        picture=picture,
        top_n=None,
        caller=caller,
        request=request,
        snapshot_id=services.new_id(),
        receipt=receipt,
    )
    with services.turns.of(dashboard.id):
        stored = store(services, draft)
    return tell(services, stored, wait_for_sends=wait_for_sends)


def _dashboard_for(services: Services, caller: Caller, scope: Scope) -> Dashboard:
    with services.store.read() as unit:
        if scope.kind != "portfolio" or unit.dashboards.get(scope.ref) is not None:
            return _seen_by(unit, caller, scope)
    if scope.ref == PORTFOLIO_OF_ALL:
        require(caller, "snapshot.take_all")
    # A conflict says that somebody else made it at the same time.
    with suppress(Conflict), services.store.write() as unit:
        owner = _product_user(services, unit).id if scope.name == EVERYBODYS else caller.user_id
        add_health_dashboard(services, unit, scope=scope, owner_id=owner)
    with services.store.read() as unit:
        return _seen_by(unit, caller, scope)


def _seen_by(unit: Unit, caller: Caller, scope: Scope) -> Dashboard:
    if scope.ref == PORTFOLIO_OF_ALL and (found := unit.dashboards.get(scope.ref)) is not None:
        return found
    return scope_dashboard(unit, caller, scope)


def _product_user(services: Services, unit: Unit) -> User:
    """Return the user that stands for Stillframe itself: it owns what is nobody's, and nobody signs in as it."""
    found = unit.users.by_name(PRODUCT_USER)
    if found is None:
        now = milliseconds(services.clock())
        found = User(id=services.new_id(), name=PRODUCT_USER, role="viewer", created_at=now, disabled_at=now)
        unit.users.add(found)
    return found


def known_picture(unit: Unit, dashboard: Dashboard, previous: Snapshot | None) -> Picture:
    """Return what is known of a project: what its head says; without one, nothing."""
    scope = scope_of(dashboard.id)
    assert scope is not None
    return _ProjectPicture(scope=scope, dashboard=dashboard, given=None)(unit, previous)


@dataclass(frozen=True, kw_only=True)
class _ProjectPicture:
    """What is known of a project's health: the summary that was given, else what its head says."""

    scope: Scope
    dashboard: Dashboard
    given: GivenSummary | None

    def __call__(self, unit: Unit, previous: Snapshot | None) -> Picture:
        if self.given is None and previous is not None:
            return self._carried(unit, previous)
        summary = None if self.given is None else self.given.summary
        payload = project_payload(
            {} if summary is None else summary.summaries, findings=None if summary is None else summary.findings
        )
        return Picture(
            captured=captured_from(payload),
            status="good",
            source_bundle=() if self.given is None else self.given.bundle,
            packed=() if self.given is None else (self.given.packed,),
            analyzer_version=None if self.given is None else self.given.analyzer,
            formula_digest=formula_digest("project"),
            **self._told(),
        )

    def _carried(self, unit: Unit, previous: Snapshot) -> Picture:
        record = previous.record
        canonical = unit.snapshots.canonical(record.content_hash)
        return Picture(
            captured=Captured(payload=previous.payload, canonical=canonical, content_hash=record.content_hash, info={}),
            status="good",
            source_bundle=record.source_bundle,
            analyzer_version=record.analyzer_version,
            rule_version=record.rule_version,
            formula_digest=record.formula_digest,
            **self._told(),
        )

    def _told(self) -> dict[str, Any]:
        return {
            "view_spec_hash": self.dashboard.view_spec_hash,
            "scope": self.scope,
            "project": self.scope.name,
            "group_id": self.dashboard.group_id,
        }


@dataclass(frozen=True, kw_only=True)
class _MembersPicture:
    """The health of the projects of a group, or of those that the caller may see, as their newest snapshots say."""

    scope: Scope
    dashboard: Dashboard
    caller: Caller

    def __call__(self, unit: Unit, previous: Snapshot | None) -> Picture:
        names = [project.name for project in unit.projects.list(self._groups())]
        heads = unit.snapshots.at_heads([MEMBER_PREFIX + name for name in names])
        members = [member_of(name, _payload_of(heads, name)) for name in names]
        payload = members_payload(members)
        return Picture(
            captured=captured_from(payload),
            status=members_status(payload),
            view_spec_hash=self.dashboard.view_spec_hash,
            scope=self.scope,
            group_id=self.dashboard.group_id,
            formula_digest=formula_digest(self.scope.kind),
            source_bundle=_evidence(heads, [member.project for member in members if member.has_evidence]),
            members=tuple(names),
        )

    def _groups(self) -> frozenset[str] | None:
        if self.scope.kind == "group":
            return frozenset({self.scope.name})
        return None if self.scope.name == EVERYBODYS else readable_groups(self.caller)


def _payload_of(heads: Mapping[str, Snapshot], project: str) -> Payload | None:
    found = heads.get(MEMBER_PREFIX + project)
    return None if found is None else found.payload


def _evidence(heads: Mapping[str, Snapshot], projects: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    records = [heads[MEMBER_PREFIX + name].record for name in projects]
    return tuple(
        {
            "name": record.dashboard_id,
            "sha256": record.content_hash,
            "snapshot_id": record.id,
            "sequence": record.sequence,
        }
        for record in records
    )
