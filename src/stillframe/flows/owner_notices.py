"""What owners hear of their dashboards and rules when something is wrong: one line in the inbox for each time it goes
wrong, and another only after it worked in between."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime

from stillframe.flows.judging import Judgement
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.discussion import Notification
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.subscription import Subscription
from stillframe.store import Unit

_UNKNOWN = "unknown"


def tell_of_failure(services: Services, unit: Unit, dashboard: Dashboard, *, why: str, at: datetime) -> None:
    """
    Tell a dashboard's owner that it could not be captured.

    The key names the last snapshot, so that one which succeeds ends the run of failures.
    """
    last = unit.heads.get(dashboard.id).last_snapshot_id
    notice = Notification(
        id=services.new_id(),
        user_id=dashboard.owner_id,
        kind="notice",
        text=(
            f"{dashboard.title} could not be captured: {why}. "
            "Its last snapshot stays; you hear of it again after one succeeds."
        ),
        dashboard_id=dashboard.id,
        once_key=f"capture:{dashboard.id}:{last}",
        created_at=at,
    )
    unit.notifications.add_many([notice])


def tell_of_empty(
    services: Services, unit: Unit, dashboard: Dashboard, *, record: SnapshotRecord, judgement: Judgement
) -> None:
    """
    Tell a dashboard's owner that a table has no rows where it had some.

    The key names the head, which an empty snapshot leaves where it is: it moves when rows return, or when somebody
    accepts the emptiness.
    """
    text = (
        f"{dashboard.title}: snapshot {record.sequence} is empty where the last good one had rows. It is kept, "
        "compared with nothing, and nobody else is told. Accept it if it is the truth; you hear of it again after rows "
        "returned."
    )
    key = f"empty:{dashboard.id}:{judgement.head.head_snapshot_id}"
    tell_owner(services, unit, user_id=dashboard.owner_id, text=text, record=record, once_key=key)


def tell_of_unknown(
    services: Services,
    unit: Unit,
    dashboard: Dashboard,
    *,
    record: SnapshotRecord,
    unknown: Iterable[Subscription],
    known_rules: Set[int] = frozenset(),
    known: Set[str] = frozenset(),
) -> None:
    """
    Tell owners of the subscriptions whose rule cannot be judged, and let those that can be again start afresh.

    Shape   `known_rules`: rules that were judged for everybody who has them. `known`: ids of subscriptions that were
            judged by themselves. What was not judged at all, because nothing changed, stays as it is.
    """
    told = unit.notifications.open_keys(dashboard.id, _UNKNOWN)
    over = [key for key in told if _is_over(key, known_rules=known_rules, known=known)]
    if over:
        unit.notifications.let_go(dashboard.id, over)
    for subscription in unknown:
        text = (
            f"{dashboard.title}: a rule of yours cannot be judged, because what it speaks of is in neither snapshot. "
            f"Subscription {subscription.id} ({subscription.subscriber_kind} {subscription.subscriber_id}) "
            "tells nobody until it is changed, or what it speaks of is back."
        )
        key = f"{_UNKNOWN}:{subscription.id}:{subscription.rule_id}"
        if key not in told or key in over:
            tell_owner(services, unit, user_id=subscription.owner_id, text=text, record=record, once_key=key)


def tell_owner(
    services: Services, unit: Unit, *, user_id: str, text: str, record: SnapshotRecord, once_key: str
) -> None:
    """Put a line about a snapshot into an owner's inbox; with a key that it has already, it is not put there again."""
    notice = Notification(
        id=services.new_id(),
        user_id=user_id,
        kind="notice",
        text=text,
        dashboard_id=record.dashboard_id,
        snapshot_id=record.id,
        once_key=once_key,
        created_at=record.timestamp,
    )
    unit.notifications.add_many([notice])


def _is_over(key: str, *, known_rules: Set[int], known: Set[str]) -> bool:
    _, subscription_id, rule_id = key.split(":")
    return subscription_id in known or int(rule_id) in known_rules
