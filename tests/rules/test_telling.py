"""Whether somebody is told now: each manner by example, and the laws that hold whatever is asked for and happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from stillframe.model.calm import NO_CALM, Calm, Digest, Episode, QuietHours, Window
from stillframe.model.verdict import Outcome
from stillframe.rules.quiet import next_digest_at, quiet_until
from stillframe.rules.telling import Standing, Step, at_snapshot, at_wake, compares_with

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIMIT = 2
NIGHT = QuietHours(begin=time(22), end=time(7))


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One step: when, at which snapshot, what the rule said against what, and where the subscription stood before."""

    at: datetime
    snapshot_id: str
    outcome: Outcome
    against: str
    before: Standing
    step: Step
    woken: bool = False


@dataclass(kw_only=True)
class Watched:
    """A value that is watched from noon on: the rule is true where it is at least 2 off; a value of None is unknown."""

    standing: Standing
    values: dict[str, int | None] = field(default_factory=lambda: {"s0": 0})
    now: datetime = NOON
    happened: list[Happened] = field(default_factory=list)

    @property
    def head_id(self) -> str:
        return list(self.values)[-1]

    def show(self, value: int | None, *, minutes: int = 60) -> Step:
        """Let time pass and the next snapshot show a value."""
        self.wait(minutes)
        previous_id, snapshot_id = self.head_id, f"s{len(self.values)}"
        self.values[snapshot_id] = value
        against = compares_with(self.standing, previous_id=previous_id)
        outcome = self._outcome(against)
        step = at_snapshot(
            self.standing, snapshot_id=snapshot_id, previous_id=previous_id, outcome=outcome, now=self.now
        )
        return self._note(step, outcome=outcome, against=against, woken=False)

    def wait(self, minutes: int) -> None:
        """Let time pass, waking at every moment that was planned."""
        until = self.now + minutes * MINUTE
        while self.standing.wake_at is not None and self.standing.wake_at <= until:
            self.now = self.standing.wake_at
            episode = self.standing.episode
            outcome: Outcome = "false" if episode is None else self._outcome(episode.baseline_snapshot_id)
            step = at_wake(self.standing, head_id=self.head_id, outcome=outcome, now=self.now)
            against = step.baseline_snapshot_id if episode is None else episode.baseline_snapshot_id
            self._note(step, outcome=outcome, against=against, woken=True)
        self.now = until

    def kinds(self) -> list[str | None]:
        """Return what was told at each step, None for silence."""
        return [one.step.kind for one in self.happened]

    def told(self) -> list[Happened]:
        return [one for one in self.happened if one.step.kind is not None]

    def _outcome(self, against: str) -> Outcome:
        before, after = self.values[against], self.values[self.head_id]
        if before is None or after is None:
            return "unknown"
        return "true" if abs(after - before) >= LIMIT else "false"

    def _note(self, step: Step, *, outcome: Outcome, against: str, woken: bool) -> Step:
        self.happened.append(
            Happened(
                at=self.now,
                snapshot_id=self.head_id,
                outcome=outcome,
                against=against,
                before=self.standing,
                step=step,
                woken=woken,
            )
        )
        self.standing = step.standing
        return step


def watched(*, baseline: Any = "previous", repeat: int | None = None, **calm: Any) -> Watched:
    pin = None if baseline == "previous" else "s0"
    return Watched(
        standing=Standing(
            baseline=baseline, baseline_snapshot_id=pin, repeat_interval=repeat, calm=replace(NO_CALM, **calm)
        )
    )


def shown(found: Watched, values: Sequence[int | None]) -> list[str | None]:
    """Show one value an hour, and return what was told."""
    for value in values:
        found.show(value)
    return found.kinds()


def test_without_calm_every_match_is_told_against_what_was_before() -> None:
    """Nothing is held, and nothing is watched."""
    found = watched()
    assert shown(found, [2, 4, 5, 0]) == ["alert", "alert", None, "alert"]
    assert [one.against for one in found.happened] == ["s0", "s1", "s2", "s3"]
    assert (found.standing.episode, found.standing.wake_at) == (None, None)


def test_last_notified_moves_only_with_a_notice() -> None:
    """Slow drift adds up until it is told."""
    found = watched(baseline="last_notified")
    assert shown(found, [1, 2, 3, 4]) == [None, "alert", None, "alert"]
    assert [one.against for one in found.happened] == ["s0", "s0", "s2", "s2"]


def test_against_a_pin_only_the_turning_is_told() -> None:
    """What is known is not told again before it was false, and what cannot be judged is no false."""
    found = watched(baseline="pinned")
    assert shown(found, [3, 4, 0, 3, None, 3]) == ["alert", None, None, "alert", None, None]
    assert [one.step.reason for one in found.happened] == [None, "known", None, None, None, "known"]


def test_against_a_pin_a_repeat_is_told_from_its_interval_on() -> None:
    """The boundary is inclusive, and what was acknowledged is not repeated."""
    found = watched(baseline="pinned", repeat=2 * 3600)
    assert shown(found, [3, 3, 3]) == ["alert", None, "alert"]
    found.standing = replace(found.standing, acknowledged=True)
    assert shown(found, [3, 3, 3])[3:] == [None, None, None]
    assert shown(found, [0, 3])[6:] == [None, "alert"]
    assert not found.standing.acknowledged


def test_a_cooldown_ends_at_its_very_moment() -> None:
    """At the boundary itself the change is judged again and told, with what it was first compared with."""
    found = watched(cooldown_seconds=3600)
    found.show(2)
    held = found.show(4, minutes=59)
    assert (held.kind, held.reason, held.wake_at) == (None, "cooldown", NOON + 2 * HOUR)
    found.wait(1)
    (_, _, woken) = found.happened
    assert (woken.at, woken.step.kind, woken.step.baseline_snapshot_id) == (NOON + 2 * HOUR, "alert", "s1")
    on_time = watched(cooldown_seconds=3600)
    assert shown(on_time, [2, 4]) == ["alert", "alert"]


def test_what_came_back_during_a_cooldown_is_told_to_nobody() -> None:
    """The net is judged: up and down again is nothing."""
    found = watched(cooldown_seconds=4 * 3600)
    assert shown(found, [2, 5, 2]) == ["alert", None, None]
    found.wait(24 * 60)
    assert found.kinds() == ["alert", None, None]
    assert found.standing.episode is None


def test_a_change_is_told_once_it_held_so_many_snapshots_in_a_row() -> None:
    """A single blip is none, and the count begins anew after it."""
    found = watched(pending_for=3)
    assert shown(found, [2, 0, 2, 2, 2, 2]) == [None, None, None, None, "alert", None]
    details = [one.step.detail for one in found.happened]
    assert details[2:5] == ["true at 1 of 3 snapshots in a row", "true at 2 of 3 snapshots in a row", None]
    assert found.happened[4].against == "s2"


def test_an_end_is_told_once_and_only_of_what_was_told() -> None:
    """`resolved` closes what an alert opened; a pending change that goes away has no end to tell."""
    found = watched(notify_on_resolve=True)
    assert shown(found, [2, 3, 0, 0]) == ["alert", None, "resolved", None]
    assert found.happened[2].step.baseline_snapshot_id == "s0"
    silent = watched(notify_on_resolve=True, pending_for=2)
    assert shown(silent, [2, 0, 2, 2, 0]) == [None, None, None, "alert", "resolved"]


def test_an_end_waits_for_the_night_to_be_over_but_not_for_a_cooldown() -> None:
    """Quiet hours hold everything; a cooldown is about alerts."""
    cooling = watched(notify_on_resolve=True, cooldown_seconds=86_400)
    assert shown(cooling, [2, 0]) == ["alert", "resolved"]
    found = watched(notify_on_resolve=True, quiet_hours=NIGHT)
    found.show(2, minutes=9 * 60)
    assert found.show(0, minutes=2 * 60).reason == "quiet_hours"
    found.wait(24 * 60)
    (told,) = found.told()[1:]
    assert (told.step.kind, told.at) == ("resolved", datetime(2026, 3, 3, 7, tzinfo=UTC))


def test_an_end_that_is_held_back_is_forgotten_when_it_was_none() -> None:
    """True again before the night was over: the subscriber knows, and hears nothing."""
    found = watched(notify_on_resolve=True, quiet_hours=NIGHT)
    found.show(2, minutes=9 * 60)
    found.show(0, minutes=2 * 60)
    assert found.show(2).reason == "known"
    found.wait(24 * 60)
    assert [one.step.kind for one in found.told()] == ["alert"]


def test_what_is_unknown_ends_nothing_that_was_told() -> None:
    """A field that disappears is no all-clear."""
    found = watched(notify_on_resolve=True)
    assert shown(found, [2, None, 2, 0]) == ["alert", None, None, "resolved"]


def test_a_snooze_holds_until_its_end_and_the_reason_that_lasts_longest_is_said() -> None:
    """Judged again at its end, inclusive."""
    found = watched(snooze_until=NOON + 3 * HOUR, quiet_hours=QuietHours(begin=time(12), end=time(14)))
    step = found.show(2)
    assert (step.reason, step.detail) == ("snooze", "snoozed until 2026-03-02T15:00:00.000Z")
    found.wait(119)
    assert found.kinds() == [None]
    found.wait(1)
    assert found.kinds() == [None, "alert"]


def test_the_end_of_one_quiet_time_may_lie_in_another() -> None:
    """Then the change is held back again, and told when that is over too."""
    found = watched(snooze_until=NOON + 11 * HOUR, quiet_hours=NIGHT)
    found.show(2)
    found.wait(48 * 60)
    assert [one.step.reason for one in found.happened] == ["snooze", "quiet_hours", None]
    assert found.told()[0].at == datetime(2026, 3, 3, 7, tzinfo=UTC)


def test_a_digest_tells_once_from_the_last_notice_to_now() -> None:
    """Every snapshot at which the rule was true is counted; at its time one notice says the net."""
    found = watched(digest=Digest(every="daily", at=time(18)))
    assert shown(found, [2, 2, 4]) == [None, None, None]
    assert [one.step.reason for one in found.happened] == ["digest", None, "digest"]
    assert found.standing.window == Window(from_snapshot_id="s0", times=2)
    found.wait(24 * 60)
    (told,) = found.told()
    assert (told.at, told.step.kind, told.step.baseline_snapshot_id) == (NOON + 6 * HOUR, "digest", "s0")
    assert found.standing.window == Window(from_snapshot_id="s3")


def test_a_day_on_which_nothing_mattered_has_no_digest() -> None:
    """Small changes do not count, but those of the next digest begin where the last one ended."""
    found = watched(digest=Digest(every="daily", at=time(18)))
    found.show(1)
    found.wait(24 * 60)
    assert found.told() == []
    found.show(3)
    found.wait(24 * 60)
    assert [one.step.baseline_snapshot_id for one in found.told()] == ["s0"]


def test_a_digest_that_the_night_holds_back_comes_in_the_morning_whatever_else_comes() -> None:
    """A snapshot in between does not put it off to the next evening."""
    found = watched(digest=Digest(every="daily", at=time(23)), quiet_hours=NIGHT)
    found.show(2)
    found.wait(11 * 60)
    assert [one.step.reason for one in found.happened] == ["digest", "quiet_hours"]
    found.show(4, minutes=120)
    found.wait(24 * 60)
    told = found.told()
    assert [(one.at, one.snapshot_id) for one in told] == [(datetime(2026, 3, 3, 7, tzinfo=UTC), "s2")]


def test_a_digest_against_a_pin_counts_the_turning_alone() -> None:
    """What stays as far off as it was told to be is no news of another day."""
    found = watched(baseline="pinned", digest=Digest(every="daily", at=time(18)))
    shown(found, [3, 4])
    found.wait(24 * 60)
    assert [one.step.baseline_snapshot_id for one in found.told()] == ["s0"]
    found.show(4)
    assert found.happened[-1].step.reason == "known"
    found.wait(48 * 60)
    assert len(found.told()) == 1
    shown(found, [0, 3])
    found.wait(48 * 60)
    assert [one.step.baseline_snapshot_id for one in found.told()] == ["s0", "s2"]


def test_of_one_snapshot_nothing_is_told_twice() -> None:
    """A repeat that falls due when somebody looks again waits for the next snapshot."""
    standing = Standing(
        baseline="pinned",
        baseline_snapshot_id="s0",
        repeat_interval=60,
        calm=Calm(notify_on_resolve=True),
        holding=True,
        last_notified_snapshot_id="s1",
        last_notified_at=NOON,
        episode=Episode(baseline_snapshot_id="s0", notified=True),
    )
    step = at_wake(standing, head_id="s1", outcome="true", now=NOON + HOUR)
    assert (step.kind, step.reason) == (None, "known")
    assert at_snapshot(standing, snapshot_id="s2", previous_id="s1", outcome="true", now=NOON + HOUR).kind == "alert"


def test_an_end_is_told_of_an_alert_that_came_before_anybody_asked_for_ends() -> None:
    """Whoever is told already, and asks for ends now, hears of this one."""
    found = watched(baseline="pinned", notify_on_resolve=True)
    found.standing = replace(found.standing, holding=True, last_notified_snapshot_id="s0", last_notified_at=NOON)
    assert shown(found, [3, 0]) == [None, "resolved"]


def test_where_nothing_is_watched_waking_does_nothing() -> None:
    """A wake that comes for nothing changes nothing."""
    standing = Standing(calm=Calm(cooldown_seconds=60))
    step = at_wake(standing, head_id="s0", outcome="true", now=NOON)
    assert (step.kind, step.reason, step.standing) == (None, None, standing)


SEVERAL_CALMS = st.builds(
    Calm,
    snooze_until=st.one_of(st.none(), st.integers(1, 600).map(lambda minutes: NOON + minutes * MINUTE)),
    quiet_hours=st.sampled_from([None, None, NIGHT, QuietHours(begin=time(12), end=time(15, 30))]),
    cooldown_seconds=st.sampled_from([None, 60, 3_600, 20_000]),
    pending_for=st.sampled_from([None, 2, 3]),
    notify_on_resolve=st.booleans(),
)
DIGEST_CALMS = st.builds(
    lambda calm, digest: replace(calm, digest=digest, cooldown_seconds=None, pending_for=None, notify_on_resolve=False),
    SEVERAL_CALMS,
    st.sampled_from([Digest(every="hourly"), Digest(every="daily", at=time(23)), Digest(every="weekly")]),
)
EVENTS = st.lists(
    st.tuples(st.sampled_from([1, 30, 60, 400]), st.sampled_from([0, 0, 1, 2, 3, 4, None])), min_size=1, max_size=25
)
BASELINES = st.sampled_from(["previous", "last_notified", "pinned"])
REPEATS = st.sampled_from([None, 600, 20_000])


def lived(calm: Calm, events: Sequence[tuple[int, int | None]], *, baseline: Any, repeat: int | None) -> Watched:
    """Let everything happen, and a week pass after it."""
    found = watched(baseline=baseline, repeat=repeat if baseline == "pinned" and calm.digest is None else None)
    found.standing = replace(found.standing, calm=calm)
    for minutes, value in events:
        found.show(value, minutes=minutes)
    found.wait(8 * 24 * 60)
    return found


@given(calm=st.one_of(SEVERAL_CALMS, DIGEST_CALMS), events=EVENTS, baseline=BASELINES, repeat=REPEATS)
def test_only_what_is_told_moves_what_was_told(
    calm: Calm, events: list[tuple[int, int | None]], baseline: str, repeat: int | None
) -> None:
    """Silence, whatever its reason, moves neither the last notice nor what is compared with."""
    for one in lived(calm, events, baseline=baseline, repeat=repeat).happened:
        before, after = one.before, one.step.standing
        if one.step.kind is None:
            assert after.last_notified_snapshot_id == before.last_notified_snapshot_id
            assert after.last_notified_at == before.last_notified_at
            assert after.baseline_snapshot_id == before.baseline_snapshot_id
        else:
            assert (after.last_notified_snapshot_id, after.last_notified_at) == (one.snapshot_id, one.at)
            assert one.step.reason is None
        assert after.wake_at == one.step.wake_at
        assert after.wake_at is None or after.wake_at > one.at


@given(calm=st.one_of(SEVERAL_CALMS, DIGEST_CALMS), events=EVENTS, baseline=BASELINES, repeat=REPEATS)
def test_nobody_is_told_in_a_quiet_time(
    calm: Calm, events: list[tuple[int, int | None]], baseline: str, repeat: int | None
) -> None:
    """Neither while it is snoozed nor in quiet hours; no alert before the cooldown after the last notice is over."""
    last: datetime | None = None
    for one in lived(calm, events, baseline=baseline, repeat=repeat).told():
        assert calm.snooze_until is None or one.at >= calm.snooze_until
        assert calm.quiet_hours is None or quiet_until(calm.quiet_hours, now=one.at) is None
        if calm.cooldown_seconds is not None and one.step.kind == "alert" and last is not None:
            assert one.at >= last + timedelta(seconds=calm.cooldown_seconds)
        last = one.at


@given(calm=SEVERAL_CALMS, events=EVENTS, baseline=BASELINES)
def test_an_episode_has_one_alert_and_at_most_one_end(
    calm: Calm, events: list[tuple[int, int | None]], baseline: str
) -> None:
    """Without repeats: alert, silence, perhaps resolved, and only then another alert; its baseline stays."""
    assume(calm.has_episodes)
    open_since: str | None = None
    for one in lived(calm, events, baseline=baseline, repeat=None).happened:
        if one.step.kind == "alert":
            assert open_since is None
            open_since = one.step.baseline_snapshot_id
        elif one.step.kind == "resolved":
            assert open_since == one.step.baseline_snapshot_id
            assert one.outcome == "false"
        if one.step.standing.episode is None:
            open_since = None
        elif one.before.episode is not None:
            assert one.step.standing.episode.baseline_snapshot_id == one.before.episode.baseline_snapshot_id


@given(calm=SEVERAL_CALMS, events=EVENTS, baseline=BASELINES, repeat=REPEATS)
def test_nothing_that_lasts_is_lost(
    calm: Calm, events: list[tuple[int, int | None]], baseline: str, repeat: int | None
) -> None:
    """A week later nothing is held back any more: every episode that is still open was told, or is still pending."""
    found = lived(calm, events, baseline=baseline, repeat=repeat)
    episode = found.standing.episode
    assert found.standing.wake_at is None
    if episode is not None:
        assert episode.notified or episode.consecutive < (calm.pending_for or 1)


@given(calm=SEVERAL_CALMS, events=EVENTS, baseline=BASELINES)
def test_an_alert_needs_its_snapshots_in_a_row(calm: Calm, events: list[tuple[int, int | None]], baseline: str) -> None:
    """At as many snapshots before it as were asked for, the rule was true."""
    judged: list[Outcome] = []
    for one in lived(calm, events, baseline=baseline, repeat=None).happened:
        if not one.woken:
            judged.append(one.outcome)
        if one.step.kind == "alert":
            needed = calm.pending_for or 1
            assert judged[-needed:] == ["true"] * needed


@given(calm=DIGEST_CALMS, events=EVENTS, baseline=BASELINES)
def test_a_digest_comes_for_all_that_was_counted_and_for_nothing_else(
    calm: Calm, events: list[tuple[int, int | None]], baseline: str
) -> None:
    """Each span that counted anything has one digest, at a time of its own or at the end of a quiet time."""
    assert calm.digest is not None
    counted = 0
    for one in lived(calm, events, baseline=baseline, repeat=None).happened:
        assert one.step.kind in (None, "digest")
        if not one.woken:
            counted += one.outcome == "true" and one.step.reason == "digest"
        elif one.step.kind == "digest":
            assert counted
            on_time = next_digest_at(calm.digest, after=one.at - MINUTE) == one.at
            assert on_time or calm.quiet_hours is not None or calm.snooze_until is not None
            counted = 0
    assert counted == 0
