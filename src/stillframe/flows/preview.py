"""Preview: which notices a subscription would have given in the past, with the live code, and storing nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from heapq import heappush, heappushpop

from stillframe.capture import parse_view_spec
from stillframe.diff import compute_diff
from stillframe.flows.past import Period, past_of
from stillframe.flows.permission import visible_dashboard
from stillframe.flows.preview_answer import NearMiss, Noticed, Preview, Suppressed, months_of
from stillframe.flows.preview_gate import decisions_told
from stillframe.flows.preview_limits import suggested_limits
from stillframe.flows.preview_run import Course, Stage, run
from stillframe.flows.preview_subject import subject_of
from stillframe.flows.seeing import visible_snapshot
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import SubscriptionRequest
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.snapshot import Snapshot
from stillframe.report.comment import told_line
from stillframe.report.words import headline, titles_of
from stillframe.rules import explain_threshold
from stillframe.rules.limits import share_of
from stillframe.rules.rehearsal import Part, Scene
from stillframe.rules.suggesting import Sample, sample_of
from stillframe.store import Unit

NEAR_MISSES_MOST = 10
_TURN = "preview"


def preview(
    services: Services, caller: Caller, *, dashboard_ref: str, request: SubscriptionRequest, period: Period
) -> Preview:
    """
    Return what a subscription would have told in a period, had it been made at the period's oldest snapshot.

    It begins silent, sees what the caller sees, and runs the live state machine in the snapshots' own times.

    Errors  NotFound; InvalidInput, InvalidRule naming the member, as `subscribe`; Gone for a pin whose payload has
            expired; TooManyRequests while many others look at the past.
    Source  docs/reference/semantics.md, "Preview".
    """
    period = period.checked()
    with services.store.read() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        past = past_of(unit, dashboard, period, now=services.clock())
        since = past.records[0].timestamp if past.records else past.until
        subject = subject_of(unit, caller, dashboard, request=request, since=since)
        if subject.gate is not None:
            return decisions_told(unit, past, since=period.since, outcomes=subject.gate)
        part = subject.part
        assert part is not None
        pinned = _pinned(unit, caller, part)
    if pinned is not None:
        past = replace(past, records=tuple(r for r in past.records if r.sequence >= pinned.record.sequence))
    stage = Stage(services=services, caller=caller, past=past, top_n=_top_n(services, dashboard), pinned=pinned)
    # One at a time in a process: each is seconds of work, and captures come first.
    with services.turns.of(_TURN):
        return _of_changes(stage, part)


def _of_changes(stage: Stage, part: Part) -> Preview:
    course, seen = Course(), _Seen()
    for scene in run(stage, [part], course):
        seen.note(scene, part, top_n=stage.top_n)
    months = months_of(stage.past)
    limits = suggested_limits(stage, part, samples=seen.samples, notices=len(seen.notices), months=months)
    return Preview(
        past=stage.past,
        notices=seen.notices,
        suppressed=seen.suppressed,
        near_misses=[found for _, _, found in sorted(seen.nearest, key=lambda entry: entry[:2], reverse=True)],
        passed_over=course.passed_over,
        rebased=course.rebased,
        paused_at=course.paused_at,
        judged=seen.judged,
        unknown=seen.unknown,
        limits=limits,
    )


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What is kept of the scenes of one subscription, so that the snapshots themselves can be let go."""

    notices: list[Noticed] = field(default_factory=list)
    suppressed: list[Suppressed] = field(default_factory=list)
    nearest: list[tuple[float, int, NearMiss]] = field(default_factory=list)
    """A heap of what came closest, the least close first."""
    samples: list[Sample] = field(default_factory=list)
    judged: int = 0
    unknown: int = 0

    def note(self, scene: Scene, part: Part, *, top_n: int) -> None:
        step = scene.step
        if step.kind is not None:
            self.notices.append(_noticed(scene, part, top_n=top_n))
        elif step.reason is not None:
            self.suppressed.append(
                Suppressed(
                    at=scene.at,
                    snapshot=scene.later.record,
                    baseline=scene.earlier.record,
                    reason=step.reason,
                    detail=step.detail,
                )
            )
        if scene.woken:
            return
        self.judged += 1
        self.unknown += scene.outcome == "unknown"
        self.samples.append(sample_of(scene.facts, part.rule))
        if scene.outcome != "true":
            self._note_near(scene, part)

    def _note_near(self, scene: Scene, part: Part) -> None:
        share = share_of(scene.facts, part.rule)
        place = scene.later.record.sequence
        full = len(self.nearest) == NEAR_MISSES_MOST
        if not share or (full and (share, place) < self.nearest[0][:2]):
            return
        sentence = explain_threshold(scene.facts.diff, part.rule).sentence
        found = NearMiss(share=share, snapshot=scene.later.record, baseline=scene.earlier.record, sentence=sentence)
        (heappushpop if full else heappush)(self.nearest, (share, place, found))


def _noticed(scene: Scene, part: Part, *, top_n: int) -> Noticed:
    kind = scene.step.kind
    assert kind is not None
    diff = compute_diff(scene.earlier, scene.later, top_n=top_n)
    titles = titles_of(scene.earlier.payload) | titles_of(scene.later.payload)
    return Noticed(
        at=scene.at,
        kind=kind,
        snapshot_a=scene.earlier.record,
        snapshot_b=scene.later.record,
        headline=told_line(kind, headline(diff, titles=titles), is_empty=diff.is_empty),
        reason=explain_threshold(diff, part.rule).as_dict(),
    )


def _pinned(unit: Unit, caller: Caller, part: Part) -> Snapshot | None:
    """Return what a subscription against `pinned` is compared with, as the caller sees it."""
    pinned_id = part.standing.baseline_snapshot_id
    return None if pinned_id is None else visible_snapshot(unit, caller, pinned_id)[0].as_snapshot


def _top_n(services: Services, dashboard: Dashboard) -> int:
    return parse_view_spec(dashboard.view_spec).top_n or services.limits.diff_top_n
