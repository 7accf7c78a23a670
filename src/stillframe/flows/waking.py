"""Waking: at the end of a quiet time, and when a digest is due, what was held back is judged and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from stillframe.capture import parse_view_spec
from stillframe.diff import compute_diff
from stillframe.errors import Gone
from stillframe.flows.calm_promises import Followed, promise_calm, said_of_resolved, verdict_on
from stillframe.flows.eyes import Eyes, partial_owners
from stillframe.flows.judging import Comparison, against, judged_by
from stillframe.flows.promised import Promise
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.diff import Diff
from stillframe.model.snapshot import Snapshot
from stillframe.model.subscription import Subscription
from stillframe.model.times import milliseconds, time_text
from stillframe.model.verdict import Outcome
from stillframe.report.returned import came_back
from stillframe.rules import Rule
from stillframe.rules.quiet import next_digest_at
from stillframe.rules.telling import Standing, Step, at_wake
from stillframe.store import CalmStanding, Unit

_HEAD_MOVED_TRIES = 3
_LOOKED_AT_MOST = 200
"""Of the snapshots that a digest counts, the newest so many are looked at for what came back."""
_INSTANT = timedelta(milliseconds=1)
_log = structlog.get_logger(__name__)


def wake_due(services: Services) -> int:
    """
    Judge again whatever is due, on every dashboard, and return on how many dashboards something was.

    Any number of processes may run it at the same time: each change is told once. A dashboard that fails stops no
    other.

    Source  docs/reference/semantics.md, "Calm".
    """
    now = milliseconds(services.clock())
    with services.store.read() as unit:
        due = unit.standings.due(now)
    for dashboard_id in due:
        try:
            wake(services, dashboard_id, until=now)
        except Exception:  # noqa: BLE001  # because one dashboard's fault must not stop the others' notices
            _log.exception("wake_failed", dashboard_id=dashboard_id)
    return len(due)


def wake(services: Services, dashboard_id: str, *, until: datetime) -> None:
    """
    Judge again what is due on one dashboard up to a moment; what is promised a worker sends.

    As with a snapshot, diffs are made before the head is locked; if it has moved since, they are made again.
    """
    for _ in range(_HEAD_MOVED_TRIES):
        with services.store.read() as unit:
            head = unit.heads.get(dashboard_id)
            woken = _woken(services, unit, head, until=until)
        if not woken.followed:
            return
        with services.store.write() as unit:
            is_still = unit.heads.lock(dashboard_id) == head
            promised = _promised(services, unit, woken, until=until) if is_still else Promise()
        if is_still:
            break
    else:
        with services.store.write() as unit:
            promised = wake_within(services, unit, dashboard_id, until=until)
    if promised.queued:
        services.work_waiting.set()


def wake_within(services: Services, unit: Unit, dashboard_id: str, *, until: datetime) -> Promise:
    """Judge again what is due on a dashboard, in a transaction that holds its head already."""
    woken = _woken(services, unit, unit.heads.lock(dashboard_id), until=until)
    return _promised(services, unit, woken, until=until)


def wake_one(services: Services, unit: Unit, found: CalmStanding, *, now: datetime) -> Promise:
    """
    Judge again what one subscription holds back, in a transaction that holds its dashboard's head: its manners changed.

    A digest that is planned for later stays so. What is paused is judged as soon as it is resumed, unless it asks for
    calm no more: then the next snapshot is judged plainly.
    """
    head = unit.heads.lock(found.subscription.dashboard_id)
    planned, digest = found.standing.wake_at, found.standing.calm.digest
    if planned is None or head.head_snapshot_id is None:
        return Promise()
    if digest is not None and planned > now and next_digest_at(digest, after=planned - _INSTANT) == planned:
        return Promise()
    due = replace(found, standing=replace(found.standing, wake_at=now))
    if found.subscription.state != "active":
        nowhere = replace(found.standing, episode=None, window=None, wake_at=None)
        later = replace(found, standing=nowhere) if found.subscription.calm.is_none else due
        unit.standings.put(head.dashboard_id, [(found, later)])
        return Promise()
    woken = _Waking(services, unit, head, until=now).followed([(found, due)])
    return _promised(services, unit, woken, until=now)


@dataclass(frozen=True, kw_only=True)
class _Woken:
    """What follows on a dashboard, and the snapshot at its head."""

    dashboard_id: str
    newest: Snapshot | None = None
    followed: tuple[Followed, ...] = ()


def _woken(services: Services, unit: Unit, head: Head, *, until: datetime) -> _Woken:
    calm = unit.standings.of_dashboard(head.dashboard_id, rules_version=head.rules_version)
    due = [one for one in calm if one.standing.wake_at is not None and one.standing.wake_at <= until]
    if not due or head.head_snapshot_id is None:
        return _Woken(dashboard_id=head.dashboard_id)
    return _Waking(services, unit, head, until=until).followed([(one, one) for one in due])


def _promised(services: Services, unit: Unit, woken: _Woken, *, until: datetime) -> Promise:
    dashboard = unit.dashboards.get(woken.dashboard_id)
    if woken.newest is None or dashboard is None:
        return Promise()
    record, followed = woken.newest.record, woken.followed
    promised = promise_calm(
        services, unit, dashboard, followed=followed, record=record, claim_limit=0, told_at=max(until, record.timestamp)
    )
    services.metrics.woken(len(followed))
    services.metrics.matched(promised.matched, told=promised.told)
    return promised


class _Waking:
    """What is due on one dashboard, with each diff that it needs made once."""

    def __init__(self, services: Services, unit: Unit, head: Head, *, until: datetime) -> None:
        self._services = services
        self._unit = unit
        self._until = until
        self._dashboard_id = head.dashboard_id
        dashboard = unit.dashboards.get(head.dashboard_id)
        newest = unit.snapshots.get(head.head_snapshot_id or "")
        assert dashboard is not None
        assert newest is not None
        self._newest = newest
        self._top_n = _top_n(services, dashboard)
        self._steps: dict[tuple[str, str], Diff | None] = {}
        self._eyes: Eyes | None = None

    def followed(self, due: list[tuple[CalmStanding, CalmStanding]]) -> _Woken:
        """
        Return what follows for what is due.

        Shape   Each as it stands in the store, and as it is to be seen.
        """
        self._eyes = self._eyes_of([one for _, one in due])
        rules: dict[str, dict[int, Rule]] = {}
        for _, one in due:
            mine = one.subscription
            if self._is_viewed(mine):
                continue
            judged = rules.setdefault(_baseline_of(one.standing) or "", {})
            judged[mine.rule_id] = self._services.rulebook.of(mine.rule_id, mine.threshold)
        compared = {baseline_id: self._compared(baseline_id, found) for baseline_id, found in rules.items()}
        followed = tuple(
            self._follow_by_view(stored, one)
            if self._is_viewed(one.subscription)
            else self._follow(stored, one, compared[_baseline_of(one.standing) or ""])
            for stored, one in due
        )
        return _Woken(dashboard_id=self._dashboard_id, newest=self._newest, followed=followed)

    def _eyes_of(self, due: list[CalmStanding]) -> Eyes | None:
        """Return the eyes of those owners who do not see all; None of a picture that is for whoever sees it."""
        key = self._newest.record.member_list
        if key is None:
            return None
        members = self._unit.member_lists.names(key)
        records = [self._unit.snapshots.record(_baseline_of(one.standing) or "") for one in due]
        lists = {found.member_list for found in records if found is not None and found.member_list is not None}
        owners = partial_owners(self._unit, [one.subscription.owner_id for one in due], members=members, lists=lists)
        return Eyes(unit=self._unit, owners=owners, later=self._newest, members=members, top_n=self._top_n)

    def _is_viewed(self, subscription: Subscription) -> bool:
        return self._eyes is not None and subscription.owner_id in self._eyes.owners

    def _follow_by_view(self, stored: CalmStanding, one: CalmStanding) -> Followed:
        assert self._eyes is not None
        mine = one.subscription
        rule = self._services.rulebook.of(mine.rule_id, mine.threshold)
        sighted = self._eyes.compared(mine.owner_id, _baseline_of(one.standing) or "", {mine.rule_id: rule})
        followed = self._follow(stored, one, None if sighted is None else sighted.comparison)
        return replace(followed, sighted=sighted)

    def _follow(self, stored: CalmStanding, one: CalmStanding, found: Comparison | None) -> Followed:
        outcome: Outcome = "false"
        if found is not None and not found.diff.is_empty:
            outcome = found.outcomes[one.subscription.rule_id]
        step = self._step(one.standing, outcome)
        said = None if found is None else self._said(one, step, found)
        at = one.standing.wake_at or self._until
        return Followed(before=stored, step=step, outcome=outcome, at=at, comparison=found, said=said)

    def _step(self, standing: Standing, outcome: Outcome) -> Step:
        """
        Return what follows at the moment that was planned, however late it is now.

        A timer that was not there leaves no gap: what follows is the same as if it had been. Only a quiet time that
        holds now is kept, whatever held then.
        """
        head_id = self._newest.record.id
        while True:
            due = standing.wake_at
            assert due is not None
            step = at_wake(standing, head_id=head_id, outcome=outcome, now=due)
            if step.kind is not None and due < self._until:
                now = at_wake(standing, head_id=head_id, outcome=outcome, now=self._until)
                return step if now.kind is not None else now
            if step.wake_at is None or step.wake_at > self._until or step.kind is not None:
                return step
            standing = step.standing

    def _said(self, one: CalmStanding, step: Step, found: Comparison) -> Mapping[str, Any] | None:
        match step.kind:
            case None:
                return None
            case "resolved":
                return said_of_resolved(self._services, one, found)
            case "digest":
                return self._said_of_digest(one, found)
            case "alert":
                verdict = verdict_on(self._services, one, found).as_dict()
                because = _held_because(one.standing, head_id=self._newest.record.id)
                return {"verdict": verdict} | ({} if because is None else {"held_because": because})

    def _said_of_digest(self, one: CalmStanding, found: Comparison) -> dict[str, Any]:
        window, start = one.standing.window, found.baseline.record
        counted = self._unit.evaluations.counted_since(one.subscription.id, start.timestamp)[-_LOOKED_AT_MOST:]
        steps = (self._step_diff(one.subscription, note.snapshot_id, note.baseline_snapshot_id) for note in counted)
        returned = came_back((diff for diff in steps if diff is not None), found.diff, titles=found.titles)
        return {
            "verdict": verdict_on(self._services, one, found).as_dict(),
            "times": 0 if window is None else window.times,
            "since": time_text(start.timestamp),
            "came_back": list(returned),
        }

    def _step_diff(self, mine: Subscription, snapshot_id: str, baseline_id: str) -> Diff | None:
        if self._eyes is not None and self._is_viewed(mine):
            return self._eyes.diff(mine.owner_id, baseline_id, snapshot_id)
        key = (snapshot_id, baseline_id)
        if key not in self._steps:
            before, after = self._snapshot(baseline_id), self._snapshot(snapshot_id)
            self._steps[key] = (
                None if before is None or after is None else compute_diff(before, after, top_n=self._top_n)
            )
        return self._steps[key]

    def _compared(self, baseline_id: str, rules: Mapping[int, Rule]) -> Comparison | None:
        try:
            found = against(self._unit, baseline_id, self._newest, top_n=self._top_n)
        except Gone:
            found = None
        if found is None:
            _log.warning("wake_without_baseline", dashboard_id=self._dashboard_id, snapshot_id=baseline_id)
            return None
        return found if found.diff.is_empty else judged_by(found, rules)

    def _snapshot(self, snapshot_id: str) -> Snapshot | None:
        try:
            return self._unit.snapshots.get(snapshot_id)
        except Gone:
            return None


def _baseline_of(standing: Standing) -> str | None:
    """Return what a standing is judged against when it wakes."""
    if standing.calm.digest is not None:
        return None if standing.window is None else standing.window.from_snapshot_id
    return None if standing.episode is None else standing.episode.baseline_snapshot_id


def _held_because(standing: Standing, *, head_id: str) -> str | None:
    """Return what held an alert back until now: what still did an instant before."""
    due = standing.wake_at
    assert due is not None
    return at_wake(standing, head_id=head_id, outcome="true", now=due - _INSTANT).reason


def _top_n(services: Services, dashboard: Dashboard) -> int:
    return parse_view_spec(dashboard.view_spec).top_n or services.limits.diff_top_n
