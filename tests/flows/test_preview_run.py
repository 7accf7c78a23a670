"""Going through a past: time passes as it did, and what happened beside the judging is noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from stillframe.flows.history import accept_snapshot
from stillframe.flows.past import Period, past_of
from stillframe.flows.preview_run import Course, Stage, run
from stillframe.model.calm import NO_CALM, Calm, Digest
from stillframe.model.dashboard import Dashboard
from stillframe.rules import parse_rule
from stillframe.rules.rehearsal import Part, Scene
from stillframe.rules.telling import Standing
from tests.flows.room import ANY, Room, request


def scenes(room: Room, board: Dashboard, course: Course, *, calm: Calm = NO_CALM) -> list[Scene]:
    """Go through the whole past of a dashboard with a rule that any change meets."""
    with room.services.store.read() as unit:
        past = past_of(unit, board, Period(), now=room.clock())
    stage = Stage(services=room.services, caller=room.alice, past=past, top_n=10)
    return list(run(stage, [Part(rule=parse_rule(ANY), standing=Standing(calm=calm))], course))


def test_what_is_passed_over_is_counted_and_compared_with_nothing(room: Room) -> None:
    """The next good snapshot follows the last good one."""
    board = room.board()
    taken = [room.take(board, a=1).record]
    room.take(board)
    room.take_as(room.alice, board, replace(request(a=8), as_of=taken[0].as_of - timedelta(hours=1)))
    taken.append(room.take(board, a=2).record)
    course = Course()
    (scene,) = scenes(room, board, course)
    assert course.passed_over == {"empty": 1, "late": 1}
    assert (scene.earlier.record.id, scene.later.record.id, course.compared) == (taken[0].id, taken[1].id, 1)


def test_an_empty_capture_that_was_accepted_is_what_the_next_is_compared_with(room: Room) -> None:
    """From the moment of its acceptance on, as it was live."""
    board = room.board()
    room.take(board, a=1)
    empty = room.take(board).record
    accept_snapshot(room.services, room.alice, snapshot_id=empty.id)
    last = room.take(board, a=2).record
    (scene,) = scenes(room, board, Course())
    assert (scene.earlier.record.id, scene.later.record.id) == (empty.id, last.id)


def test_time_passes_up_to_the_end_of_the_period(room: Room) -> None:
    """A digest that fell due after the last snapshot was told, and one that is due tomorrow was not."""
    board = room.board()
    room.take(board, a=1)
    room.take(board, a=2)
    calm = Calm(digest=Digest(every="daily"))
    assert [scene.step.kind for scene in scenes(room, board, Course(), calm=calm)] == [None]
    room.clock.move(days=1)
    assert [scene.step.kind for scene in scenes(room, board, Course(), calm=calm)] == [None, "digest"]
