"""Replies that act: in the thread of a persona's alert, `/snooze`, `/ack` and `/accept` do what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from stillframe.errors import Conflict, InvalidInput
from stillframe.flows.auditing import audited
from stillframe.flows.permission import require
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import SubscriptionChange, change_within
from stillframe.flows.told_personas import PRODUCT_AUTHOR
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.discussion import Comment
from stillframe.model.identity import Caller
from stillframe.model.subscription import OutboxEntry, Subscription
from stillframe.model.times import time_text
from stillframe.rules.replies import Accept, Acknowledge, Reply, Snooze, parse_reply
from stillframe.store import Unit


def act_on_reply(
    services: Services, unit: Unit, caller: Caller, *, dashboard: Dashboard, comment: Comment
) -> Comment | None:
    """
    Do what a comment in an alert's thread asks for, in the transaction that keeps the comment.

    Shape   The result is the product's answer, to be kept after the comment; None where nothing was asked.
    Errors  InvalidInput for a command that is none; Forbidden for everybody who may not change the subscription that
            the alert told; Conflict if it was removed. After any of them the caller keeps no comment.
    Source  docs/reference/semantics.md, "Replies".
    """
    alert = unit.comments.alert_above(comment.parent_comment_id) if comment.parent_comment_id else None
    if alert is None:
        return None
    asked = parse_reply(comment.body, now=services.clock())
    if asked is None:
        return None
    # First the head, as a capture does: a snapshot that is being stored moves the same subscription.
    head = unit.heads.lock(dashboard.id)
    told, subscription = _told(unit, alert)
    require(caller, "subscription.change", owner_id=subscription.owner_id)
    if subscription.state == "removed":
        raise Conflict("the subscription that this alert told was removed: there is nothing to answer")
    act = _Act(services=services, unit=unit, caller=caller, dashboard=dashboard, head=head)
    words = act.do(asked, told=told, subscription=subscription, alert=alert)
    audited(
        services,
        unit,
        caller,
        action="subscription.reply",
        object=f"subscription:{subscription.id}",
        dashboard_id=dashboard.id,
        comment_id=comment.id,
        did=words,
    )
    return Comment(
        id=services.new_id(),
        artifact_id=comment.artifact_id,
        parent_comment_id=comment.id,
        author=PRODUCT_AUTHOR,
        comment_type="answer",
        body=f"{words}, by {caller.name}.",
        created_at=comment.created_at,
    )


def _told(unit: Unit, alert: Comment) -> tuple[OutboxEntry, Subscription]:
    told = unit.outbox.get(alert.delivery_id or "")
    subscription = None if told is None else unit.subscriptions.get(told.subscription_id)
    if told is None or subscription is None:
        raise Conflict("what this alert told of is not kept any more: change the subscription itself")
    return told, subscription


class _Act:
    """What each reply does to a subscription."""

    def __init__(self, *, services: Services, unit: Unit, caller: Caller, dashboard: Dashboard, head: Head) -> None:
        self._services = services
        self._unit = unit
        self._caller = caller
        self._dashboard = dashboard
        self._head = head

    def do(self, asked: Reply, *, told: OutboxEntry, subscription: Subscription, alert: Comment) -> str:
        """Do it, and return what was done in a few words."""
        if told.kind == "gate" and not isinstance(asked, Acknowledge):
            raise InvalidInput.at(
                "$.body", "what a release gate decided can be acknowledged with /ack, and nothing else"
            )
        match asked:
            case Snooze(until=until):
                self._change(subscription, SubscriptionChange(calm={"snooze_until": time_text(until)}))
                return f"Snoozed until {time_text(until)}"
            case Acknowledge():
                return self._acknowledge(subscription, alert)
            case Accept():
                pinned = SubscriptionChange(baseline="pinned", baseline_snapshot_id=alert.snapshot_b)
                self._change(subscription, pinned)
                return f"Accepted: from here on compared with snapshot {self._sequence(alert)}"
            case _:
                assert_never(asked)

    def _change(self, subscription: Subscription, change: SubscriptionChange) -> None:
        change_within(
            self._services,
            self._unit,
            self._caller,
            dashboard=self._dashboard,
            head=self._head,
            old=subscription,
            change=change,
        )

    def _acknowledge(self, subscription: Subscription, alert: Comment) -> str:
        """Note that its subscriber knows; what does not last (compared with the previous snapshot) needs no note."""
        if alert.resolved_at is None:
            self._unit.comments.resolve(alert.id, by=self._caller.name, at=self._services.clock())
        standing = self._unit.standings.get(subscription.id).standing
        lasts = standing.holding or (standing.episode is not None and standing.episode.notified)
        if not lasts:
            return "Acknowledged"
        if not subscription.acknowledged:
            self._unit.subscriptions.update(replace(subscription, acknowledged=True))
        return "Acknowledged: not told again before it was over"

    def _sequence(self, alert: Comment) -> str:
        record = None if alert.snapshot_b is None else self._unit.snapshots.record(alert.snapshot_b)
        return str(alert.snapshot_b if record is None else record.sequence)
