"""Taking reports away: what is listed, what a removal leaves, and that a plan which is no longer true does nothing."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from stillframe.errors import StoreError
from stillframe.store import Moved, ReportRemoval, Store, StoredReport, packed_report
from stillframe.store.types import to_millis
from tests.store.cast import NOON, Scene, dashboard, scene
from tests.store.kept import keep

LATER = {"standard": to_millis(NOON + timedelta(days=400))}


def stored(store: Store) -> list[StoredReport]:
    """Return every report with all of its uses."""
    with store.read() as unit:
        return unit.report_cleanup.with_all_uses(unit.report_cleanup.reports(after=None, most=100))


def remove(here: Scene, reports: list[StoredReport], *, horizons: dict[str, int] = LATER) -> int:
    with here.store.read() as unit:
        versions = unit.cleanup.standing().versions
    return _remove(here, ReportRemoval(reports=tuple(reports), horizons=horizons, versions=versions))


def _remove(here: Scene, removal: ReportRemoval) -> int:
    with here.store.write() as unit:
        return unit.report_cleanup.remove(removal)


def test_a_report_is_listed_with_the_newest_use_of_each_dashboard_or_with_all(store: Store) -> None:
    """A report that never changes has as many uses as there are snapshots; mostly the newest decides."""
    here = scene(store)
    there = Scene(store=store, alice=here.alice, dashboard=dashboard(here.alice, slug="there"))
    with store.write() as unit:
        unit.dashboards.add(there.dashboard)
    for place in (here, here, there, here):
        keep(place, 1, b"same")
    keep(here, 2, b"other", retention_class="release", trigger_source="cli", immutable=True)
    with store.read() as unit:
        newest = unit.report_cleanup.reports(after=None, most=9)
        assert unit.report_cleanup.reports(after=newest[0].number, most=9) == newest[1:]
        assert unit.report_cleanup.reports(after=newest[1].number, most=9) == []
    assert [[use.sequence for use in found.uses] for found in newest] == [[3, 1], [4]]
    same, other = stored(store)
    assert len(same.uses) == 4
    (use,) = other.uses
    assert (use.immutable, use.retention_class, use.trigger_source) == (True, "release", "cli")
    assert other.bytes > 0


def test_a_report_goes_and_the_record_still_says_what_it_was(store: Store) -> None:
    """Its links stay too, so whoever keeps the same bytes again needs no new ones for the old snapshot."""
    here = scene(store)
    record = keep(here, 1, b"old")
    keep(here, 2, b"young")
    sha256 = hashlib.sha256(b"old").hexdigest()
    gone = [found for found in stored(store) if found.uses[0].sequence == 1]
    assert remove(here, gone) == gone[0].bytes
    with store.read() as unit:
        assert unit.reports.get(sha256) is None
        assert unit.reports.standing([sha256]) == set()
        kept = unit.snapshots.record(record.id)
    assert kept is not None
    assert kept.source_bundle == record.source_bundle
    keep(here, 3, b"old")
    with store.read() as unit:
        assert unit.reports.get(sha256) == b"old"
    assert [use.sequence for use in stored(store)[0].uses] == [1, 3]


@pytest.mark.parametrize("change", ["a new use", "a new subscription", "gone already"])
def test_a_plan_that_is_no_longer_true_changes_nothing(store: Store, change: str) -> None:
    """Between looking and writing others may write; then the plan is made again."""
    here = scene(store)
    keep(here, 1, b"old")
    planned = stored(store)
    with store.read() as unit:
        removal = ReportRemoval(reports=tuple(planned), horizons=LATER, versions=unit.cleanup.standing().versions)
    if change == "a new use":
        keep(here, 2, b"old")
    elif change == "a new subscription":
        here.subscribe()
    else:
        remove(here, planned)
    before = stored(store)
    with pytest.raises(Moved):
        _remove(here, removal)
    assert stored(store) == before


@pytest.mark.postgres
def test_a_report_that_is_being_kept_again_is_not_removed_meanwhile(postgres_url: str) -> None:
    """Whoever found it there counts on it, before the link is written."""
    store, other = Store.open(postgres_url, create=True), Store.open(postgres_url, create=False)
    here = scene(store)
    keep(here, 1, b"old")
    planned = stored(store)
    with other.write() as unit:
        unit.reports.keep([packed_report(b"old")])
        with pytest.raises(Moved):
            remove(here, planned)
    assert stored(store) == planned
    assert remove(here, planned) > 0
    other.close()
    store.close()


def test_what_is_too_young_or_immutable_is_refused_by_the_database_itself(store: Store) -> None:
    """A plan that is wrong about age or immutability does not get past the triggers, and nothing of it is done."""
    here = scene(store)
    keep(here, 1, b"free")
    keep(here, 2, b"kept", immutable=True)
    both = stored(store)
    with pytest.raises(StoreError, match="must be kept"):
        remove(here, both)
    for horizons in ({"standard": to_millis(NOON)}, {}, {"brief": LATER["standard"]}):
        with pytest.raises(StoreError, match="must be kept"):
            remove(here, both[:1], horizons=horizons)
    assert stored(store) == both
    assert remove(here, both[:1]) > 0


def test_a_report_that_no_snapshot_names_can_go(store: Store) -> None:
    """There is nobody to ask about its age."""
    here = scene(store)
    with store.write() as unit:
        unit.reports.keep([packed_report(b"orphan")])
    assert remove(here, stored(store), horizons={}) > 0
    assert stored(store) == []
