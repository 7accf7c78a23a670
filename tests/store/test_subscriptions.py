"""Subscriptions: one of a kind, counted by rule, ended without being forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillframe.errors import Conflict, NotFound
from stillframe.store import Rebased, Store
from tests.store.cast import NOON, scene


def test_the_same_subscription_is_made_once_until_it_is_removed(store: Store) -> None:
    """Kind, subscriber and rule are one promise; after removal the same may be made again."""
    here = scene(store)
    first = here.subscribe()
    with pytest.raises(Conflict):
        here.subscribe()
    with store.write() as unit:
        unit.subscriptions.remove(first.id, NOON)
    second = here.subscribe()
    with store.read() as unit:
        assert unit.subscriptions.get(first.id) == replace(first, state="removed")
        assert unit.subscriptions.list(here.dashboard.id, None) == [second]
        assert unit.subscriptions.list(here.dashboard.id, "somebody else") == []
        assert unit.subscriptions.sealed(second.id) == (b"address", b"secret")


def test_a_change_is_kept_unless_it_makes_a_double(store: Store) -> None:
    """A changed rule may not become another's, and a refused change leaves the unit usable."""
    here = scene(store)
    one, other = here.subscribe(), here.subscribe(rule={"set_added_min": 1})
    with store.write() as unit:
        unit.subscriptions.update(replace(one, repeat_interval=60))
        unit.subscriptions.set_sealed_secret(one.id, b"two")
        with pytest.raises(Conflict):
            unit.subscriptions.update(replace(one, rule_id=other.rule_id, threshold=other.threshold))
        with pytest.raises(NotFound):
            unit.subscriptions.update(replace(one, id="nobody"))
    with store.read() as unit:
        assert unit.subscriptions.get(one.id) == replace(one, repeat_interval=60)
        assert unit.subscriptions.sealed(one.id)[1] == b"two"
        assert unit.subscriptions.with_rules(here.dashboard.id, {other.rule_id}) == [other]


def test_groups_follow_every_change(store: Store) -> None:
    """Groups are remembered by the rules version, so each change must move it."""
    here = scene(store)

    def groups() -> list[tuple[str, int]]:
        with store.read() as unit:
            return [(group.baseline, group.subscribers) for group in unit.subscriptions.groups(here.dashboard.id)]

    assert groups() == []
    one = here.subscribe(subscriber_id="a")
    here.subscribe(subscriber_id="b")
    assert groups() == [("previous", 2)]
    with store.write() as unit:
        unit.subscriptions.pause([one.id], reason="gone", at=NOON)
        assert [group.subscribers for group in unit.subscriptions.groups(here.dashboard.id)] == [1]
    assert groups() == [("previous", 1)]
    with store.write() as unit:
        unit.subscriptions.update(one)
    assert groups() == [("previous", 2)]
    unit_of_work = store.write()
    unit = unit_of_work.__enter__()
    unit.subscriptions.remove(one.id, NOON)
    assert [group.subscribers for group in unit.subscriptions.groups(here.dashboard.id)] == [1]
    assert not unit_of_work.__exit__(RuntimeError, RuntimeError("taken back"), None)
    with store.write() as unit:
        unit.subscriptions.set_sealed_secret(one.id, b"x")
        unit.subscriptions.update(replace(one, repeat_interval=1))
    assert groups() == [("previous", 2)]


def test_a_rule_has_one_number(store: Store) -> None:
    """The same canonical text is the same rule for ever."""
    with store.write() as unit:
        first = unit.subscriptions.intern_rule("{}")
        assert unit.subscriptions.intern_rule('{"a":1}') != first
        assert unit.subscriptions.intern_rule("{}") == first


def test_rebasing_starts_everybody_again_and_pauses_the_pinned(store: Store) -> None:
    """A changed view spec pages nobody; who pinned must pin again."""
    here = scene(store)
    old = here.take(1)
    drifting = here.subscribe(subscriber_id="a", baseline="last_notified", baseline_snapshot_id=old.id)
    pinned = here.subscribe(subscriber_id="b", baseline="pinned", baseline_snapshot_id=old.id)
    here.subscribe(subscriber_id="c")
    new = here.take(2)
    with store.write() as unit:
        assert unit.subscriptions.rebase(here.dashboard.id, snapshot_id=new.id, reason="spec") == Rebased(
            subscriptions=2, paused=1
        )
        assert unit.subscriptions.get(drifting.id) == replace(drifting, baseline_snapshot_id=new.id)
        assert unit.subscriptions.get(pinned.id) == replace(pinned, state="paused", paused_reason="spec")
        assert len(unit.subscriptions.groups(here.dashboard.id)) == 2


def test_rebasing_reaches_what_is_paused_and_may_be_resumed(store: Store) -> None:
    """Resumed, it would be compared with a picture of another kind; what was removed stays as it ended."""
    here = scene(store)
    old = here.take(1)
    paused, gone = (
        here.subscribe(subscriber_id=name, baseline="last_notified", baseline_snapshot_id=old.id) for name in "ab"
    )
    new = here.take(2)
    with store.write() as unit:
        unit.subscriptions.pause([paused.id], reason="why", at=here.dashboard.created_at)
        unit.subscriptions.remove(gone.id, here.dashboard.created_at)
        assert unit.subscriptions.rebase(here.dashboard.id, snapshot_id=new.id, reason="spec") == Rebased(
            subscriptions=0, paused=0
        )
        found = [unit.subscriptions.get(one.id) for one in (paused, gone)]
    assert [one and (one.state, one.baseline_snapshot_id) for one in found] == [("paused", new.id), ("removed", old.id)]


def test_a_subscription_to_gates_is_no_rule_over_changes(store: Store) -> None:
    """It is kept and listed like the others, and no capture judges, counts or rebases it."""
    here = scene(store)
    change = here.subscribe()
    gates = here.subscribe(rule={"gate": ["fail", "warn"]}, gate=("fail", "warn"))
    with store.write() as unit:
        assert unit.subscriptions.get(gates.id) == gates
        assert unit.subscriptions.list(here.dashboard.id, None) == [change, gates]
        assert [group.rule_id for group in unit.subscriptions.groups(here.dashboard.id)] == [change.rule_id]
        assert unit.subscriptions.with_rules(here.dashboard.id, [change.rule_id, gates.rule_id]) == [change]
        assert unit.subscriptions.rebase(here.dashboard.id, snapshot_id="s", reason="r") == Rebased(
            subscriptions=1, paused=0
        )


def test_the_same_outcomes_are_asked_for_once(store: Store) -> None:
    """Kind, subscriber and what is asked for are one promise, also where that is no rule; a change keeps it so."""
    here = scene(store)
    made = here.subscribe(rule={"gate": ["fail"]}, gate=("fail",))
    with pytest.raises(Conflict):
        here.subscribe(rule={"gate": ["fail"]}, gate=("fail",))
    here.subscribe(rule={"gate": ["pass"]}, gate=("pass",))
    with store.write() as unit:
        unit.subscriptions.update(replace(made, gate=("warn",)))
    with store.read() as unit:
        found = unit.subscriptions.get(made.id)
    assert found is not None
    assert found.gate == ("warn",)
