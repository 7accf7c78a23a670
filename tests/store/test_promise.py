"""Promises: the database decides for all subscriptions at once what a loop over them would decide for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from stillframe.model.calm import Calm
from stillframe.model.subscription import Subscription
from stillframe.store import Match, Store, Told
from tests.store.cast import NOON, Scene, dashboard, scene, statements, user

RULES: tuple[Mapping[str, Any], ...] = ({"any_change": True}, {"set_added_min": 1})
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A subscription as the property draws it."""

    kind: str
    rule: int
    baseline: str
    pin: int
    state: str
    holding: bool
    told_hours_ago: int | None
    repeat_hours: int | None


WISHES = some.builds(
    Wish,
    kind=some.sampled_from(("webhook", "email")),
    rule=some.integers(0, len(RULES) - 1),
    baseline=some.sampled_from(("previous", "last_notified", "pinned", "pinned", "pinned")),
    pin=some.integers(0, 1),
    state=some.sampled_from(("active", "active", "active", "paused", "removed")),
    holding=some.sampled_from((True, True, True, False)),
    told_hours_ago=some.sampled_from((None, 0, 1, 2)),
    repeat_hours=some.sampled_from((None, 1, 2)),
)
FALSE = some.lists(
    some.tuples(some.sampled_from(("previous", "last_notified", "pinned")), some.integers(0, 1), some.integers(0, 1)),
    max_size=4,
)
"""Baseline, pin and rule of groups whose rule was not true."""


def knows_already(found: Subscription, now: Any) -> bool:
    """Whether a pinned subscriber was told and its rule has been true ever since."""
    if found.baseline != "pinned" or not found.holding:
        return False
    if found.repeat_interval is None or found.last_notified_at is None:
        return True
    return found.last_notified_at + timedelta(seconds=found.repeat_interval) > now


def test_a_promise_is_what_a_loop_over_subscriptions_would_give(store: Store) -> None:
    """Matched, active and not told already: promised once, noted, and nobody else touched."""
    outer = scene(store)
    numbers = iter(range(10_000))

    @settings(max_examples=30)
    @given(some.lists(WISHES, min_size=6, max_size=12), FALSE)
    def law(wishes: list[Wish], false: list[tuple[str, int, int]]) -> None:
        board = dashboard(outer.alice, slug=f"board-{next(numbers)}")
        with store.write() as unit:
            unit.dashboards.add(board)
        here = Scene(store=store, alice=outer.alice, dashboard=board)
        pins = [here.take(1), here.take(2)]
        cause = here.take(3)
        made = [_made(here, wish, pins, cause, number=number) for number, wish in enumerate(wishes)]
        groups = {(kind, None if kind == "previous" else pins[pin].id, rule) for kind, pin, rule in false}
        matched = [match for match in here.matches(pins[1]) if _group_of(here, match) not in groups]
        keys = {(match.baseline, match.baseline_snapshot_id, match.rule_id) for match in matched}
        hit = [one for one in made if one.state == "active" and _key(one) in keys]
        wanted = {one.id for one in hit if not knows_already(one, cause.timestamp)}
        promised = here.promise(cause, matched)
        assert promised.suppressed == len(hit) - len(wanted)
        assert promised.matched == len(hit)
        with store.read() as unit:
            for one in made:
                now = unit.subscriptions.get(one.id)
                told = unit.outbox.deliveries(one.id, limit=5).items
                assert [entry.cause for entry in told] == ([cause.id] if one.id in wanted else [])
                assert now == (_told(one, cause) if one.id in wanted else one)

    law()


def test_the_number_of_statements_does_not_grow_with_the_subscribers(store: Store) -> None:
    """A thousand deliveries are promised as quickly asked for as one."""
    here = scene(store)
    counts = []
    for size in (1, 40):
        for number in range(size):
            here.subscribe(subscriber_id=f"w{size}-{number}", receiver=f"r{number}")
        before, cause = here.take(size), here.take(size + 1)
        matched = here.matches(before)
        with statements() as seen:
            here.promise(cause, matched, claim_limit=5)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_who_asks_for_calm_is_told_one_by_one(store: Store) -> None:
    """A matched rule does not tell them; being told writes nothing on them, for where they stand says it."""
    here = scene(store)
    plain, calm = here.subscribe(), here.subscribe(subscriber_id="c", receiver="c", calm=Calm(cooldown_seconds=60))
    before, cause = here.take(1), here.take(2)
    assert here.promise(cause, here.matches(before)).matched == 1
    told = Told(subscription_id=calm.id, kind="digest", against_snapshot_id=before.id, said={"times": 2})
    again = replace(told, kind="alert", said=None)
    with store.write() as unit:
        promised = unit.outbox.promise_told(
            dashboard_id=here.dashboard.id,
            snapshot_id=cause.id,
            told=[told, told, again],
            now=cause.timestamp,
            lease_seconds=15,
            claim_limit=1,
        )
    assert (len(promised.claimed), promised.queued) == (1, 1)
    with store.read() as unit:
        entries = {entry.kind: entry.said for entry in unit.outbox.deliveries(calm.id, limit=5).items}
        assert entries == {"digest": {"times": 2}, "alert": None}
        assert [entry.cause for entry in unit.outbox.deliveries(plain.id, limit=5).items] == [cause.id]
        assert unit.subscriptions.get(calm.id) == calm


def test_owners_who_see_a_part_are_not_told_by_their_group(store: Store) -> None:
    """Nor counted, nor released: their subscriptions are judged one by one."""
    here = scene(store)
    first = here.take(1)
    pinned = {"baseline": "pinned", "baseline_snapshot_id": first.id, "holding": True}
    other = user("bob")
    with store.write() as unit:
        unit.users.add(other)
    seen, unseen = here.subscribe(), here.subscribe(subscriber_id="u", receiver="u", owner_id=other.id)
    knows = here.subscribe(subscriber_id="k", receiver="k", owner_id=other.id, **pinned)
    cause = here.take(2)
    promised = here.promise(cause, here.matches(first), unseeing=frozenset({other.id}))
    assert promised.matched == 1
    here.promise(cause, [], unmatched_pinned=here.matches(first), unseeing=frozenset({other.id}))
    with store.read() as unit:
        assert [entry.cause for entry in unit.outbox.deliveries(seen.id, limit=5).items] == [cause.id]
        assert unit.outbox.deliveries(unseen.id, limit=5).items == []
        assert unit.subscriptions.get(knows.id) == knows


def test_who_was_paused_meanwhile_is_not_told(store: Store) -> None:
    """The database has the last word, whatever was judged before."""
    here = scene(store)
    calm = here.subscribe(calm=Calm(cooldown_seconds=60), state="paused")
    cause = here.take(2)
    told = Told(subscription_id=calm.id, kind="alert", against_snapshot_id=cause.id)
    with store.write() as unit:
        promised = unit.outbox.promise_told(
            dashboard_id=here.dashboard.id,
            snapshot_id=cause.id,
            told=[told],
            now=NOON,
            lease_seconds=15,
            claim_limit=1,
        )
    assert promised.matched == 0


@pytest.mark.parametrize(
    ("sendable", "states"),
    [
        (frozenset({"webhook"}), {"webhook": "pending", "email": "deferred", "channel": "deferred"}),
        (frozenset({"webhook", "email"}), {"webhook": "pending", "email": "pending", "channel": "deferred"}),
        (frozenset({"webhook", "channel"}), {"webhook": "pending", "email": "deferred", "channel": "pending"}),
        (frozenset(), {"webhook": "deferred", "email": "deferred", "channel": "deferred"}),
    ],
)  # fmt: skip
def test_what_can_be_sent_is_pending_and_the_rest_deferred(store: Store, sendable: Any, states: dict[str, str]) -> None:
    """Only webhooks are claimed at once: charts and slow mail are a worker's."""
    here = scene(store)
    made = {
        kind: here.subscribe(subscriber_kind=kind, subscriber_id=f"{kind}-1", receiver=kind)
        for kind in ("webhook", "email", "channel")
    }
    before, cause = here.take(1), here.take(2)
    promised = here.promise(cause, here.matches(before), claim_limit=10, sendable=sendable)
    with store.read() as unit:
        found = {kind: unit.outbox.deliveries(one.id, limit=2).items[0].state for kind, one in made.items()}
    assert found == states
    waiting = [kind for kind, state in states.items() if state == "pending" and kind != "webhook"]
    assert [claimed.channel for claimed in promised.claimed] == (["webhook"] if "webhook" in sendable else [])
    assert (promised.queued, promised.deferred) == (len(waiting), 3 - len(sendable))


def test_who_knows_is_not_told_again_by_a_repeat(store: Store) -> None:
    """What was acknowledged is silent until it was over."""
    here = scene(store)
    first = here.take(1)
    told_at = first.timestamp - 5 * HOUR
    pinned = {"baseline": "pinned", "baseline_snapshot_id": first.id, "holding": True, "last_notified_at": told_at}
    made = here.subscribe(repeat_interval=3_600, acknowledged=True, **pinned)
    second, third = here.take(2), here.take(3)
    assert here.promise(second, here.matches(first)).suppressed == 1
    here.promise(third, [], unmatched_pinned=here.matches(first))
    with store.read() as unit:
        found = unit.subscriptions.get(made.id)
    assert found is not None
    assert (found.holding, found.acknowledged) == (False, False)


def _made(here: Scene, wish: Wish, pins: list[Any], cause: Any, *, number: int) -> Subscription:
    pinned = None if wish.baseline == "previous" else pins[wish.pin].id
    told_at = None if wish.told_hours_ago is None else cause.timestamp - wish.told_hours_ago * HOUR
    return here.subscribe(
        rule=dict(RULES[wish.rule]),
        subscriber_kind=wish.kind,
        subscriber_id=f"s-{number}",
        baseline=wish.baseline,
        baseline_snapshot_id=pinned,
        state=wish.state,
        holding=wish.holding,
        last_notified_at=told_at,
        repeat_interval=None if wish.repeat_hours is None else wish.repeat_hours * 3_600,
    )


def _group_of(here: Scene, match: Match) -> tuple[str, str | None, int]:
    with here.store.read() as unit:
        groups = unit.subscriptions.groups(here.dashboard.id)
    rules = {group.rule_id: RULES.index(group.rule) for group in groups}
    return match.baseline, match.baseline_snapshot_id, rules[match.rule_id]


def _key(found: Subscription) -> tuple[str, str | None, int]:
    return found.baseline, found.baseline_snapshot_id, found.rule_id


def _told(found: Subscription, cause: Any) -> Subscription:
    moved = cause.id if found.baseline == "last_notified" else found.baseline_snapshot_id
    return replace(
        found,
        last_notified_snapshot_id=cause.id,
        last_notified_at=cause.timestamp,
        holding=found.baseline == "pinned",
        baseline_snapshot_id=moved,
    )
