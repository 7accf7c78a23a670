"""Rehearsal: subscriptions on their way through a history, judged by the live code, told and stored nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from stillframe.model.snapshot import Snapshot
from stillframe.model.verdict import Outcome
from stillframe.rules.conditions import Rule
from stillframe.rules.facts import Facts
from stillframe.rules.focus import Focus, fields_in
from stillframe.rules.judge import judge_facts
from stillframe.rules.telling import Standing, Step, at_snapshot, at_wake, compares_with


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    One subscription of a rehearsal: its rule, and where it stands.

    Shape   `paused_at`: of `pinned`, when a new baseline made its pin incomparable; from then on nothing is judged.
    """

    rule: Rule
    standing: Standing
    paused_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    What one part did at a snapshot, or at the end of a quiet time after it.

    Shape   `place`: which part. `earlier`, `later`: the step's baseline and the snapshot; `facts`: of what differs, as
            far as the rules speak of it. `woken`: no snapshot came, a quiet time ended or a digest was due.
    """

    place: int
    at: datetime
    earlier: Snapshot
    later: Snapshot
    step: Step
    outcome: Outcome
    facts: Facts
    woken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A snapshot that something is compared with: whole, and with what the rules speak of."""

    whole: Snapshot
    narrow: Snapshot


class Rehearsal:
    """
    Several subscriptions that go through one history together, so that each pair of snapshots is compared once.

    Only the snapshots that a part is or may be compared with are held.

    Shape   `pinned`: the snapshot that parts against `pinned` are compared with.
    """

    def __init__(self, parts: Sequence[Part], *, top_n: int, pinned: Snapshot | None = None) -> None:
        self.parts = list(parts)
        self.head: Snapshot | None = None
        self.compared = 0
        """How many pairs were compared so far."""
        self._focus = Focus(fields_in(part.rule for part in parts), top_n=top_n)
        self._held: dict[str, _Held] = {}
        if pinned is not None:
            self._keep(pinned)
        self._facts: dict[str, Facts] = {}

    def begin(self, snapshot: Snapshot) -> None:
        """Stand at the first snapshot, of which nobody is told, or at one that was accepted since."""
        began = self.head is None
        self._move(snapshot)
        if began:
            for place, part in enumerate(self.parts):
                if part.standing.baseline == "last_notified":
                    standing = replace(part.standing, baseline_snapshot_id=snapshot.record.id)
                    self.parts[place] = replace(part, standing=standing)
        self._hold()

    def rebase(self, snapshot: Snapshot) -> None:
        """Start again from a snapshot that shows another picture; what is pinned is paused."""
        self.parts = [_rebased(part, snapshot) for part in self.parts]
        self._move(snapshot)
        self._hold()

    def take(self, snapshot: Snapshot) -> Iterator[Scene]:
        """Judge the next snapshot for every part that is not paused; time has passed up to then."""
        before = self.head
        assert before is not None
        self._move(snapshot)
        now, snapshot_id, previous_id = snapshot.record.timestamp, snapshot.record.id, before.record.id
        for place, part in enumerate(self.parts):
            if part.paused_at is not None:
                continue
            against = compares_with(part.standing, previous_id=previous_id)
            outcome = judge_facts(self._facts_of(against), part.rule)
            step = at_snapshot(
                part.standing, snapshot_id=snapshot_id, previous_id=previous_id, outcome=outcome, now=now
            )
            yield self._scene(place, step, outcome=outcome, at=now, woken=False)
        self._hold()

    def pass_time(self, until: datetime) -> Iterator[Scene]:
        """Wake every part as often as it is due up to a moment, in each the earliest first."""
        for place in range(len(self.parts)):
            while (due := self.parts[place].standing.wake_at) is not None and due <= until:
                yield self._woken(place, due)

    def _woken(self, place: int, now: datetime) -> Scene:
        standing, head = self.parts[place].standing, self.head
        assert head is not None
        outcome: Outcome = "false"
        if standing.episode is not None:
            outcome = judge_facts(self._facts_of(standing.episode.baseline_snapshot_id), self.parts[place].rule)
        step = at_wake(standing, head_id=head.record.id, outcome=outcome, now=now)
        return self._scene(place, step, outcome=outcome, at=now, woken=True)

    def _scene(self, place: int, step: Step, *, outcome: Outcome, at: datetime, woken: bool) -> Scene:
        assert self.head is not None
        self.parts[place] = replace(self.parts[place], standing=step.standing)
        return Scene(
            place=place,
            at=at,
            earlier=self._held[step.baseline_snapshot_id].whole,
            later=self.head,
            step=step,
            outcome=outcome,
            facts=self._facts_of(step.baseline_snapshot_id),
            woken=woken,
        )

    def _facts_of(self, baseline_id: str) -> Facts:
        """Return what differs between a snapshot that is held and the head; the same facts for all who ask."""
        assert self.head is not None
        found = self._facts.get(baseline_id)
        if found is None:
            self.compared += 1
            before, later = self._held[baseline_id], self._held[self.head.record.id]
            found = self._focus.facts(before.narrow, later.narrow, wholes=(before.whole, later.whole))
            self._facts[baseline_id] = found
        return found

    def _move(self, snapshot: Snapshot) -> None:
        self.head = snapshot
        self._facts = {}
        self._keep(snapshot)

    def _keep(self, snapshot: Snapshot) -> None:
        self._held[snapshot.record.id] = _Held(whole=snapshot, narrow=self._focus.on(snapshot))

    def _hold(self) -> None:
        """Let go of every snapshot that nothing is compared with any more."""
        assert self.head is not None
        named = {self.head.record.id}
        for part in self.parts:
            standing = part.standing
            episode, window = standing.episode, standing.window
            named |= {
                found
                for found in (
                    standing.baseline_snapshot_id,
                    None if episode is None else episode.baseline_snapshot_id,
                    None if window is None else window.from_snapshot_id,
                )
                if found is not None
            }
        self._held = {name: found for name, found in self._held.items() if name in named}


def _rebased(part: Part, snapshot: Snapshot) -> Part:
    standing = replace(part.standing, holding=False, episode=None, window=None, wake_at=None)
    if standing.baseline == "pinned":
        return replace(part, standing=standing, paused_at=part.paused_at or snapshot.record.timestamp)
    if standing.baseline == "last_notified":
        standing = replace(standing, baseline_snapshot_id=snapshot.record.id)
    return replace(part, standing=standing)
