"""Answers of gates: what a pipeline reads, with the evidence's ids, the change, and links."""

from __future__ import annotations

import pytest

from stillframe.flows.gate_answers import gate_record
from tests.flows import scoped
from tests.flows.gated import bandit, bring, check, coverage
from tests.flows.room import Room


@pytest.fixture(autouse=True)
def _teams(room: Room) -> None:
    scoped.settle_in(room)


def test_an_answer_says_what_changed_and_by_what_it_was_made(room: Room) -> None:
    """Findings added and resolved with previews, the health before and after, tools that differ."""
    bring(room, bandit(high=3), coverage(80))
    answer = check(room, bandit(high=1)).document
    assert answer["findings"]["resolved"]["total"] == 2
    assert answer["findings"]["added"] == {"total": 0, "previews": []}
    assert answer["dimension_states"]["audit"] == "improved"
    assert answer["comparability"]["level"] == "partial"
    assert "coverage.py: no report in the later one" in answer["comparability"]["reasons"]
    assert answer["health"]["before"]["grade"] == "N/A"
    assert [entry["name"] for entry in answer["reports"]] == ["reading", "bandit.json", "release gate"]
    assert answer["links"]["decision"].endswith(f"/api/v1/release/history/{answer['id']}")


def test_a_line_of_history_says_the_same_as_the_answer_that_it_holds(room: Room) -> None:
    """Lists and the whole answer cannot contradict each other."""
    answer = check(room, bandit(high=1), source_ref="4be1f0a").document
    with room.services.store.read() as unit:
        dashboard = unit.dashboards.get("project:my-service")
        stored = unit.gates.get(answer["id"])
    assert dashboard is not None
    record = gate_record(answer, dashboard)
    assert stored == record
    line = record.as_dict()
    assert {name: line[name] for name in ("id", "decision", "source_ref", "adopted", "post_snapshot_id")} == {
        name: answer[name] for name in ("id", "decision", "source_ref", "adopted", "post_snapshot_id")
    }
