"""Release gates: a refused candidate changes nothing, what is decided is kept, what passes is adopted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from stillframe.errors import CaptureRefused, Forbidden, InvalidInput, NotFound
from stillframe.flows.evidence import Wanted, list_snapshots
from stillframe.flows.health import project_health
from stillframe.flows.release import get_decision, list_profiles, release_history
from stillframe.flows.replay import replay_snapshot
from stillframe.flows.services import GateSettings
from stillframe.flows.trends import project_trends
from stillframe.model.snapshot import SnapshotRecord
from stillframe.rules.profiles import parse_profile
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, bring, check, coverage, pip_audit, profile, report, statuses
from tests.flows.room import Room

NOT_WORSE = profile({"forbid": {"dimension_state": "regressed", "on_dimension": "audit"}})
DASHBOARD = f"project:{PROJECT}"


@pytest.fixture(autouse=True)
def _teams(room: Room) -> None:
    scoped.settle_in(room)


def record(room: Room, snapshot_id: str | None) -> SnapshotRecord:
    assert snapshot_id is not None
    with room.services.store.read() as unit:
        found = unit.snapshots.record(snapshot_id)
    assert found is not None
    return found


def head(room: Room) -> str | None:
    with room.services.store.read() as unit:
        return unit.heads.get(DASHBOARD).head_snapshot_id


def gate_of(room: Room, **said: object) -> Room:
    room.services = replace(room.services, gate=GateSettings(**said))  # type: ignore[arg-type]  # because tests name any setting
    return room


def test_a_candidate_that_passes_becomes_the_projects_state(room: Room) -> None:
    """What head, trends and the next gate see is the candidate, with the decision in it."""
    bring(room, bandit(high=1))
    answer = check(room, bandit(high=1), source_ref="4be1f0a").document
    assert (answer["decision"], answer["adopted"]) == ("pass", True)
    post = record(room, answer["post_snapshot_id"])
    assert head(room) == post.id == answer["state_snapshot_id"]
    assert (post.trigger_source, post.source_ref, post.immutable, post.retention_class, post.adopted) == (
        "release_gate_post", "4be1f0a", True, "release", True,
    )  # fmt: skip
    assert project_health(room.services, room.bob, project_name=PROJECT)["snapshot"]["id"] == post.id


def test_the_state_before_the_candidate_is_kept(room: Room) -> None:
    """The evidence of a release shows both sides of it."""
    taken = bring(room, bandit(high=1)).taken.record
    answer = check(room, bandit(high=2), source_ref="4be1f0a").document
    pre = record(room, answer["pre_snapshot_id"])
    assert pre.content_hash == taken.content_hash
    assert (pre.trigger_source, pre.source_ref, pre.immutable, pre.retention_class) == (
        "release_gate_pre", "4be1f0a", True, "release",
    )  # fmt: skip
    assert answer["baseline_snapshot_id"] == pre.id
    assert answer["snapshot_errors"] == []


def test_a_failing_gate_run_twice_fails_twice(room: Room) -> None:
    """A refused candidate never becomes what it is compared with, so trying again does not help."""
    bring(room, bandit(high=1))
    answers = [check(room, bandit(high=3), profile=NOT_WORSE).document for _ in range(3)]
    assert [found["decision"] for found in answers] == ["fail"] * 3
    assert len({found["checks"][0]["message"] for found in answers}) == 1


def test_an_unchanged_candidate_passes_what_forbids_getting_worse(room: Room) -> None:
    """Silence is good news here, also right after a gate that passed: its own word is no change."""
    bring(room, bandit(high=3))
    for _ in range(2):
        answer = check(room, bandit(high=3, below=7), profile=NOT_WORSE).document
        assert answer["decision"] == "pass"
        assert answer["snapshot_diff"]["is_empty"]


def test_a_refused_candidate_is_seen_by_nobody_but_as_evidence(room: Room) -> None:
    """State, trends, subscriptions and the next frame are as if it had never been; it is listed as not adopted."""
    board = DASHBOARD
    bring(room, bandit(high=1))
    dashboard = scoped_dashboard(room)
    room.subscribe(dashboard, "bob", {"any_change": True}, caller=room.bob)
    before = (head(room), trend(room))
    answer = check(room, bandit(high=9)).document
    assert answer["decision"] == "fail"
    assert (trend(room), answer["adopted"]) == (before[1] + before[1][-1:], False)
    post = record(room, answer["post_snapshot_id"])
    assert (post.adopted, head(room)) == (False, answer["pre_snapshot_id"])
    listed = list_snapshots(room.services, room.bob, wanted=Wanted(dashboard_id=board)).items
    assert [found["adopted"] for found in listed] == [False, True, True]
    with room.services.store.read() as unit:
        assert unit.notifications.list(room.bob.user_id, unread_only=False, limit=10).items == []
    after = bring(room, bandit(high=1))
    assert after.taken.diff_summary is not None
    assert after.taken.diff_summary["headline"] == "Nothing changed"


def test_without_an_adopted_state_nothing_is_compared(room: Room) -> None:
    """The first candidate has nothing to be worse than: no diff, nothing kept of before, and the check is skipped."""
    answer = check(room, bandit(high=1), profile=NOT_WORSE)
    document = answer.document
    assert statuses(answer) == {"check-0": "skipped"}
    assert (document["pre_snapshot_id"], document["snapshot_diff"], document["comparability"]) == (None, None, None)
    assert document["evidence_incomplete"]


def test_a_gate_without_evidence_fails_where_the_profile_says_so(room: Room) -> None:
    """Nobody looked is not nothing found."""
    assert check(room, profile="standard").decision == "fail"
    document = check(room, profile="minimal").document
    assert (document["decision"], document["evidence_incomplete"]) == ("pass", True)


def test_without_reports_the_candidate_is_the_state_as_it_is_known(room: Room) -> None:
    """What was brought last night can be put before a gate today, and it is scored again with the decision."""
    bring(room, bandit(high=1), coverage(90))
    answer = check(room).document
    assert (answer["decision"], answer["adopted"]) == ("pass", True)
    assert answer["snapshot_diff"]["is_empty"]
    card = project_health(room.services, room.bob, project_name=PROJECT)
    assert {line["part"]: line["value"] for line in card["score_breakdown"]}["release"] == 1


def test_a_project_that_brings_its_own_scores_can_be_put_before_a_gate(room: Room) -> None:
    """Its summary stays as it was brought, and the release takes its place beside it."""
    none = profile({"findings": "critical", "within": ["sca"], "at_most": 0})
    scoped.score(room, PROJECT, 78, critical=1)
    assert check(room, profile=none).decision == "fail"
    scoped.score(room, PROJECT, 78)
    answer = check(room, profile=none).document
    assert (answer["decision"], answer["health"]["after"]["health_score"]) == ("pass", 78)
    assert replay_snapshot(room.services, room.bob, snapshot_id=answer["post_snapshot_id"])["identical"]


def test_the_release_stays_in_the_picture_until_another_gate_decides(room: Room) -> None:
    """Nightly reports say nothing of releases, and their frame keeps what the last gate said."""
    check(room, bandit(high=1))
    taken = bring(room, bandit(high=1))
    assert [entry["format"] for entry in taken.taken.record.source_bundle][-1] == "stillframe.gate/1"
    assert taken.health["reason_codes"] == [
        code for code in taken.health["reason_codes"] if code != "release_gate_missing"
    ]


@pytest.mark.parametrize(("pre", "post"), [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize("high", [1, 9])
def test_snapshots_are_kept_as_configured_and_the_decision_always(room: Room, pre: bool, post: bool, high: int) -> None:
    """What is not kept is null in the answer; a candidate that passes is adopted all the same."""
    bring(room, bandit(high=1))
    gate_of(room, pre_enabled=pre, post_enabled=post)
    answer = check(room, bandit(high=high)).document
    passes = high == 1
    assert ((answer["pre_snapshot_id"] is not None), (answer["post_snapshot_id"] is not None)) == (pre, post)
    assert (answer["decision"], answer["adopted"]) == ("pass" if passes else "fail", passes)
    assert head(room) == answer["state_snapshot_id"]
    assert answer["snapshot_diff"] is not None
    if passes and not post:
        state = record(room, answer["state_snapshot_id"])
        assert (state.trigger_source, state.immutable, state.retention_class) == ("api", False, "standard")
    assert get_decision(room.services, room.bob, decision_id=answer["id"]) == answer


def test_what_cannot_be_kept_is_said_and_does_not_flip_the_decision(room: Room) -> None:
    """A gate that cannot write its evidence has still decided; the candidate is not adopted, for it is not there."""
    bring(room, bandit(high=1))
    gate_of(room, retention_class="unheard-of")
    answer = check(room, bandit(high=1)).document
    assert (answer["decision"], answer["adopted"]) == ("pass", False)
    assert (answer["pre_snapshot_id"], answer["post_snapshot_id"]) == (None, None)
    assert [error["snapshot"] for error in answer["snapshot_errors"]] == ["pre", "post"]
    assert all("unheard-of" in error["message"] for error in answer["snapshot_errors"])


def test_a_verdict_read_back_a_year_later_is_the_same(room: Room) -> None:
    """History is frozen: neither time nor another profile of the same name changes what was decided then."""
    answer = check(room, bandit(high=1), profile=profile({"findings": "high", "at_most": 1})).document
    check(room, bandit(high=1), profile=profile({"findings": "high", "at_most": 0}))
    room.clock.move(days=365)
    assert get_decision(room.services, room.bob, decision_id=answer["id"]) == answer
    page = release_history(room.services, room.bob, project_name=PROJECT, limit=10)
    assert [(found.decision, found.profile) for found in page.items] == [("fail", "ours"), ("pass", "ours")]
    assert len({found.profile_digest for found in page.items}) == 2


def test_reports_that_cannot_be_read_decide_nothing(room: Room) -> None:
    """Nothing is taken in half: no decision, no frame, and the attempt is listed."""
    bring(room, bandit(high=1))
    state = head(room)
    with pytest.raises(CaptureRefused, match=r"broken\.json"):
        check(room, bandit(high=1), report("broken.json", b'{"results": ['))
    assert head(room) == state
    assert release_history(room.services, room.bob, project_name=PROJECT, limit=10).items == []
    with room.services.store.read() as unit:
        assert unit.attempts.list(DASHBOARD, limit=10).items[0].faults[0]["path"].startswith("broken.json")


def test_reports_that_contradict_each_other_decide_nothing(room: Room) -> None:
    """Two tools, two answers: nobody may choose the better one."""
    other = report("second.json", coverage(60).read())
    with pytest.raises(CaptureRefused, match=r"coverage\.json.*second\.json|second\.json.*coverage\.json"):
        check(room, coverage(80), other)
    assert release_history(room.services, room.bob, project_name=PROJECT, limit=10).items == []


def test_an_unknown_profile_names_the_nearest(room: Room) -> None:
    """A slip of the pen is not a gate."""
    with pytest.raises(InvalidInput, match="standard"):
        check(room, bandit(high=1), profile="standart")
    with pytest.raises(InvalidInput) as refusal:
        check(room, bandit(high=1), profile={"name": "ours", "check": []})
    assert refusal.value.faults[0].path.startswith("$.profile")
    assert [found.name for found in list_profiles(room.services)] == ["gost-56939", "standard", "minimal"]


def test_who_may_not_capture_may_not_release(room: Room) -> None:
    """Bob reads, Charlie sees nothing: not the project, not a decision about it."""
    answer = check(room, bandit(high=1)).document
    with pytest.raises(Forbidden):
        check(room, bandit(high=1), who=room.bob)
    with pytest.raises(NotFound) as absent:
        get_decision(room.services, room.charlie, decision_id="01a21729-0000-7000-8000-000000000000")
    with pytest.raises(NotFound) as hidden:
        get_decision(room.services, room.charlie, decision_id=answer["id"])
    assert hidden.value.message == absent.value.message
    with pytest.raises(NotFound):
        check(room, bandit(high=1), who=room.charlie)
    assert release_history(room.services, room.charlie, project_name=None, limit=10).items == []
    assert len(release_history(room.services, room.bob, project_name=None, limit=10).items) == 1


def trend(room: Room) -> list[float | None]:
    """Return a measure's values over time."""
    found = project_trends(
        room.services, room.bob, project_name=PROJECT, metrics=["audit.high"], since=None, until=None, points=None
    )
    values: list[float | None] = found["metrics"]["audit.high"]
    return values


def scoped_dashboard(room: Room):  # because the type is the flow's
    """Return the project's dashboard."""
    with room.services.store.read() as unit:
        found = unit.dashboards.get(DASHBOARD)
    assert found is not None
    return found


def test_a_dry_run_decides_and_keeps_nothing(room: Room) -> None:
    """A merge request may ask how it would go: no decision, no frame, no new state, and nobody is told."""
    bring(room, bandit(high=1))
    dashboard = scoped_dashboard(room)
    room.subscribe(dashboard, "bob", None, on={"gate": ["pass", "fail"]}, caller=room.bob)
    state = head(room)
    for high, decision in ((1, "pass"), (9, "fail")):
        answer = check(room, bandit(high=high), dry_run=True)
        document = answer.document
        assert (document["decision"], document["dry_run"], document["adopted"]) == (decision, True, False)
        ids = ("id", "pre_snapshot_id", "post_snapshot_id")
        assert [document[name] for name in ids] == [None, None, None]
        assert (document["state_snapshot_id"], answer.dispatch.matched) == (state, 0)
        assert document["snapshot_diff"] is not None
    assert head(room) == state
    assert release_history(room.services, room.bob, project_name=PROJECT, limit=10).items == []
    real = check(room, bandit(high=9)).document
    assert [found["message"] for found in real["checks"]] == [found["message"] for found in document["checks"]]


def test_leaving_a_scanner_out_is_no_way_past_the_gate(room: Room) -> None:
    """The candidate that brings no report of dependencies is not known to be no worse."""
    not_worse = profile({"forbid": {"dimension_state": "regressed", "on_dimension": "sca"}, "on_missing": "fail"})
    bring(room, bandit(high=1), pip_audit())
    assert check(room, bandit(high=1), pip_audit(), profile=not_worse).decision == "pass"
    answer = check(room, bandit(high=1), coverage(80), profile=not_worse)
    assert answer.decision == "fail"
    assert "does not say sca.score" in answer.document["checks"][0]["message"]


def test_a_profile_that_comes_along_may_not_bear_a_name_that_is_taken(room: Room) -> None:
    """History names profiles: a lax one must not look like the operator's own."""
    own = parse_profile(profile({"findings": "low", "at_most": 0}, name="payments"), source="payments.toml")
    room.services = replace(room.services, profiles={**room.services.profiles, "payments": own})
    with pytest.raises(InvalidInput, match=r"\$\.profile\.name"):
        check(room, bandit(high=1), profile=profile({"findings": "critical", "at_most": 9}, name="payments"))
    assert check(room, bandit(low=1), profile=dict(own.document)).decision == "fail"


def test_a_dry_run_with_a_broken_report_alarms_nobody(room: Room) -> None:
    """A merge request that breaks a report is not the project's failed capture."""
    bring(room, bandit(high=1))
    with pytest.raises(CaptureRefused):
        check(room, report("broken.json", b'{"results": ['), dry_run=True)
    assert project_health(room.services, room.bob, project_name=PROJECT)["freshness"]["audit"] == "current"
    with room.services.store.read() as unit:
        assert unit.attempts.list(DASHBOARD, limit=5).items == []


def test_a_refused_candidate_makes_old_evidence_no_newer(room: Room) -> None:
    """What is kept of before describes what it described; what fails to be read stays failed until it is mended."""
    taken = bring(room, bandit(high=1)).taken.record
    room.clock.move(days=40)
    answer = check(room, bandit(high=9)).document
    assert record(room, answer["pre_snapshot_id"]).as_of == taken.as_of
    card = project_health(room.services, room.bob, project_name=PROJECT)
    assert card["freshness"]["audit"] == "stale"
    late = bring(room, bandit(high=2), as_of=room.clock() - timedelta(days=20))
    assert not late.taken.record.late
    scoped.take(room, "project", PROJECT)
    assert project_health(room.services, room.bob, project_name=PROJECT)["freshness"]["audit"] == "current"
    room.clock.move(days=15)
    scoped.take(room, "project", PROJECT)
    assert project_health(room.services, room.bob, project_name=PROJECT)["freshness"]["audit"] == "stale"


def test_one_of_two_scanners_that_is_left_out_is_noticed(room: Room) -> None:
    """The bundle of the adopted state says which tools there were."""
    semgrep = report("semgrep.json", {"version": "1.0", "results": [], "errors": [], "paths": {"scanned": ["a.py"]}})
    bring(room, bandit(high=2), semgrep)
    answer = check(room, bandit(high=1), profile=NOT_WORSE)
    assert statuses(answer) == {"check-0": "skipped"}
    assert "semgrep" in answer.document["checks"][0]["message"]
