"""Replay: stored evidence read again gives the same picture to the last digit, whatever is configured now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillframe.errors import Gone, InvalidInput, NotFound
from stillframe.flows.replay import replay_snapshot
from stillframe.health import Formula
from stillframe.model.facts import Part
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
    from stillframe.flows.reports import ReadingOptions

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
    from stillframe.flows.cleanup import cleanup

    old = bring(room, bandit(high=1)).taken.record
    for days in (100, 1, 1):
        room.clock.move(days=days)
        bring(room, bandit(high=2))
    cleanup(room.services, room.root)
    with pytest.raises(Gone):
        replay_snapshot(room.services, room.bob, snapshot_id=old.id)
