"""Evaluating a candidate: what it would show, what differs from the adopted state, and a decision that is the same
again."""

from __future__ import annotations

import pytest

from stillframe.flows.gate_evaluation import Candidate, Evaluation, evaluate, gate_document
from stillframe.flows.reading_reports import GivenReport, ReadingOptions, read_reports
from stillframe.flows.release import profile_of
from stillframe.model.canonical import canonical_bytes
from tests.flows import scoped
from tests.flows.gated import bandit, bring, check, profile
from tests.flows.room import Room


@pytest.fixture(autouse=True)
def _teams(room: Room) -> None:
    scoped.settle_in(room)


def evaluated(room: Room, *reports: GivenReport) -> Evaluation:
    with room.services.store.read() as unit:
        dashboard = unit.dashboards.get("project:my-service")
        assert dashboard is not None
        head = unit.heads.get(dashboard.id).head_snapshot_id
        candidate = Candidate(
            dashboard=dashboard,
            profile=profile_of(room.services, profile({"findings": "high", "within": ["audit"], "at_most": 1})),
            read=read_reports(room.services, reports, ReadingOptions()),
        )
        previous = None if head is None else unit.snapshots.get(head)
        return evaluate(room.services, unit, candidate, previous=previous, now=room.clock())


def test_the_gates_own_word_is_not_taken_for_a_change(room: Room) -> None:
    """The candidate is compared with the adopted release summary, and shown with its own."""
    check(room, bandit(high=1), profile="minimal")
    found = evaluated(room, bandit(high=5))
    assert found.verdict.decision == "fail"
    assert found.compared.summaries["release"]["score"] == 100
    assert found.picture.captured.payload.summaries["release"]["score"] == 0
    assert found.diff is not None
    assert found.diff.dimension_states.get("release", "unchanged") == "unchanged"


def test_deciding_alike_twice_is_the_same_evidence(room: Room) -> None:
    """Without times in it, the same decision has the same hash, whenever it is made."""
    bring(room, bandit(high=1))
    documents = []
    for _ in range(2):
        found = evaluated(room, bandit(high=5))
        wanted = profile_of(room.services, profile({"findings": "high", "within": ["audit"], "at_most": 1}))
        documents.append(canonical_bytes(gate_document(found.verdict, wanted)))
        room.clock.move(days=3)
    assert documents[0] == documents[1]


def test_a_failed_candidate_is_not_to_be_adopted(room: Room) -> None:
    """The picture says so itself, whoever stores it."""
    assert evaluated(room, bandit(high=1)).picture.adopted
    assert not evaluated(room, bandit(high=2)).picture.adopted


def test_without_reports_the_adopted_state_is_the_candidate(room: Room) -> None:
    """Its findings are found where they were, and nothing differs."""
    bring(room, bandit(high=2))
    found = evaluated(room)
    assert found.verdict.decision == "fail"
    assert found.diff is not None
    assert found.diff.is_empty
    assert {told["location"] for told in found.verdict.checks[0].witnesses} == {"src/app.py:10", "src/app.py:11"}
