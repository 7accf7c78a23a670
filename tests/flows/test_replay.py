"""Replay: stored evidence read again gives the same picture to the last digit, whatever is configured now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillframe.capture import captured_from
from stillframe.errors import Gone, InvalidInput, NotFound
from stillframe.flows.cleanup import cleanup
from stillframe.flows.doctor import examine
from stillframe.flows.reading_reports import ReadingOptions, read_reports
from stillframe.flows.replay import replay_snapshot
from stillframe.flows.reports import scored_picture
from stillframe.flows.storing import Draft, SnapshotRequest, store
from stillframe.health import Formula, project_payload
from stillframe.model.facts import Part
from stillframe.wiring import installation
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, bring, check, coverage, pip_audit
from tests.flows.gated import report as report_file
from tests.flows.room import Room

ODD_WEIGHTS: dict[Part, float] = {"audit": 0.5, "compliance": 0.1, "release": 0.2, "sca": 0.1, "quality": 0.1}


@pytest.fixture(autouse=True)
def _teams(room: Room) -> None:
    scoped.settle_in(room)


def test_a_stored_bundle_gives_the_same_score_to_the_last_digit(room: Room) -> None:
    """The hash of the replayed picture is the stored one: nothing is rounded away."""
    taken = bring(room, bandit(high=1, medium=2, loc=737), coverage(61, of=97), pip_audit("CVE-2026-0001"))
    found = replay_snapshot(room.services, room.bob, snapshot_id=taken.taken.record.id)
    assert found["identical"]
    assert found["replayed_hash"] == found["content_hash"] == taken.taken.record.content_hash
    assert (found["readers_changed"], found["differences"]) == ([], None)


def test_a_replay_goes_by_the_stored_formula_and_not_by_todays(room: Room) -> None:
    """Weights that were changed since change no old score."""
    taken = bring(room, bandit(high=1), coverage(80)).taken.record
    services = replace(room.services, formula=lambda readers: Formula(weights=ODD_WEIGHTS, readers=readers))
    assert replay_snapshot(services, room.bob, snapshot_id=taken.id)["identical"]
    room.services = services
    later = bring(room, bandit(high=1), coverage(80)).taken.record
    assert later.formula_digest != taken.formula_digest
    assert later.content_hash != taken.content_hash


def test_a_candidate_is_replayed_with_the_gates_decision(room: Room) -> None:
    """Also one that failed: its release score comes from the stored decision."""
    for high in (1, 9):
        answer = check(room, bandit(high=high)).document
        assert replay_snapshot(room.services, room.bob, snapshot_id=answer["post_snapshot_id"])["identical"]


def test_paths_and_size_that_somebody_said_are_part_of_the_evidence(room: Room) -> None:
    """What was said beside the reports is stored with them, so that a replay needs nothing else."""
    line = [{"code": "F401", "filename": "/ci/job-7/src/app.py", "location": {"row": 3, "column": 1},
             "end_location": {"row": 3, "column": 9}, "message": "unused", "noqa_row": 3, "url": None, "fix": None,
             "cell": None}]  # fmt: skip
    options = ReadingOptions(kloc=0.5, root="/ci/job-7")
    taken = bring(room, report_file("ruff.json", line), options=options).taken.record
    assert replay_snapshot(room.services, room.bob, snapshot_id=taken.id)["identical"]


def test_a_summary_is_replayed_too(room: Room) -> None:
    """Its scores are taken as they were brought, then as now."""
    taken = scoped.score(room, PROJECT, 71, critical=1).record
    assert replay_snapshot(room.services, room.bob, snapshot_id=taken.id)["identical"]


def test_what_was_not_made_from_reports_cannot_be_replayed(room: Room) -> None:
    """A group's picture and a live board say so; what Charlie may not see is not there for him."""
    group = scoped.take(room, "group", "team-a").record
    live = room.take(room.board(), h=1).record
    for record, who in ((group, room.bob), (live, room.alice)):
        with pytest.raises(InvalidInput, match="replayed"):
            replay_snapshot(room.services, who, snapshot_id=record.id)
    project = bring(room, bandit(high=1)).taken.record
    with pytest.raises(NotFound):
        replay_snapshot(room.services, room.charlie, snapshot_id=project.id)


def test_a_report_that_has_had_its_time_is_said_to_be_gone(room: Room) -> None:
    """The record still names its hash; nothing is made up in its place."""
    old = bring(room, bandit(high=1)).taken.record
    for days in (100, 1, 1):
        room.clock.move(days=days)
        bring(room, bandit(high=2))
    cleanup(room.services, room.root)
    with pytest.raises(Gone):
        replay_snapshot(room.services, room.bob, snapshot_id=old.id)


def test_a_picture_that_its_evidence_does_not_give_is_found_out(room: Room) -> None:
    """The proof can fail: replay says what differs, and the doctor calls it broken."""
    read = read_reports(room.services, [bandit(high=1)], ReadingOptions())
    with room.services.store.read() as unit:
        dashboard = unit.dashboards.get(f"project:{PROJECT}")
    assert dashboard is not None
    other = replace(scored_picture(dashboard, read)[0], captured=captured_from(project_payload({})))
    draft = Draft(
        dashboard=dashboard, picture=lambda unit, previous: other, top_n=None, caller=room.root,
        request=SnapshotRequest(), snapshot_id=room.services.new_id(),
    )  # fmt: skip
    record = store(room.services, draft).record
    found = replay_snapshot(room.services, room.bob, snapshot_id=record.id)
    assert not found["identical"]
    assert "audit.high" in {delta["name"] for delta in found["differences"]["metric_deltas"]}
    [said] = [item for item in examine(installation(room.settings)).items if item.level == "broken"]
    assert (said.check, record.id in said.message) == ("replay", True)
