"""The part of the local counter that is about subscriptions, and how its lists are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from stillframe.cli.desk import Desk, tell_what_waits
from stillframe.errors import InvalidInput
from stillframe.flows import subscriptions
from stillframe.flows.subscription_changes import SubscriptionChange
from stillframe.model.calm import CALM_MEMBERS
from stillframe.model.times import time_from_text

if TYPE_CHECKING:
    from stillframe.cli.counter import Document
    from stillframe.store import Page


MORE_MEMBERS = ("importance", "max_items", "repeat_interval")
"""Members of a change where null and silence are two things."""


class _Shown(Protocol):
    def as_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class LocalSubscriptions:
    """What `cli.counter.Counter` promises of subscriptions, over an open database."""

    desk: Desk

    def subscribe(self, ref: str, said: Mapping[str, Any]) -> Document:
        made = subscriptions.subscribe(
            self.desk.services, self.desk.caller, dashboard_ref=ref, request=_request(dict(said))
        )
        return made.as_dict()

    def change_subscription(self, ref: str, subscription_id: str, said: Mapping[str, Any]) -> Document:
        members = dict(said)
        calm = {name: members.pop(name) for name in CALM_MEMBERS if name in members}
        more = {name: members.pop(name) for name in MORE_MEMBERS if name in members}
        change = SubscriptionChange(threshold=members.pop("threshold_json", None), calm=calm, more=more, **members)
        changed = subscriptions.change_subscription(
            self.desk.services, self.desk.caller, dashboard_ref=ref, subscription_id=subscription_id, change=change
        )
        return changed.as_dict()

    def preview(self, ref: str, said: Mapping[str, Any]) -> Document:
        from stillframe.flows.past import Period
        from stillframe.flows.preview import preview

        members = dict(said)
        since, until = (_time(members.pop(name)) for name in ("from", "to"))
        period = Period(since=since, until=until, last=members.pop("last"))
        found = preview(
            self.desk.services, self.desk.caller, dashboard_ref=ref, request=_request(members), period=period
        )
        return found.as_dict()

    def test_subscription(self, ref: str, subscription_id: str) -> Document:
        from stillframe.flows.trial import send_test

        sent = send_test(self.desk.services, self.desk.caller, dashboard_ref=ref, subscription_id=subscription_id)
        return sent.as_dict()

    def evaluations(self, ref: str, subscription_id: str, *, limit: int | None, cursor: str | None) -> Document:
        from stillframe.flows.evaluations import list_evaluations

        page = list_evaluations(
            self.desk.services,
            self.desk.caller,
            dashboard_ref=ref,
            subscription_id=subscription_id,
            limit=page_limit(self.desk, limit),
            cursor=cursor,
        )
        return page_of(page)

    def new_secret(self, ref: str, subscription_id: str, *, overlap_seconds: int) -> Document:
        from stillframe.flows.rotation import rotate_secret

        rotated = rotate_secret(
            self.desk.services,
            self.desk.caller,
            dashboard_ref=ref,
            subscription_id=subscription_id,
            overlap_seconds=overlap_seconds,
        )
        return rotated.as_dict()

    def resume(self, ref: str, subscription_id: str, *, replay: bool) -> Document:
        from stillframe.flows.resuming import resume_subscription

        resumed = resume_subscription(
            self.desk.services, self.desk.caller, dashboard_ref=ref, subscription_id=subscription_id, replay=replay
        )
        tell_what_waits(self.desk.services)
        return resumed.as_dict()

    def subscriptions(self, ref: str) -> Document:
        return whole_of(subscriptions.list_subscriptions(self.desk.services, self.desk.caller, dashboard_ref=ref))

    def unsubscribe(self, ref: str, subscription_id: str) -> None:
        subscriptions.remove_subscription(
            self.desk.services, self.desk.caller, dashboard_ref=ref, subscription_id=subscription_id
        )


def page_limit(desk: Desk, limit: int | None) -> int:
    """
    Return how many a page holds.

    Errors  InvalidInput for more than a page may hold.
    """
    most = desk.services.limits.list_limit
    if limit is not None and limit > most:
        raise InvalidInput.at("$.limit", f"1 to {most}")
    return limit or most


def page_of(page: Page[Any]) -> Document:
    """Return a page as the API answers it."""
    return {"items": [found.as_dict() for found in page.items], "next_cursor": page.next_cursor}


def whole_of(items: Sequence[_Shown]) -> Document:
    """Return a list that is whole as the API answers it."""
    return {"items": [found.as_dict() for found in items], "next_cursor": None}


def _request(members: dict[str, Any]) -> subscriptions.SubscriptionRequest:
    calm = {name: members.pop(name) for name in CALM_MEMBERS if name in members}
    return subscriptions.SubscriptionRequest(threshold=members.pop("threshold_json"), calm=calm, **members)


def _time(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)
