"""Subscriptions that go through a history together are judged as each would be alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.calm import NO_CALM, Calm, Digest
from stillframe.model.snapshot import Snapshot
from stillframe.rules import judge, parse_rule
from stillframe.rules.rehearsal import Part, Rehearsal, Scene
from stillframe.rules.telling import Standing
from tests.rules.histories import BEGIN, board

MOVED = parse_rule({"value_delta_abs": 2, "on_field": "score"})
HOUR = timedelta(hours=1)


def part(rule: Any = MOVED, *, baseline: Any = "previous", calm: Calm = NO_CALM) -> Part:
    pin = "s0" if baseline == "pinned" else None
    return Part(rule=rule, standing=Standing(baseline=baseline, baseline_snapshot_id=pin, calm=calm))


def lived(parts: Sequence[Part], history: Sequence[Snapshot], *, hours_after: int = 0) -> list[Scene]:
    """Go through a history, its first snapshot the silent one, and return every scene."""
    rehearsal = Rehearsal(parts, top_n=3, pinned=history[0])
    rehearsal.begin(history[0])
    scenes: list[Scene] = []
    for snapshot in history[1:]:
        scenes += rehearsal.pass_time(snapshot.record.timestamp)
        scenes += rehearsal.take(snapshot)
    return [*scenes, *rehearsal.pass_time(history[-1].record.timestamp + hours_after * HOUR)]


def history(*scores: float) -> list[Snapshot]:
    return [board(place, a=score, b=0) for place, score in enumerate(scores)]


def test_each_part_is_compared_with_its_own_baseline() -> None:
    """The one before, the one last told of, and the pin; the first snapshot is told to nobody."""
    parts = [part(), part(baseline="last_notified"), part(baseline="pinned")]
    scenes = lived(parts, history(0, 1, 2, 3, 5))
    against = [[scene.earlier.record.id for scene in scenes if scene.place == place] for place in range(3)]
    assert against == [["s0", "s1", "s2", "s3"], ["s0", "s0", "s2", "s2"], ["s0"] * 4]
    told = [[scene.later.record.id for scene in scenes if scene.place == at and scene.step.kind] for at in range(3)]
    assert told == [["s4"], ["s2", "s4"], ["s2"]]


def test_every_pair_is_compared_once_however_many_look_at_it() -> None:
    """Twenty limits on one baseline cost one comparison a snapshot."""
    parts = [part(parse_rule({"value_delta_abs": limit, "on_field": "score"})) for limit in range(1, 21)]
    rehearsal = Rehearsal(parts, top_n=3)
    first, *rest = history(0, 5, 9, 30)
    rehearsal.begin(first)
    told = [scene.place for snapshot in rest for scene in rehearsal.take(snapshot) if scene.step.kind]
    assert rehearsal.compared == 3
    assert told == [*range(5), *range(4), *range(20)]


def test_a_quiet_time_ends_between_two_snapshots() -> None:
    """What was held is judged on the head, at the moment itself, and said to be so."""
    scenes = lived([part(calm=Calm(cooldown_seconds=5_400))], history(0, 5, 9), hours_after=2)
    assert [(scene.at - BEGIN, scene.woken, scene.step.kind) for scene in scenes] == [
        (HOUR, False, "alert"),
        (2 * HOUR, False, None),
        (2.5 * HOUR, True, "alert"),
    ]
    assert (scenes[2].earlier.record.id, scenes[2].later.record.id) == ("s1", "s2")


def test_a_digest_shows_the_net_of_its_span() -> None:
    """What came back cancels out."""
    (digest,) = (
        scene
        for scene in lived([part(calm=Calm(digest=Digest(every="daily")))], history(0, 5, 0), hours_after=24)
        if scene.step.kind
    )
    assert (digest.step.kind, digest.facts.diff.is_empty) == ("digest", True)


def test_a_new_baseline_starts_again_and_pauses_what_is_pinned() -> None:
    """What was watched is forgotten, and nothing is compared across the change."""
    parts = [part(baseline="last_notified", calm=Calm(pending_for=2)), part(baseline="pinned")]
    rehearsal = Rehearsal(parts, top_n=3, pinned=history(0)[0])
    first, second, other, last = history(0, 5, 50, 55)
    rehearsal.begin(first)
    assert [scene.step.reason for scene in rehearsal.take(second)] == ["pending", None]
    rehearsal.rebase(other)
    drifting, pinned = rehearsal.parts
    assert (drifting.standing.episode, drifting.standing.baseline_snapshot_id) == (None, "s2")
    assert pinned.paused_at == other.record.timestamp
    (scene,) = rehearsal.take(last)
    assert (scene.place, scene.earlier.record.id) == (0, "s2")


def test_only_what_may_be_compared_with_is_held() -> None:
    """A year of snapshots costs no more memory than the few that something points at."""
    rehearsal = Rehearsal([part(), part(baseline="last_notified")], top_n=3)
    first, *rest = history(0, 5, 6, 7, 6, 7, 6)
    rehearsal.begin(first)
    for snapshot in rest:
        list(rehearsal.take(snapshot))
    assert set(rehearsal._held) == {"s3", "s6"}


@given(
    scores=st.lists(st.sampled_from([0, 1, 2, 4, 7]), min_size=2, max_size=12),
    rules=st.lists(
        st.sampled_from(
            [
                {"value_delta_abs": 2, "on_field": "score"},
                {"any_change": True},
                {"NOT": {"value_delta_abs": 2, "on_field": "score"}},
                {"top_n_reordering": 1},
            ]
        ),
        min_size=1,
        max_size=3,
    ),
    baseline=st.sampled_from(["previous", "last_notified", "pinned"]),
)
def test_what_was_judged_is_what_judging_says(scores: list[int], rules: list[dict[str, Any]], baseline: str) -> None:
    """The outcome of every scene is the rule's on the two snapshots that the scene names."""
    parsed = [parse_rule(rule) for rule in rules]
    for scene in lived([part(rule, baseline=baseline) for rule in parsed], history(*scores)):
        assert scene.outcome == judge(compute_diff(scene.earlier, scene.later), parsed[scene.place])
