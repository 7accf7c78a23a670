"""Trends: what each metric was, whole or in few points, two periods side by side, and nothing that is another's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stillframe.errors import InvalidInput, NotFound
from stillframe.flows.projects import change_project
from stillframe.flows.trends import MOST_POINTS, compare_project_periods, history_of, project_trends
from stillframe.model.times import time_text
from tests.flows.room import Room
from tests.flows.scoped import SECRET, score, settle_in, take
from tests.store.cast import expire_payloads


@pytest.fixture(autouse=True)
def _settled(room: Room) -> None:
    settle_in(room)


def test_columns_stand_beside_each_other_oldest_first(room: Room) -> None:
    """A late value stands at the time that it describes; what was not measured then is null."""
    first = score(room, "my-service", 80).record
    score(room, "my-service", 60, critical=1)
    score(room, "my-service", 70, as_of=first.as_of + timedelta(seconds=30))
    found = project_trends(room.services, room.bob, project_name="my-service")
    assert found["metrics"]["health.score"] == [80, 70, 60]
    assert found["metrics"]["sca.critical"] == [0, 0, 1]
    assert found["sequence"] == [1, 3, 2]
    assert {len(column) for column in found["metrics"].values()} == {len(found["as_of"])}
    assert set(found["trend"]) >= {"health.score"}


def test_a_series_outlives_the_payloads(room: Room) -> None:
    """No payload is opened for a trend."""
    for health in (80, 60, 40):
        score(room, "my-service", health)
    expire_payloads(room.settings.store_target)
    found = project_trends(room.services, room.bob, project_name="my-service", metrics=["health.score"])
    assert found["metrics"] == {"health.score": [80, 60, 40]}


def test_a_window_and_a_metric_cut_it(room: Room) -> None:
    """Both ends count; a window without a snapshot is empty and still of something that is kept."""
    taken = [score(room, "my-service", health).record for health in (80, 60, 40)]
    found = project_trends(
        room.services,
        room.bob,
        project_name="my-service",
        metrics=["health.score"],
        since=taken[1].as_of,
        until=taken[2].as_of,
    )
    assert found["metrics"] == {"health.score": [60, 40]}
    later = taken[2].as_of + timedelta(days=1)
    none = project_trends(room.services, room.bob, project_name="my-service", metrics=["health.score"], since=later)
    assert (none["persisted"], none["as_of"]) == (True, [])


@pytest.mark.parametrize("points", [0, -1, MOST_POINTS + 1])
def test_no_number_of_points_that_makes_no_sense(room: Room, points: int) -> None:
    """Refused, and named."""
    with pytest.raises(InvalidInput) as refused:
        project_trends(room.services, room.bob, project_name="my-service", points=points)
    assert [fault.path for fault in refused.value.faults] == ["$.points"]


def test_times_in_the_wrong_order_and_unknown_metrics_are_refused(room: Room) -> None:
    """With the nearest name that there is."""
    now = score(room, "my-service", 80).record.as_of
    with pytest.raises(InvalidInput, match="after"):
        project_trends(room.services, room.bob, project_name="my-service", since=now, until=now - timedelta(seconds=1))
    with pytest.raises(InvalidInput) as refused:
        project_trends(room.services, room.bob, project_name="my-service", metrics=["health.score", "health.scor"])
    assert [(fault.path, "health.score" in fault.message) for fault in refused.value.faults] == [("$.metric[1]", True)]


def test_another_groups_project_is_not_there(room: Room) -> None:
    """Absent and hidden are the same, for trends and for periods."""
    score(room, SECRET, 20)
    now = room.clock()
    for name in (SECRET, "no-such"):
        with pytest.raises(NotFound):
            project_trends(room.services, room.bob, project_name=name)
        with pytest.raises(NotFound):
            compare_project_periods(room.services, room.bob, project_name=name, period=(now, now), baseline=(now, now))


def test_two_periods_are_compared_metric_by_metric(room: Room) -> None:
    """Means, and how far they moved; a period without a snapshot says so."""
    taken = [score(room, "my-service", health).record.as_of for health in (80, 90, 60, 70)]
    found = compare_project_periods(
        room.services, room.bob, project_name="my-service", period=(taken[2], taken[3]), baseline=(taken[0], taken[1])
    )
    assert (found["period"]["snapshots"], found["baseline"]["snapshots"]) == (2, 2)
    assert found["period"]["from"] == time_text(taken[2])
    health = next(metric for metric in found["metrics"] if metric["name"] == "health.score")
    assert (health["baseline"]["mean"], health["period"]["mean"], health["delta"]) == (85, 65, -20)
    assert health["state"] == "regressed"
    with pytest.raises(InvalidInput) as refused:
        compare_project_periods(
            room.services,
            room.bob,
            project_name="my-service",
            period=(taken[0], taken[1]),
            baseline=(taken[3], taken[2]),
        )
    assert [fault.path for fault in refused.value.faults] == ["$.baseline_from"]


def test_a_group_has_no_history_of_what_is_hidden(room: Room) -> None:
    """The chart of an export leaves out every snapshot that the reader does not see whole."""
    score(room, "my-service", 90)
    score(room, "a/b", 50)
    take(room, "group", "team-a")
    change_project(room.services, room.root, name="a/b", group_id="team-b")
    last = take(room, "group", "team-a").record
    with room.services.store.read() as unit:
        group = unit.dashboards.get("group:team-a")
        assert group is not None
        means = [
            history_of(unit, who, group, names=["mean_health"], until=last.as_of).values["mean_health"]
            for who in (room.bob, room.root)
        ]
    assert [list(found) for found in means] == [[90], [70, 90]]
