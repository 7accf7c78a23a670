"""The outbox: promised once, claimed by one, settled once a claim."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from stillframe.errors import Conflict, NotFound
from stillframe.model.identity import Persona
from stillframe.store import Claimed, Match, Store, Unit
from tests.store.cast import NOON, Scene, new_id, scene, settlement

LATER = NOON + timedelta(days=10)


def test_every_matched_subscription_is_promised_once(store: Store) -> None:
    """Unique (subscription, cause, kind): promising again promises nothing."""
    here = scene(store)
    for number in range(5):
        here.subscribe(subscriber_id=f"w{number}", receiver=f"r{number}")
    before, cause = here.take(1), here.take(2)
    promised = here.promise(cause, here.matches(before), claim_limit=2, busy=frozenset({"r0"}))
    assert (len(promised.claimed), promised.queued, promised.matched) == (2, 3, 5)
    assert "r0" not in {found.receiver for found in promised.claimed}
    assert all("." not in found.delivery_id for found in promised.claimed)
    assert here.promise(cause, here.matches(before), claim_limit=9).matched == 0


def test_a_promise_goes_its_channels_way(store: Store) -> None:
    """Webhooks wait or are leased, email is deferred, a persona is told in this transaction."""
    here = scene(store)
    with store.write() as unit:
        unit.personas.add(Persona(id=new_id(), slug="ops-lead", name="Ops", owner_id=here.alice.id, created_at=NOON))
    here.subscribe()
    here.subscribe(subscriber_kind="email", subscriber_id="a@example.org")
    voice = here.subscribe(subscriber_kind="persona", subscriber_id="ops-lead")
    before, cause = here.take(1), here.take(2)
    promised = here.promise(cause, here.matches(before))
    assert (promised.queued, promised.deferred, promised.matched) == (1, 1, 3)
    (told,) = promised.personas
    assert (told.slug, told.owner_id, told.subscription_id) == ("ops-lead", here.alice.id, voice.id)
    with store.read() as unit:
        entry = unit.outbox.get(told.delivery_id)
        assert entry is not None
        assert (entry.state, entry.cause, entry.baseline_snapshot_id) == ("sent", cause.id, before.id)
        assert unit.outbox.pending_count() == 1


def test_only_the_matched_rules_of_this_baseline_are_promised(store: Store) -> None:
    """A rule that matches against one baseline says nothing about another."""
    here = scene(store)
    here.subscribe()
    other = here.subscribe(rule={"set_added_min": 1})
    here.subscribe(subscriber_id="paused", state="paused")
    before, cause = here.take(1), here.take(2)
    wanted = [match for match in here.matches(before) if match.rule_id == other.rule_id]
    assert here.promise(cause, wanted).matched == 1
    stranger = Match(
        baseline="pinned", baseline_snapshot_id=before.id, rule_id=other.rule_id, against_snapshot_id=before.id
    )
    assert here.promise(here.take(3), [stranger]).matched == 0


def test_last_notified_moves_with_the_promise(store: Store) -> None:
    """The baseline of slow drift is what the subscriber was told of last, delivered or not."""
    here = scene(store)
    before = here.take(1)
    drifting = here.subscribe(baseline="last_notified", baseline_snapshot_id=before.id)
    steady = here.subscribe(subscriber_id="w2")
    cause = here.take(2)
    with store.read() as unit:
        version = unit.heads.get(here.dashboard.id).rules_version
    here.promise(cause, here.matches(before))
    with store.read() as unit:
        moved, told = unit.subscriptions.get(drifting.id), unit.subscriptions.get(steady.id)
        assert moved is not None
        assert told is not None
        assert (moved.baseline_snapshot_id, moved.last_notified_snapshot_id) == (cause.id, cause.id)
        assert (told.baseline_snapshot_id, told.last_notified_snapshot_id) == (None, cause.id)
        assert moved.last_notified_at == cause.timestamp
        assert unit.heads.get(here.dashboard.id).rules_version > version
        groups = {group.baseline: group.baseline_snapshot_id for group in unit.subscriptions.groups(here.dashboard.id)}
    assert groups == {"last_notified": cause.id, "previous": None}


def test_a_pinned_subscription_is_told_when_its_rule_turns_true(store: Store) -> None:
    """Ten unchanged captures against a pinned baseline are one notice; false in between arms it again."""
    here = scene(store)
    pin = here.take(1)
    here.subscribe(baseline="pinned", baseline_snapshot_id=pin.id)
    causes = [here.take(value) for value in (2, 3, 4)]
    matched = here.matches(pin)
    assert here.promise(causes[0], matched).queued == 1
    again = here.promise(causes[1], matched)
    assert (again.queued, again.suppressed, again.matched) == (0, 1, 1)
    here.promise(causes[1], [], unmatched_pinned=matched)
    assert here.promise(causes[2], matched).queued == 1


def test_a_pinned_subscription_repeats_after_its_interval(store: Store) -> None:
    """`repeat_interval` counts from the last notice."""
    here = scene(store)
    pin = here.take(1)
    here.subscribe(baseline="pinned", baseline_snapshot_id=pin.id, repeat_interval=3 * 3_600)
    matched = here.matches(pin)
    told = [here.promise(here.take(value), matched).queued for value in range(2, 9)]
    assert told == [1, 0, 0, 1, 0, 0, 1]


def test_what_is_leased_is_claimed_by_nobody_else_until_the_lease_ends(store: Store) -> None:
    """A dead worker needs no janitor: its lease runs out, and the next claim has a higher token."""
    here = scene(store)
    here.subscribe()
    before, cause = here.take(1), here.take(2)
    (first,) = here.promise(cause, here.matches(before), claim_limit=1).claimed
    with store.write() as unit:
        assert unit.outbox.claim_due(now=cause.timestamp, lease_seconds=15, limit=9) == []
        assert unit.outbox.next_due_at(NOON) == cause.timestamp + timedelta(seconds=15)
        (second,) = unit.outbox.claim_due(now=LATER, lease_seconds=15, limit=9)
    assert (second.lease_token, second.attempt) == (first.lease_token + 1, first.attempt + 1)
    assert (second.sealed_address, second.sealed_secret, second.snapshot_id) == (b"address", b"secret", cause.id)
    with store.write() as unit:
        assert unit.outbox.settle([settlement(first)]) == set()
        assert unit.outbox.settle([settlement(second)]) == {second.delivery_id}
        assert unit.outbox.settle([settlement(second, state="gave_up")]) == set()
        entry = unit.outbox.get(second.delivery_id)
    assert entry is not None
    assert (entry.state, len(entry.tries)) == ("sent", 1)


def test_a_failed_try_is_due_again_at_its_time(store: Store) -> None:
    """The policy's time is kept, and every try is there to be read."""
    here = scene(store)
    subscription = here.subscribe()
    before, cause = here.take(1), here.take(2)
    (first,) = here.promise(cause, here.matches(before), claim_limit=1).claimed
    with store.write() as unit:
        unit.outbox.settle([settlement(first, state="pending", due_at=LATER, status=None, detail="refused")])
        assert unit.outbox.claim_due(now=LATER - timedelta(seconds=1), lease_seconds=15, limit=9) == []
        (second,) = unit.outbox.claim_due(now=LATER, lease_seconds=15, limit=9)
        unit.outbox.settle([settlement(second)])
        (entry,) = unit.outbox.deliveries(subscription.id, limit=5).items
    assert [found["attempt"] for found in entry.tries] == [1, 2]
    assert entry.tries[0]["detail"] == "refused"


def test_a_claim_is_settled_once_also_when_it_is_tried_again(store: Store) -> None:
    """A settle that comes twice must not undo the schedule that the first one made."""
    here = scene(store)
    here.subscribe()
    before, cause = here.take(1), here.take(2)
    (claimed,) = here.promise(cause, here.matches(before), claim_limit=1).claimed
    with store.write() as unit:
        assert unit.outbox.settle([settlement(claimed, state="pending", due_at=LATER)]) == {claimed.delivery_id}
        assert unit.outbox.settle([settlement(claimed)]) == set()
        assert unit.outbox.next_due_at(NOON) == LATER


def test_a_rule_that_holds_against_the_head_promises_nothing_to_the_pinned(store: Store) -> None:
    """One rule, two baselines, two decisions."""
    here = scene(store)
    pin = here.take(1)
    here.subscribe(subscriber_id="a")
    here.subscribe(subscriber_id="b", baseline="pinned", baseline_snapshot_id=pin.id)
    following = [match for match in here.matches(pin) if match.baseline == "previous"]
    assert here.promise(here.take(2), following).matched == 1


def test_a_delivery_that_kills_its_workers_is_parked_and_can_be_replayed(store: Store) -> None:
    """Three claims without a settle are enough; a replay keeps the id."""
    here = scene(store)
    here.subscribe()
    before, cause = here.take(1), here.take(2)
    here.promise(cause, here.matches(before))
    claims = []
    for day in range(5):
        with store.write() as unit:
            claims.append(unit.outbox.claim_due(now=LATER + timedelta(days=day), lease_seconds=15, limit=9))
    assert [len(found) for found in claims] == [1, 1, 1, 0, 0]
    delivery_id = claims[0][0].delivery_id
    with store.write() as unit:
        assert unit.outbox.pending_count() == 0
        unit.outbox.replay(delivery_id, LATER)
        with pytest.raises(Conflict):
            unit.outbox.replay(delivery_id, LATER)
        with pytest.raises(NotFound):
            unit.outbox.replay("no_such", LATER)
        (again,) = unit.outbox.claim_due(now=LATER, lease_seconds=15, limit=9)
    assert again.delivery_id == delivery_id
    assert again.attempt == 4


def test_a_busy_receiver_is_passed_over(store: Store) -> None:
    """A receiver whose earlier send is still open delays nobody else."""
    here = scene(store)
    here.subscribe(subscriber_id="a", receiver="hangs")
    here.subscribe(subscriber_id="b", receiver="well")
    before, cause = here.take(1), here.take(2)
    here.promise(cause, here.matches(before))
    with store.write() as unit:
        claimed = unit.outbox.claim_due(now=LATER, lease_seconds=15, limit=9, busy=frozenset({"hangs"}))
    assert [found.receiver for found in claimed] == ["well"]


def test_removing_cancels_what_is_pending_but_not_what_arrived(store: Store) -> None:
    """History says what happened: a send that was out when its subscription went is sent."""
    here = scene(store)
    gone, kept = here.subscribe(subscriber_id="a"), here.subscribe(subscriber_id="b")
    before, cause = here.take(1), here.take(2)
    claimed = here.promise(cause, here.matches(before), claim_limit=9).claimed
    with store.write() as unit:
        unit.subscriptions.remove(gone.id, NOON)
        unit.subscriptions.pause([kept.id], reason="410", at=NOON)
        assert {_state(unit, found) for found in claimed} == {"cancelled", "parked"}
        by_subscription = {found.subscription_id: found for found in claimed}
        unit.outbox.settle([settlement(by_subscription[gone.id])])
        unit.outbox.settle([settlement(by_subscription[kept.id], state="pending", due_at=LATER)])
        assert _state(unit, by_subscription[gone.id]) == "sent"
        assert _state(unit, by_subscription[kept.id]) == "parked"


def test_workers_that_claim_at_the_same_time_never_share_a_delivery(store: Store) -> None:
    """One conditional write decides who has a delivery."""
    here = scene(store)
    for number in range(60):
        here.subscribe(subscriber_id=f"w{number}", receiver=f"r{number}")
    before, cause = here.take(1), here.take(2)
    here.promise(cause, here.matches(before))
    taken: list[Claimed] = []
    begin = threading.Barrier(6)

    def work() -> None:
        begin.wait()
        for _ in range(4):
            with store.write() as unit:
                taken.extend(unit.outbox.claim_due(now=LATER, lease_seconds=15, limit=5))

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == len({found.delivery_id for found in taken}) == 60


def _state(unit: Unit, claimed: Claimed) -> str:
    entry = unit.outbox.get(claimed.delivery_id)
    assert entry is not None
    return entry.state


def gate_promise(here: Scene, decision_id: str, outcome: Any, **over: Any) -> Any:
    with here.store.write() as unit:
        plain = {"now": NOON, "lease_seconds": 15, "claim_limit": 9}
        return unit.outbox.promise_gate(
            dashboard_id=here.dashboard.id, decision_id=decision_id, outcome=outcome, **plain | over
        )


def test_a_decision_is_promised_to_those_who_asked_for_its_outcome(store: Store) -> None:
    """Webhooks are claimed as those of a change are, mail waits, personas are told by the caller; once a decision."""
    here = scene(store)
    with store.write() as unit:
        unit.personas.add(Persona(id=new_id(), slug="ana", name="Ana", owner_id=here.alice.id, created_at=NOON))
    fails, both = {"gate": ["fail"]}, {"gate": ["fail", "warn"]}
    here.subscribe()
    hook = here.subscribe(rule=fails, gate=("fail",))
    busy = here.subscribe(rule=both, gate=("fail", "warn"), receiver="r-2")
    mail = here.subscribe(rule=fails, gate=("fail",), subscriber_kind="email", subscriber_id="ana@example.org")
    told = here.subscribe(rule=both, gate=("fail", "warn"), subscriber_kind="persona", subscriber_id="ana")
    promised = gate_promise(here, "d-1", "fail", busy=frozenset({"r-2"}))
    (claimed,) = promised.claimed
    assert (claimed.subscription_id, claimed.kind, claimed.snapshot_id) == (hook.id, "gate", "d-1")
    assert (claimed.sealed_address, claimed.baseline_snapshot_id) == (b"address", "")
    assert claimed.delivery_id == f"d-1_{hook.id}_gate"
    assert (promised.queued, promised.deferred, promised.suppressed) == (1, 1, 0)
    (match,) = promised.personas
    assert (match.subscription_id, match.slug, match.owner_id) == (told.id, "ana", here.alice.id)
    assert gate_promise(here, "d-1", "fail").matched == 0
    assert gate_promise(here, "d-2", "pass").matched == 0
    assert {found.subscription_id for found in gate_promise(here, "d-3", "warn").claimed} == {busy.id}
    with store.read() as unit:
        entry = unit.outbox.get(claimed.delivery_id)
        assert entry is not None
        assert (entry.kind, entry.cause, entry.state) == ("gate", "d-1", "pending")
        kept = unit.subscriptions.get(mail.id)
        assert kept is not None
        assert (kept.last_notified_at, kept.last_notified_snapshot_id) == (NOON, None)
    with store.write() as unit:
        assert unit.outbox.settle([settlement(claimed)]) == {claimed.delivery_id}
        (again,) = unit.outbox.claim_due(now=NOON, lease_seconds=15, limit=9)
    assert (again.kind, again.subscription_id) == ("gate", busy.id)


def test_a_change_is_never_told_to_those_who_asked_for_gates(store: Store) -> None:
    """Not even where both say the same word."""
    here = scene(store)
    here.subscribe()
    here.subscribe(gate=("fail",), subscriber_id="https://example.org/\u2026#2", receiver="r-2")
    first, second = here.take(1), here.take(2)
    promised = here.promise(second, here.matches(first), claim_limit=9)
    assert [found.receiver for found in promised.claimed] == ["r-1"]
    assert [found.kind for found in promised.claimed] == ["alert"]


def test_what_a_dead_process_may_have_sent_is_unknown_where_unknown_outcomes_are_held(store: Store) -> None:
    """By other channels it is sent again; by these somebody has to say so, and then it is due as any other."""
    here = scene(store)
    here.subscribe()
    here.subscribe(subscriber_kind="email", subscriber_id="a@example.org")
    before, cause = here.take(1), here.take(2)
    here.promise(cause, here.matches(before), sendable=frozenset({"webhook", "email"}))
    asked = {"lease_seconds": 15.0, "limit": 9, "hold": ("email",)}
    with store.write() as unit:
        first = unit.outbox.claim_due(now=cause.timestamp, **asked)  # type: ignore[arg-type]  # because the arguments are of many types
    assert {found.channel for found in first} == {"webhook", "email"}
    with store.write() as unit:
        again = unit.outbox.claim_due(now=LATER, **asked)  # type: ignore[arg-type]  # because the arguments are of many types
    assert [(found.channel, found.attempt) for found in again] == [("webhook", 2)]
    (held,) = (found.delivery_id for found in first if found.channel == "email")
    with store.write() as unit:
        entry = unit.outbox.get(held)
        assert entry is not None
        assert (entry.state, entry.attempts) == ("unknown", 1)
        unit.outbox.replay(held, LATER)
        (replayed,) = unit.outbox.claim_due(now=LATER, **asked)  # type: ignore[arg-type]  # because the arguments are of many types
    assert (replayed.delivery_id, replayed.attempt) == (held, 2)
