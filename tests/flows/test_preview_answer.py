"""The answer of a preview: its figures and its JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from stillframe.flows.past import Past
from stillframe.flows.preview_answer import DAYS_OF_A_MONTH, NearMiss, Noticed, Preview, Suppressed, months_of
from tests.rules.histories import BEGIN, board
from tests.store.cast import dashboard, user

A, B = (board(place, a=place).record for place in range(2))
PAST = Past(dashboard=dashboard(user()), records=(A, B), until=BEGIN + timedelta(days=DAYS_OF_A_MONTH * 2))


def test_a_rate_is_of_the_whole_period() -> None:
    """From the first snapshot to the end, in months of a year's twelfth."""
    notice = Noticed(at=BEGIN, kind="alert", snapshot_a=A, snapshot_b=B, headline="a rose", reason={})
    assert (months_of(PAST), Preview(past=PAST, notices=[notice] * 3).per_month) == (2, 1.5)
    assert Preview(past=replace(PAST, until=BEGIN)).per_month is None
    assert months_of(replace(PAST, records=())) == 0


def test_the_json_names_both_sides_of_everything() -> None:
    """By id, number and time; what is not there is null, and every count of what was skipped is there."""
    found = Preview(
        past=PAST,
        notices=[Noticed(at=BEGIN, kind="gate", headline="failed", reason={"decision": "fail"})],
        suppressed=[Suppressed(at=BEGIN, snapshot=B, baseline=A, reason="snooze", detail="snoozed until …")],
        near_misses=[NearMiss(share=0.9, snapshot=B, baseline=A, sentence="nearly")],
        passed_over={"late": 2},
        rebased=[B],
        paused_at=BEGIN,
    ).as_dict()
    side = {"id": "s1", "sequence": 2, "timestamp": "2026-03-02T13:00:00.000Z"}
    assert found["notices"][0]["snapshot_b"] is None
    assert found["suppressed"][0]["snapshot_b"] == found["near_misses"][0]["snapshot_b"] == found["rebased"][0] == side
    assert found["near_misses"][0]["at"] == side["timestamp"]
    assert found["skipped"] == {"expired": 0, "empty": 0, "late": 2, "not_adopted": 0}
    assert found["paused_at"] == "2026-03-02T12:00:00.000Z"
