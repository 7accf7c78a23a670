"""The release gate: a candidate's reports judged, the decision kept for ever, the state adopted only when it passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import structlog

from stillframe.errors import InvalidInput, NotFound, StillframeError, StoreError, nearest
from stillframe.flows.attempts import recorded
from stillframe.flows.dispatch import DispatchReport
from stillframe.flows.gate_answers import answer_of, gate_record
from stillframe.flows.gate_evaluation import Candidate, Evaluation, evaluate
from stillframe.flows.gate_notices import promise_gate
from stillframe.flows.idempotency import Receipt
from stillframe.flows.permission import require_on, visible_dashboard
from stillframe.flows.promises import Promise
from stillframe.flows.reading_reports import GivenReport, ReadingOptions, read_reports
from stillframe.flows.scopes import scope_dashboard, take_scope_snapshot
from stillframe.flows.services import Services
from stillframe.flows.storing import (
    LONGEST_REASON,
    Draft,
    Picture,
    SnapshotRequest,
    SnapshotTaken,
    Stored,
    check_request,
    store,
    tell,
    tell_promised,
)
from stillframe.model.dashboard import Dashboard
from stillframe.model.gate import GateRecord, Profile
from stillframe.model.identity import Caller
from stillframe.model.scope import Scope, scope_of
from stillframe.model.snapshot import Snapshot, SnapshotRecord, TriggerSource
from stillframe.model.times import milliseconds
from stillframe.rules.access import readable_groups
from stillframe.rules.profiles import parse_profile
from stillframe.store import Page, Unit

GateTrigger = Literal["api", "cli"]
STANDARD = "standard"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRequest:
    """
    What is put before a gate.

    Shape   `profile`: a name, or a profile's document. `source_ref`: the candidate's revision. `dry_run`: decide, and
            keep nothing: no decision, no snapshot, no new state, and nobody is told.
    """

    project_name: str
    profile: str | Mapping[str, Any] = STANDARD
    source_ref: str | None = None
    reason: str | None = None
    dry_run: bool = False
    options: ReadingOptions = ReadingOptions()  # noqa: RUF009  # because it is frozen


@dataclass(frozen=True, kw_only=True)
class GateAnswer:
    """A decision with all that led to it, and who has been told so far."""

    document: Mapping[str, Any]
    dispatch: DispatchReport

    @property
    def decision(self) -> str:
        return str(self.document["decision"])

    def as_dict(self) -> dict[str, Any]:
        return {**self.document, "dispatch": self.dispatch.as_dict()}


def check_release(
    services: Services,
    caller: Caller,
    *,
    request: GateRequest,
    reports: Sequence[GivenReport],
    trigger: GateTrigger,
    receipt: Receipt | None = None,
    wait_for_sends: bool = False,
) -> GateAnswer:
    """
    Put a candidate before a release gate, keep the decision, and adopt the candidate as the project's state if it
    passes.

    Without reports the candidate is the project's state as it is known. The state before and the candidate are kept as
    snapshots, as the configuration says; where one of them cannot be kept the answer says so, and the decision stands.

    Errors  NotFound, Forbidden; InvalidInput, for a profile too; CaptureRefused naming file, format and position, or
            two reports that contradict each other; StoreError. After any of them nothing was decided or adopted.
    Source  docs/reference/semantics.md, "Release gates".
    """
    with services.store.read() as unit:
        dashboard = scope_dashboard(unit, caller, Scope(kind="project", name=request.project_name))
    require_on(caller, "release.check", dashboard)
    profile = profile_of(services, request.profile)
    for name in ("source_ref", "reason"):
        if len(getattr(request, name) or "") > LONGEST_REASON:
            raise InvalidInput.at(f"$.{name}", f"at most {LONGEST_REASON} characters")
    request.options.check()
    # A dry run leaves no trace, and so no attempt that would alarm the owner.
    kept = nullcontext() if request.dry_run else recorded(services, caller, dashboard=dashboard, trigger_source=trigger)
    with services.turns.of(dashboard.id), kept:
        read = read_reports(services, reports, request.options)
        read.assess()
    gate = _Gate(
        services=services,
        caller=caller,
        candidate=Candidate(dashboard=dashboard, profile=profile, read=read),
        request=request,
        trigger=trigger,
        receipt=receipt,
        wait_for_sends=wait_for_sends,
        decision_id=None if request.dry_run else services.new_id(),
    )
    if request.dry_run:
        return gate.rehearse()
    gate.keep_pre()
    return gate.decide()


def profile_of(services: Services, wanted: str | Mapping[str, Any]) -> Profile:
    """
    Return the profile that a request names, or brings.

    Errors  InvalidInput with the nearest name, or with the path of each fault.
    """
    if not isinstance(wanted, str):
        given = parse_profile(wanted, source="given", path="$.profile")
        named = services.profiles.get(given.name)
        if named is not None and named.digest != given.digest:
            message = f"{given.name!r} is the name of another profile here; history must tell them apart"
            raise InvalidInput.at("$.profile.name", message)
        return given
    found = services.profiles.get(wanted)
    if found is None:
        hint = nearest(wanted, list(services.profiles))
        raise InvalidInput.at("$.profile", f"{wanted[:80]!r} is not a profile{hint}")
    return found


def list_profiles(services: Services) -> list[Profile]:
    """Return every profile that a request may name: the built-in ones, then the operator's."""
    return list(services.profiles.values())


def release_history(
    services: Services, caller: Caller, *, project_name: str | None, limit: int, cursor: str | None = None
) -> Page[GateRecord]:
    """
    Return what gates decided, newest first, of one project or of all that the caller may see.

    Errors  NotFound for a project that is absent or not for the caller's eyes; InvalidInput for an unknown cursor.
    """
    with services.store.read() as unit:
        if project_name is not None:
            wanted = [scope_dashboard(unit, caller, Scope(kind="project", name=project_name)).id]
        else:
            found = unit.projects.list(readable_groups(caller))
            wanted = [Scope(kind="project", name=project.name).ref for project in found]
        return unit.gates.list(wanted, limit=limit, cursor=cursor)


def get_decision(services: Services, caller: Caller, *, decision_id: str) -> Mapping[str, Any]:
    """
    Return a decision exactly as it was answered then.

    Errors  NotFound when it is absent or its project is not for the caller's eyes: the two look the same.
    """
    hidden = "there is no decision here that you can see"
    with services.store.read() as unit:
        found = unit.gates.get(decision_id)
        if found is None:
            raise NotFound(hidden)
        try:
            visible_dashboard(unit, caller, found.dashboard_id)
        except NotFound as error:
            raise NotFound(hidden, invisible=True) from error
    return found.answer


class _Refused(Exception):
    """The candidate failed, and failed candidates are not to be kept."""


@dataclass(kw_only=True)
class _Gate:
    """One candidate on its way through a gate."""

    services: Services
    caller: Caller
    candidate: Candidate
    request: GateRequest
    trigger: GateTrigger
    receipt: Receipt | None
    wait_for_sends: bool
    decision_id: str | None
    """None of a dry run, which nobody will look up."""
    pre_snapshot_id: str | None = None
    errors: list[dict[str, str]] = field(default_factory=list)
    evaluation: Evaluation | None = None
    """Of the last time that a transaction asked what the candidate shows."""
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def _dashboard(self) -> Dashboard:
        return self.candidate.dashboard

    def keep_pre(self) -> None:
        """Keep the project's state from before the candidate; where there is none, there is nothing to keep."""
        with self.services.store.read() as unit:
            head = unit.heads.get(self._dashboard.id)
        scope = scope_of(self._dashboard.id)
        if not self.services.gate.pre_enabled or head.head_snapshot_id is None or scope is None:
            return
        try:
            taken = take_scope_snapshot(
                self.services,
                self.caller,
                scope=scope,
                # It describes what its state does: to keep it again makes nothing newer.
                request=replace(self._kept_as("release_gate_pre"), as_of=head.head_as_of),
                wait_for_sends=self.wait_for_sends,
            )
        except StillframeError as error:
            self._not_kept("pre", error)
        else:
            self.pre_snapshot_id = taken.record.id

    def rehearse(self) -> GateAnswer:
        """Decide as it would be decided now, and keep nothing but the answer of a request that may be sent again."""
        with self.services.store.read() as unit:
            head = unit.heads.get(self._dashboard.id).head_snapshot_id
            previous = unit.snapshots.get(head) if head else None
            self.evaluation = evaluate(
                self.services, unit, self.candidate, previous=previous, now=self.services.clock()
            )
            self.document = self._answered(post=None, adopted=None)
        answer = GateAnswer(
            document=self.document, dispatch=DispatchReport(budget_ms=self.services.limits.dispatch_timeout_ms)
        )
        if self.receipt is not None:
            with self.services.store.write() as unit:
                self.receipt.answer(self.services, unit, status=200, document=answer.as_dict())
        return answer

    def decide(self) -> GateAnswer:
        """
        Decide, and keep the decision with what follows from it in one transaction.

        A head that moves meanwhile makes it decide again. Where the candidate cannot be kept, the decision is kept
        alone.
        """
        while True:
            try:
                return self._told(self._stored())
            except _Refused:
                alone = self._alone(adoptable=False)
            except (StoreError, InvalidInput) as error:
                self._not_kept("post", error)
                alone = self._alone(adoptable=True)
            if alone is not None:
                return alone

    def _stored(self) -> Stored:
        is_post = self.services.gate.post_enabled
        request = self._kept_as("release_gate_post" if is_post else self.trigger)
        check_request(self.services, request)
        draft = Draft(
            dashboard=self._dashboard,
            picture=self._picture,
            top_n=None,
            caller=self.caller,
            request=request,
            snapshot_id=self.services.new_id(),
            receipt=self.receipt,
            beside=self._beside,
            answer=self._answer,
            answered_status=200,
        )
        with self.services.turns.of(self._dashboard.id):
            return store(self.services, draft)

    def _picture(self, unit: Unit, previous: Snapshot | None) -> Picture:
        self.evaluation = evaluate(self.services, unit, self.candidate, previous=previous, now=self.services.clock())
        if not self.evaluation.picture.adopted and not self.services.gate.post_enabled:
            raise _Refused
        return self.evaluation.picture

    def _beside(self, unit: Unit, record: SnapshotRecord, picture: Picture) -> Promise:
        return self._decided(unit, record if self.services.gate.post_enabled else None, state=record)

    def _decided(self, unit: Unit, post: SnapshotRecord | None, *, state: SnapshotRecord | None) -> Promise:
        """Write the decision down and promise to tell of it. `state`: the snapshot that the candidate became."""
        self.document = self._answered(post=post, adopted=state if state is not None and state.adopted else None)
        record = gate_record(self.document, self._dashboard)
        unit.gates.add(record)
        return promise_gate(self.services, unit, self._dashboard, record=record, caller=self.caller)

    def _answered(self, *, post: SnapshotRecord | None, adopted: SnapshotRecord | None) -> Mapping[str, Any]:
        assert self.evaluation is not None
        return answer_of(
            self.services,
            self.candidate,
            self.evaluation,
            decision_id=self.decision_id,
            initiator=self.caller.name,
            source_ref=self.request.source_ref,
            decided_at=milliseconds(self.services.clock()),
            pre_snapshot_id=self.pre_snapshot_id,
            post_snapshot_id=None if post is None else post.id,
            adopted=adopted,
            errors=self.errors,
        )

    def _alone(self, *, adoptable: bool) -> GateAnswer | None:
        """Keep the decision without the candidate; None if it would be adopted now, and `adoptable` is not said."""
        with self.services.store.write() as unit:
            head = unit.heads.lock(self._dashboard.id)
            previous = unit.snapshots.get(head.head_snapshot_id) if head.head_snapshot_id else None
            self.evaluation = evaluate(
                self.services, unit, self.candidate, previous=previous, now=self.services.clock()
            )
            if self.evaluation.picture.adopted and not adoptable:
                return None
            promised = self._decided(unit, None, state=None)
            report = promised.report(budget_ms=self.services.limits.dispatch_timeout_ms)
            if self.receipt is not None:
                answer = GateAnswer(document=self.document, dispatch=report).as_dict()
                self.receipt.answer(self.services, unit, status=200, document=answer)
        dispatch = tell_promised(self.services, promised, wait_for_sends=self.wait_for_sends)
        return GateAnswer(document=self.document, dispatch=dispatch)

    def _told(self, stored: Stored) -> GateAnswer:
        taken = tell(self.services, stored, wait_for_sends=self.wait_for_sends)
        return GateAnswer(document=self.document, dispatch=taken.dispatch)

    def _answer(self, taken: SnapshotTaken, picture: Picture) -> Mapping[str, Any]:
        return GateAnswer(document=self.document, dispatch=taken.dispatch).as_dict()

    def _kept_as(self, trigger: TriggerSource) -> SnapshotRequest:
        gate = self.services.gate
        asked = SnapshotRequest(reason=self.request.reason, source_ref=self.request.source_ref, trigger_source=trigger)
        if trigger == self.trigger:
            return asked
        return replace(asked, immutable=gate.immutable, retention_class=gate.retention_class)

    def _not_kept(self, snapshot: str, error: StillframeError) -> None:
        _log.warning("release_snapshot_failed", snapshot=snapshot, project=self._dashboard.project, error=error.message)
        self.errors.append({"snapshot": snapshot, "message": error.message})
