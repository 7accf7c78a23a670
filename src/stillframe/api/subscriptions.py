"""Routes of subscriptions and their deliveries: who is told of what, and what was tried."""

from __future__ import annotations

from starlette.responses import Response

from stillframe.api.answers import Answer, no_content, page_answer, page_of
from stillframe.api.asked import Asked
from stillframe.api.door import Door
from stillframe.api.shapes import Paged
from stillframe.api.subscription_bodies import SubscriptionBody, SubscriptionPatch
from stillframe.api.subscription_shapes import DeliveryShape, SubscribedShape, SubscriptionShape
from stillframe.flows import deliveries, subscriptions
from stillframe.flows.subscription_changes import SubscriptionChange
from stillframe.flows.subscriptions import SubscriptionRequest
from stillframe.model.subscription import OutboxEntry, Subscription

ALL = "/api/dashboard/{dashboard_ref}/subscriptions"
ONE = f"{ALL}/{{subscription_id}}"

_MORE_MEMBERS = ("importance", "max_items", "repeat_interval")
"""Members of a change where null and silence are two things."""

door = Door("Subscriptions")


def request_of(body: SubscriptionBody) -> SubscriptionRequest:
    """Return what a body asks for, as the flows take it."""
    return SubscriptionRequest(
        subscriber_kind=body.subscriber_kind,
        subscriber_id=body.subscriber_id,
        threshold=body.threshold_json,
        on=body.on,
        baseline=body.baseline,
        baseline_snapshot_id=body.baseline_snapshot_id,
        allow_missing=body.allow_missing,
        repeat_interval=body.repeat_interval,
        calm=body.calm(),
        importance=body.importance,
        max_items=body.max_items,
    )


@door.post(ALL, takes=SubscriptionBody, answers=SubscribedShape, status=201, refuses=[404])
def subscribe(asked: Asked, dashboard_ref: str) -> Answer:
    """Make a subscription; a webhook's secret is in this answer and never again."""
    request = request_of(asked.read(SubscriptionBody))
    made = subscriptions.subscribe(asked.services, asked.caller, dashboard_ref=dashboard_ref, request=request)
    return Answer(made.as_dict(), status=201)


@door.get(ALL, answers=Paged[SubscriptionShape], refuses=[404])
def list_subscriptions(
    asked: Asked, dashboard_ref: str, *, limit: int | None = None, cursor: str | None = None
) -> Answer:
    """List a dashboard's subscriptions: yours, and all of them where it is yours or you are an admin."""
    found = subscriptions.list_subscriptions(asked.services, asked.caller, dashboard_ref=dashboard_ref)
    page = page_of(found, name=lambda one: one.id, limit=asked.page_limit(limit), cursor=cursor)
    return page_answer(page, Subscription.as_dict)


@door.get(ONE, answers=SubscriptionShape, refuses=[404])
def get_subscription(asked: Asked, dashboard_ref: str, subscription_id: str) -> Answer:
    """Read a subscription."""
    found = subscriptions.get_subscription(
        asked.services, asked.caller, dashboard_ref=dashboard_ref, subscription_id=subscription_id
    )
    return Answer(found.as_dict())


@door.change("PATCH", ONE, takes=SubscriptionPatch, answers=SubscriptionShape, refuses=[404, 409])
def change_subscription(asked: Asked, dashboard_ref: str, subscription_id: str) -> Answer:
    """Change a subscription's rule, baseline or manners."""
    body = asked.read(SubscriptionPatch)
    change = SubscriptionChange(
        threshold=body.threshold_json,
        on=body.on,
        baseline=body.baseline,
        baseline_snapshot_id=body.baseline_snapshot_id,
        allow_missing=body.allow_missing,
        calm=body.calm(),
        more={name: getattr(body, name) for name in _MORE_MEMBERS if name in body.model_fields_set},
    )
    changed = subscriptions.change_subscription(
        asked.services, asked.caller, dashboard_ref=dashboard_ref, subscription_id=subscription_id, change=change
    )
    return Answer(changed.as_dict())


@door.delete(ONE, refuses=[404])
def remove_subscription(asked: Asked, dashboard_ref: str, subscription_id: str) -> Response:
    """Remove a subscription and cancel what is pending; its history stays."""
    subscriptions.remove_subscription(
        asked.services, asked.caller, dashboard_ref=dashboard_ref, subscription_id=subscription_id
    )
    return no_content()


@door.get(f"{ONE}/deliveries", answers=Paged[DeliveryShape], refuses=[404])
def list_deliveries(
    asked: Asked, dashboard_ref: str, subscription_id: str, *, limit: int | None = None, cursor: str | None = None
) -> Answer:
    """List what a subscription was sent, newest first, each with its tries."""
    found = deliveries.list_deliveries(
        asked.services,
        asked.caller,
        dashboard_ref=dashboard_ref,
        subscription_id=subscription_id,
        limit=asked.page_limit(limit),
        cursor=cursor,
    )
    return page_answer(found, OutboxEntry.as_dict)


@door.post("/api/deliveries/{delivery_id}/replay", answers=DeliveryShape, status=202, refuses=[404])
def replay_delivery(asked: Asked, delivery_id: str) -> Answer:
    """Send a delivery again, with the same id."""
    replayed = deliveries.replay_delivery(asked.services, asked.caller, delivery_id=delivery_id)
    return Answer(replayed.as_dict(), status=202)
