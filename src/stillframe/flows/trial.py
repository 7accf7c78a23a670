"""Test sends: the newest real change, sent to a subscriber on request and marked as a test; it is no delivery."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from stillframe.capture import parse_view_spec
from stillframe.diff import compute_diff
from stillframe.errors import Conflict, Gone, TooManyRequests
from stillframe.flows.addresses import may_use_channel
from stillframe.flows.auditing import audited
from stillframe.flows.eyes import said_to_owner
from stillframe.flows.judging import is_new_baseline
from stillframe.flows.letters import Evidence, EvidenceKey, trial_letter
from stillframe.flows.permission import may_on, require_own_or_edit, standing_of, visible_dashboard
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import visible_subscription
from stillframe.flows.told_views import SEEN_DIFF
from stillframe.model.dashboard import Dashboard
from stillframe.model.delivery import Letter, Outcome, Sent, Trial
from stillframe.model.identity import Caller
from stillframe.model.snapshot import Snapshot
from stillframe.model.subscription import Subscription
from stillframe.model.times import milliseconds
from stillframe.report.notice import diff_document
from stillframe.rules import explain_threshold, parse_rule
from stillframe.store import Claimed, Unit

TESTS_PER_MINUTE = 6
TESTS_AT_ONCE = 8
"""So many are open in one process, of any subscriptions: each holds a request that waits for its receiver."""
LOOKED_BACK_MOST = 100
"""So many snapshots are looked through for the newest that changed something."""
_SLACK_SECONDS = 5.0
_LANE = "test:"
_turns: set[str] = set()
"""The lanes of the requests of this process that write or send a test now."""
_taking = threading.Lock()
_NOTHING_YET = "there is no change to show yet; the test can be sent once two snapshots differ"


def send_test(services: Services, caller: Caller, *, dashboard_ref: str, subscription_id: str) -> Trial:
    """
    Send the newest change of a dashboard to a subscriber, marked as a test, and return how that ended.

    It is signed and written as a notice is, and its id begins with `test_`. It is logged as a test alone: what was
    promised, and since when the subscriber was told, stays as it is.

    Errors  NotFound, Forbidden; Conflict where there is nothing to show, no way to send it, or a notice would be
            withheld; TooManyRequests.
    Source  docs/reference/semantics.md, "Once".
    """
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        subscription = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        require_own_or_edit(caller, "subscription.test", dashboard, owner_id=subscription.owner_id)
        _check(services, unit, subscription)
        _check_owner(services, unit, dashboard, subscription=subscription)
    with _turn(services, f"{_LANE}{subscription.id}"):
        with services.store.read() as unit:
            letter = _letter(services, unit, dashboard, subscription=subscription)
        with services.store.write() as unit:
            about = {"object": f"subscription:{subscription.id}", "dashboard_id": dashboard.id}
            audited(services, unit, caller, action="subscription.test", **about)
        return _sent(services, caller, subscription, letter=letter)


@contextmanager
def _turn(services: Services, lane: str) -> Iterator[None]:
    """
    Let one test of a subscription be under way, and few of all; one whose request ended may still be sending.

    Errors  TooManyRequests.
    """
    with _taking:
        taken = _turns | {found for found in services.notifier.busy_receivers() if found.startswith(_LANE)}
        if lane in taken or len(taken) >= TESTS_AT_ONCE:
            raise TooManyRequests("a test is still waiting for its receiver; try again when it has ended")
        _turns.add(lane)
    try:
        yield
    finally:
        with _taking:
            _turns.discard(lane)


def _check(services: Services, unit: Unit, subscription: Subscription) -> None:
    kind = subscription.subscriber_kind
    if kind == "persona":
        raise Conflict("a persona is told by a comment, and nothing is sent; there is nothing to test")
    if kind not in services.sendable:
        raise Conflict(f"nothing can be sent by {kind} here: the configuration names no server for it")
    if subscription.state == "unconfirmed":
        raise Conflict("its address is not confirmed yet")
    if unit.trials.count_since(subscription.id, services.clock() - timedelta(minutes=1)) >= TESTS_PER_MINUTE:
        raise TooManyRequests(f"at most {TESTS_PER_MINUTE} tests of a subscription a minute")


def _check_owner(services: Services, unit: Unit, dashboard: Dashboard, *, subscription: Subscription) -> None:
    """Refuse what would be withheld of a notice, whoever asks for the test."""
    user = unit.users.get(subscription.owner_id)
    owner = None if user is None or user.disabled_at is not None else standing_of(unit, user)
    if owner is None or not may_on(owner, "dashboard.read", dashboard).allowed:
        raise Conflict("its subscription's owner may not see this dashboard")
    name = subscription.subscriber_id
    if subscription.subscriber_kind == "channel" and not may_use_channel(
        services, owner, name, group_id=dashboard.group_id
    ):
        raise Conflict("its subscription's owner may no longer use this channel")


def _letter(services: Services, unit: Unit, dashboard: Dashboard, *, subscription: Subscription) -> Letter:
    address, secret = unit.subscriptions.sealed(subscription.id)
    entry = Claimed(
        delivery_id=f"test_{services.new_id()}",
        lease_token=0,
        attempt=1,
        subscription_id=subscription.id,
        dashboard_id=dashboard.id,
        snapshot_id="",
        baseline_snapshot_id="",
        rule_id=subscription.rule_id,
        # A lane of its own: a test waits for no notice, and no notice for it.
        receiver=f"{_LANE}{subscription.id}",
        sealed_address=address,
        sealed_secret=secret,
        created_at=milliseconds(services.clock()),
        channel=subscription.subscriber_kind,
        subscriber_id=subscription.subscriber_id,
        owner_id=subscription.owner_id,
        dashboard_title=dashboard.title,
        importance=subscription.importance,
        max_items=subscription.max_items,
        old_secret_until=subscription.old_secret_until,
    )
    if subscription.gate is not None:
        decision_id = _decision(unit, dashboard, subscription)
        return trial_letter(services, unit, replace(entry, kind="gate", snapshot_id=decision_id), evidence={})
    before, after = _newest_change(unit, dashboard)
    named = replace(entry, snapshot_id=after.record.id, baseline_snapshot_id=before.record.id)
    seen = said_to_owner(services, unit, subscription, before=before, after=after)
    if seen is not None:
        if seen[SEEN_DIFF]["is_empty"]:
            raise Conflict("there is no change yet that its subscription's owner may see")
        return trial_letter(services, unit, replace(named, said=seen), evidence={})
    evidence = _evidence(services, dashboard, subscription, before=before, after=after)
    return trial_letter(services, unit, named, evidence=evidence)


def _evidence(
    services: Services, dashboard: Dashboard, subscription: Subscription, *, before: Snapshot, after: Snapshot
) -> dict[EvidenceKey, Evidence]:
    top_n = parse_view_spec(dashboard.view_spec).top_n or services.limits.diff_top_n
    diff = compute_diff(before, after, top_n=top_n)
    verdict = explain_threshold(diff, parse_rule(subscription.threshold, path="$.threshold_json"))
    found = Evidence(
        snapshot_a=before.record,
        snapshot_b=after.record,
        diff_json=diff_document(diff),
        verdicts={subscription.rule_id: verdict.as_dict()},
    )
    return {(after.record.id, before.record.id): found}


def _newest_change(unit: Unit, dashboard: Dashboard) -> tuple[Snapshot, Snapshot]:
    """Return the newest snapshot that shows something else than the one before, and that one, oldest first."""
    wanted = unit.heads.get(dashboard.id).head_snapshot_id
    for _ in range(LOOKED_BACK_MOST):
        record = None if wanted is None else unit.snapshots.record(wanted)
        parent = None if record is None else record.parent_snapshot_id
        older = None if parent is None else unit.snapshots.record(parent)
        if record is None or older is None:
            break
        if older.content_hash != record.content_hash and older.view_spec_hash == record.view_spec_hash:
            try:
                before, after = unit.snapshots.get(older.id), unit.snapshots.get(record.id)
            except Gone:
                break
            if before is not None and after is not None and not is_new_baseline(before, after):
                return before, after
        wanted = older.id
    raise Conflict(_NOTHING_YET)


def _decision(unit: Unit, dashboard: Dashboard, subscription: Subscription) -> str:
    newest = unit.gates.list([dashboard.id], limit=LOOKED_BACK_MOST).items
    wanted = [found for found in newest if found.decision in (subscription.gate or ())]
    if not newest:
        raise Conflict("there is no decision to show yet; the test can be sent after the first release check")
    return (wanted or newest)[0].id


@dataclass(frozen=True, slots=True)
class _Log:
    """What the notifier calls when a test has ended, also when nobody waits for it any more."""

    services: Services
    caller: Caller
    subscription_id: str

    def __call__(self, outcomes: Sequence[Outcome]) -> None:
        with self.services.store.write() as unit:
            for outcome in outcomes:
                unit.trials.add(_trial(self.caller, self.subscription_id, outcome))


def _sent(services: Services, caller: Caller, subscription: Subscription, *, letter: Letter) -> Trial:
    batch = services.notifier.start([letter], _Log(services, caller, subscription.id))
    ended = batch.wait(services.limits.send_seconds + _SLACK_SECONDS)
    if ended:
        return _trial(caller, subscription.id, ended[0])
    return Trial(
        subscription_id=subscription.id,
        sent_by=caller.name,
        at=milliseconds(services.clock()),
        outcome="unknown",
        detail="it has not ended yet; the log will say how it did",
    )


def _trial(caller: Caller, subscription_id: str, outcome: Outcome) -> Trial:
    result = outcome.result
    unknown = not isinstance(result, Sent) and result.unknown
    return Trial(
        subscription_id=subscription_id,
        sent_by=caller.name,
        at=milliseconds(outcome.finished_at),
        outcome="sent" if isinstance(result, Sent) else "unknown" if unknown else "failed",
        status=result.status,
        detail=None if isinstance(result, Sent) else result.detail,
    )
