"""Going through a past with rehearsed subscriptions: what was judged, what was passed over, where it began again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from stillframe.flows.judging import is_new_baseline
from stillframe.flows.past import Frame, Past, frames_of
from stillframe.flows.services import Services
from stillframe.model.identity import Caller
from stillframe.model.snapshot import Snapshot, SnapshotRecord
from stillframe.rules.rehearsal import Part, Rehearsal, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What every run of one preview shares: who looks, at which past, and what is pinned."""

    services: Services
    caller: Caller
    past: Past
    top_n: int
    pinned: Snapshot | None = None


@dataclass(slots=True, kw_only=True)
class Course:
    """
    What happened on the way beside what was judged.

    Shape   `rebased`: snapshots from which everything began again.
    """

    passed_over: Counter[str] = field(default_factory=Counter)
    rebased: list[SnapshotRecord] = field(default_factory=list)
    compared: int = 0
    paused_at: datetime | None = None


def run(stage: Stage, parts: Sequence[Part], course: Course) -> Iterator[Scene]:
    """
    Go through a past with some subscriptions, as the live product did: in the snapshots' own times, woken on time.

    Shape   `course` is filled on the way.
    """
    rehearsal = Rehearsal(parts, top_n=stage.top_n, pinned=stage.pinned)
    for frame in frames_of(stage.services, stage.caller, stage.past):
        if frame.passed_over is not None:
            course.passed_over[frame.passed_over] += 1
        yield from _lived(rehearsal, frame, stage=stage, course=course)
    yield from rehearsal.pass_time(stage.past.until)
    course.compared = rehearsal.compared
    course.paused_at = next((part.paused_at for part in rehearsal.parts if part.paused_at is not None), None)


def _lived(rehearsal: Rehearsal, frame: Frame, *, stage: Stage, course: Course) -> Iterator[Scene]:
    snapshot, head = frame.snapshot, rehearsal.head
    if snapshot is None:
        return
    if frame.accepted_at is not None:
        if frame.accepted_at <= stage.past.until:
            yield from rehearsal.pass_time(frame.accepted_at)
            rehearsal.begin(snapshot)
        return
    yield from rehearsal.pass_time(frame.record.timestamp)
    if head is None:
        rehearsal.begin(snapshot)
        if stage.pinned is not None and is_new_baseline(stage.pinned, snapshot):
            rehearsal.rebase(snapshot)
    elif is_new_baseline(head, snapshot):
        rehearsal.rebase(snapshot)
        course.rebased.append(snapshot.record)
    else:
        yield from rehearsal.take(snapshot)
