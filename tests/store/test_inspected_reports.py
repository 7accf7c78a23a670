"""The examination of reports and decisions: real damage is named, and what had its time is no damage."""

from __future__ import annotations

import hashlib

import pytest

from stillframe.store import ReportRemoval, Store
from stillframe.store.inspection import inspected
from tests.store.cast import Scene, scene
from tests.store.damage import by_hand, drop_trigger
from tests.store.kept import decision, keep
from tests.store.test_report_cleanup import LATER

IMMUTABLE = hashlib.sha256(b"immutable").hexdigest()


def broken(target: str, check: str) -> list[str]:
    """Return what a check finds broken."""
    return [found.message for found in inspected(target) if found.level == "broken" and found.check == check]


@pytest.fixture
def here(store: Store) -> Scene:
    """Four snapshots with a report each, and a decision."""
    made = scene(store)
    keep(made, 1, b"old")
    keep(made, 2, b"immutable", immutable=True)
    keep(made, 3, b"release", trigger_source="release_gate_post")
    keep(made, 4, b"newest")
    with store.write() as unit:
        unit.gates.add(decision(made))
    return made


def test_what_is_sound_is_found_sound(here: Scene, target: str) -> None:
    """With how much was looked at."""
    said = {found.check: found.message for found in inspected(target) if found.level == "ok"}
    assert said["reports"] == "4 reports are what their hashes say, and none that must be kept is missing"
    assert said["gates"] == "1 decisions of release gates can be read"


def test_a_report_that_had_its_time_is_not_missed(here: Scene, target: str) -> None:
    """Cleanup took it, and nothing that must be kept names it."""
    with here.store.read() as unit:
        old = unit.report_cleanup.with_all_uses(unit.report_cleanup.reports(after=None, most=9))[:1]
        versions = unit.cleanup.standing().versions
    with here.store.write() as unit:
        unit.report_cleanup.remove(ReportRemoval(reports=tuple(old), horizons=LATER, versions=versions))
    assert broken(target, "reports") == []


def test_a_report_that_must_be_kept_is_missed(here: Scene, target: str) -> None:
    """Of what is immutable, of release evidence, of head and last: named with the snapshot that keeps it."""
    by_hand(target, drop_trigger(target, "reports_delete"), "DELETE FROM reports")
    found = broken(target, "reports")
    assert len(found) == 3
    assert any(f"keeps the report {IMMUTABLE}, which is not there" in line for line in found)


def test_a_forged_report_is_found_by_its_hash(here: Scene, target: str) -> None:
    """Another report's bytes in its place can be read, and are not what they should be."""
    forged = "UPDATE reports SET bytes=(SELECT bytes FROM reports WHERE size=3) WHERE size=9"
    by_hand(target, drop_trigger(target, "reports_update"), forged)
    assert broken(target, "reports") == [f"the report {IMMUTABLE} is not what its hash says"]


def test_a_use_that_leads_nowhere_is_found(here: Scene, target: str) -> None:
    """A link to a snapshot that never was would keep a report for ever."""
    by_hand(target, "INSERT INTO report_uses SELECT report,dashboard,99 FROM report_uses WHERE sequence=1")
    found = broken(target, "reports")
    assert len(found) == 1
    assert found[0].startswith("a snapshot that is not there keeps the report ")


def test_an_answer_that_cannot_be_read_is_found(here: Scene, target: str) -> None:
    """A verdict that nobody can read any more is no evidence."""
    empty = "''::bytea" if "://" in target else "x'00'"
    by_hand(target, drop_trigger(target, "gates_update"), f"UPDATE gates SET answer={empty}")
    assert len(broken(target, "gates")) == 1
