"""Taking payloads away: what is protected, what a removal leaves; a plan that is no longer true does nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import Gone, StoreError
from stillframe.model.calm import Calm, Episode, Window
from stillframe.store import (
    CalmStanding,
    Kept,
    Moved,
    Removal,
    Store,
    StoredChain,
    moved_to,
    recoded,
    standing_of,
)
from stillframe.store.types import to_millis
from tests.store.cast import NOON, Scene, scene

LATER = {"standard": to_millis(NOON + timedelta(days=400))}


def only_chain(store: Store) -> StoredChain:
    with store.read() as unit:
        (found,) = unit.cleanup.chains(after=None, most=10)
    return found


def removal(here: Scene, chain: StoredChain, *, gone: set[int]) -> Removal:
    """Plan to take away the payloads at some depths."""
    with here.store.read() as unit:
        versions = unit.cleanup.standing().versions
        kept = {
            member.depth: Kept(content=member.content, content_hash=member.content_hash)
            for member in chain.members
            if member.depth not in gone
        }
        new = recoded(unit.cleanup.segments(chain.number), kept, number=chain.number) if kept else ()
    leaving = tuple(member for member in chain.members if member.depth in gone)
    return Removal(chains=(chain,), gone=leaving, new=new, horizons=LATER, versions=versions)


def carry_out(here: Scene, planned: Removal) -> int:
    with here.store.write() as unit:
        return unit.cleanup.remove(planned)


def test_a_chain_is_listed_with_everybody_who_uses_it(store: Store) -> None:
    """Two records of one picture are two uses of one payload."""
    here = scene(store)
    for value in (1, 2, 1):
        here.take(value)
    chain = only_chain(store)
    assert [(member.depth, len(member.uses)) for member in chain.members] == [(0, 2), (1, 1)]
    assert chain.tip_of is not None
    with store.read() as unit:
        assert unit.cleanup.chains(after=chain.number, most=10) == []


def test_the_newest_a_baseline_and_what_is_pending_are_protected(store: Store) -> None:
    """Whatever their age, and each with its reason."""
    here = scene(store)
    first, second, third = here.take(1), here.take(2), here.take(3)
    here.subscribe(baseline="pinned", baseline_snapshot_id=first.id)
    here.promise(third, here.matches(second), claim_limit=0)
    fourth = here.take(4)
    with store.read() as unit:
        protected = {sequence: why for (_, sequence), why in unit.cleanup.standing().protected.items()}
    assert protected[first.sequence] in ("baseline", "pending")
    assert protected[third.sequence] == "pending"
    assert protected[fourth.sequence] == "newest"
    assert second.sequence not in protected


def test_where_a_watched_change_began_is_protected(store: Store) -> None:
    """An episode and a digest are compared with it when they end, however long they last."""
    here = scene(store)
    episode, window, plain, _ = (here.take(value) for value in range(4))
    made = here.subscribe(calm=Calm(cooldown_seconds=60))
    before = CalmStanding(subscription=made, standing=standing_of(made))
    stands = standing_of(
        made,
        episode=Episode(baseline_snapshot_id=episode.id),
        window=Window(from_snapshot_id=window.id, times=1),
    )
    with store.write() as unit:
        unit.standings.put(here.dashboard.id, [(before, moved_to(before, stands))])
    with store.read() as unit:
        protected = {sequence: why for (_, sequence), why in unit.cleanup.standing().protected.items()}
    assert (protected[episode.sequence], protected[window.sequence]) == ("baseline", "baseline")
    assert plain.sequence not in protected


def test_what_a_parked_delivery_would_say_is_protected(store: Store) -> None:
    """It is kept to be sent when its subscription goes on."""
    here = scene(store)
    first, second, _ = here.take(1), here.take(2), here.take(3)
    made = here.subscribe()
    here.promise(second, here.matches(first))
    with store.write() as unit:
        unit.subscriptions.pause([made.id], reason="for a test", at=NOON)
    with store.read() as unit:
        protected = {sequence: why for (_, sequence), why in unit.cleanup.standing().protected.items()}
    assert (protected[first.sequence], protected[second.sequence]) == ("pending", "pending")
    with store.write() as unit:
        unit.subscriptions.remove(made.id, NOON)
    with store.read() as unit:
        protected = {sequence: why for (_, sequence), why in unit.cleanup.standing().protected.items()}
    assert first.sequence not in protected, "nobody can ask for it any more"


def test_what_stays_is_read_from_its_new_chain_and_the_next_frame_goes_to_its_end(store: Store) -> None:
    """The bytes are the same, and the dashboard's tip is where they are now."""
    here = scene(store)
    records = [here.take(value) for value in range(1, 6)]
    chain = only_chain(store)
    freed = carry_out(here, removal(here, chain, gone={0, 1, 2}))
    records.append(here.take(6))
    found = only_chain(store)
    assert [member.content_hash for member in found.members] == [record.content_hash for record in records[3:]]
    fresh = replace(here)
    with fresh.store.read() as unit:
        for record in records[:3]:
            with pytest.raises(Gone):
                unit.snapshots.canonical(record.content_hash)
        for record in records[3:]:
            assert unit.snapshots.canonical(record.content_hash)
    assert isinstance(freed, int)


def test_a_whole_chain_goes_with_its_frames(store: Store) -> None:
    """Nothing is left behind in the table of frames, and the room is counted."""
    here = scene(store)
    here.take(1, retention_class="standard")
    chain = only_chain(store)
    with store.read() as unit:
        weight = unit.cleanup.weight([chain.number])
    assert carry_out(here, removal(here, chain, gone={0})) == weight > 0
    with store.read() as unit:
        assert unit.cleanup.chains(after=None, most=10) == []
        assert unit.cleanup.segments(chain.number) == []
    assert here.take(1).sequence == 2
    assert only_chain(store).members[0].depth == 0


@pytest.mark.parametrize("change", ["a new frame", "a new use", "a new subscription"])
def test_a_plan_that_is_no_longer_true_changes_nothing(store: Store, change: str) -> None:
    """Between looking and writing others may write; then the plan is made again."""
    here = scene(store)
    here.take(1)
    here.take(2)
    planned = removal(here, only_chain(store), gone={0})
    if change == "a new subscription":
        here.subscribe()
    else:
        here.take(3 if change == "a new frame" else 1)
    before = only_chain(store)
    with pytest.raises(Moved):
        carry_out(here, planned)
    assert only_chain(store) == before


def test_what_is_too_young_or_immutable_is_refused_by_the_database_itself(store: Store) -> None:
    """A plan that is wrong about age or immutability does not get past the triggers."""
    here = scene(store)
    here.take(1, immutable=True)
    here.take(2)
    planned = removal(here, only_chain(store), gone={0})
    with pytest.raises(StoreError):
        carry_out(here, planned)
    young = replace(removal(here, only_chain(store), gone={1}), horizons={"standard": to_millis(NOON)})
    with pytest.raises(StoreError):
        carry_out(here, young)
    assert len(only_chain(store).members) == 2
