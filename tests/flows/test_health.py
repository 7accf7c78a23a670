"""Health as it is known now: the card, which frame says so, and how fresh each part is."""

from __future__ import annotations

import pytest

from stillframe.errors import CaptureRefused, NotFound
from stillframe.flows.health import project_health
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, bring, coverage, report
from tests.flows.room import Room


@pytest.fixture(autouse=True)
def _teams(room: Room) -> None:
    scoped.settle_in(room)


def card(room: Room) -> dict[str, object]:
    return project_health(room.services, room.bob, project_name=PROJECT)


def test_before_the_first_frame_everything_is_missing(room: Room) -> None:
    """Nobody has looked: no score, no grade, no snapshot, and no made-up zero."""
    found = card(room)
    assert (found["persisted"], found["snapshot"], found["health_score"], found["grade"]) == (False, None, None, "N/A")
    assert set(found["freshness"].values()) == {"missing"}  # type: ignore[attr-defined]  # because the card is JSON


def test_the_card_names_the_reports_that_each_part_rests_on(room: Room) -> None:
    """Whoever doubts a figure finds the file that it came from, by its hash."""
    taken = bring(room, bandit(high=1), coverage(80)).taken.record
    found = card(room)
    lines = {line["part"]: line for line in found["score_breakdown"]}  # type: ignore[attr-defined]  # because the card is JSON
    hashes = {entry["name"]: entry["sha256"] for entry in taken.source_bundle}
    assert lines["audit"]["source"] == [{"report": "bandit.json", "sha256": hashes["bandit.json"]}]
    assert (lines["sca"]["value"], lines["sca"]["reason"]) == (None, "sca_summary_missing")
    assert found["snapshot"]["id"] == taken.id  # type: ignore[index]  # because the card is JSON


def test_evidence_grows_stale_and_a_failed_attempt_is_said(room: Room) -> None:
    """Freshness is a state of its own: the score stays what it was."""
    bring(room, bandit(high=1))
    score = card(room)["provisional_score"]
    assert card(room)["freshness"]["audit"] == "current"  # type: ignore[index]  # because the card is JSON
    room.clock.move(days=31)
    assert card(room)["freshness"]["audit"] == "stale"  # type: ignore[index]  # because the card is JSON
    with pytest.raises(CaptureRefused):
        bring(room, report("empty.json", b""))
    found = card(room)
    assert found["freshness"]["audit"] == "failed"  # type: ignore[index]  # because the card is JSON
    assert found["provisional_score"] == score


def test_a_capture_that_runs_is_said_to_be_updating(room: Room) -> None:
    """Whoever looks meanwhile knows that a newer picture is on its way."""
    with room.services.turns.of(f"project:{PROJECT}"):
        assert set(card(room)["freshness"].values()) == {"updating"}  # type: ignore[attr-defined]  # because the card is JSON


def test_a_project_that_is_not_yours_has_no_health(room: Room) -> None:
    """Absent and invisible answer alike."""
    for who, name in ((room.charlie, PROJECT), (room.bob, "nothing-here")):
        with pytest.raises(NotFound) as refusal:
            project_health(room.services, who, project_name=name)
        assert refusal.value.message == "there is no project here that you can see"
