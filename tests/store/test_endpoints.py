"""Receivers that fail: since when, until the first success; of those that never fail nothing is kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from stillframe.store import Store
from stillframe.store.connect import open_engine
from tests.store.cast import NOON, scene, statements

DAY = timedelta(days=1)


def test_a_receiver_fails_since_its_first_failure_until_it_takes_something(store: Store) -> None:
    """Failures in between move nothing; a success clears it, and the next failure begins anew."""
    with store.write() as unit:
        note = unit.endpoints.note
        assert note(succeeded={}, failed={"r": NOON}, before=NOON - 5 * DAY) == {}
        assert note(succeeded={}, failed={"r": NOON + DAY}, before=NOON - 4 * DAY) == {}
        assert unit.endpoints.failing_since("r") == NOON
        assert note(succeeded={}, failed={"r": NOON + 5 * DAY}, before=NOON) == {"r": NOON}
        assert note(succeeded={"r": NOON + 6 * DAY}, failed={}, before=NOON + DAY) == {}
        assert unit.endpoints.failing_since("r") is None
        assert note(succeeded={}, failed={"r": NOON + 7 * DAY}, before=NOON + 2 * DAY) == {}
        assert unit.endpoints.failing_since("r") == NOON + 7 * DAY


def test_of_one_batch_the_newer_word_about_a_receiver_counts(store: Store) -> None:
    """One notice failed and the next one arrived, or the other way round."""
    with store.write() as unit:
        unit.endpoints.note(succeeded={"r": NOON + DAY}, failed={"r": NOON}, before=NOON - DAY)
        assert unit.endpoints.failing_since("r") is None
        unit.endpoints.note(succeeded={"r": NOON}, failed={"r": NOON + DAY}, before=NOON - DAY)
        assert unit.endpoints.failing_since("r") == NOON + DAY
        unit.endpoints.note(succeeded={"r": NOON + 3 * DAY}, failed={"r": NOON + 2 * DAY}, before=NOON - DAY)
        assert unit.endpoints.failing_since("r") is None


def test_a_batch_costs_one_statement_and_two_where_something_changed(store: Store) -> None:
    """However many deliveries it holds; five hundred that arrive write nothing."""
    many = {f"r{number}": NOON for number in range(500)}
    with store.write() as unit:
        with statements() as all_well:
            unit.endpoints.note(succeeded=many, failed={}, before=NOON)
        with statements() as all_down:
            unit.endpoints.note(succeeded={}, failed=many, before=NOON - DAY)
        with statements() as still_down:
            found = unit.endpoints.note(succeeded={}, failed=many, before=NOON)
        with statements() as well_again:
            unit.endpoints.note(succeeded=many, failed={}, before=NOON)
    assert [len(found) for found in (all_well, all_down, still_down, well_again)] == [1, 2, 1, 2]
    assert len(found) == 500


def test_no_row_is_kept_of_a_receiver_that_never_failed(store: Store, target: str) -> None:
    """A hundred thousand good receivers cost nothing."""
    with store.write() as unit:
        unit.endpoints.note(succeeded={"good": NOON}, failed={"bad": NOON}, before=NOON)
    engine = open_engine(target)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT receiver FROM endpoints")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [("bad",)]


def test_the_active_webhooks_of_a_receiver_are_found_on_every_dashboard(store: Store) -> None:
    """Those that are paused already, and other receivers, are not among them; a resumed one begins anew."""
    here = scene(store)
    mine = here.subscribe(subscriber_id="a", receiver="r")
    here.subscribe(subscriber_id="b", receiver="other")
    here.subscribe(subscriber_id="c", receiver="r", state="paused")
    with store.write() as unit:
        assert unit.endpoints.subscriptions(["r", "absent"]) == {"r": [mine]}
        unit.endpoints.note(succeeded={}, failed={"r": NOON, "other": NOON}, before=NOON - DAY)
        unit.endpoints.forget_of(mine.id)
        assert (unit.endpoints.failing_since("r"), unit.endpoints.failing_since("other")) == (None, NOON)


def test_only_receivers_that_fail_and_are_still_sent_to_are_kept(store: Store) -> None:
    """What is read with every settled batch stays small, however many receivers came and went."""
    here = scene(store)
    here.subscribe(subscriber_id="a", receiver="failing")
    here.subscribe(subscriber_id="b", receiver="paused", state="paused")
    names = ("failing", "paused", "gone", "well")
    with store.write() as unit:
        unit.endpoints.note(succeeded={}, failed=dict.fromkeys(names, NOON), before=NOON - DAY)
        unit.endpoints.note(succeeded={"well": NOON + DAY}, failed={}, before=NOON - DAY)
        assert unit.endpoints.prune() == 3
        assert unit.endpoints.failing_since("failing") == NOON
        assert unit.endpoints.prune() == 0
