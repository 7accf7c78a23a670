"""Answers: what the store says beyond the nouns of the model, without ever showing a secret."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from stillframe.store import Claimed, Page, PersonaMatch, Promised, Replay, answers
from tests.store.cast import NOON

ANSWERS = [found for found in vars(answers).values() if inspect.isclass(found) and dataclasses.is_dataclass(found)]

CLAIMED = Claimed(
    delivery_id="s_w",
    lease_token=1,
    attempt=1,
    subscription_id="w",
    dashboard_id="d",
    snapshot_id="s",
    baseline_snapshot_id="b",
    rule_id=1,
    receiver="r",
    sealed_address=b"sealed address",
    sealed_secret=b"sealed secret",
    created_at=NOON,
)
TOLD = PersonaMatch(
    delivery_id="s_p", subscription_id="p", slug="ops", owner_id="a", rule_id=1, baseline_snapshot_id="b"
)


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
def test_an_answer_is_a_frozen_value(kind: type) -> None:
    """What was read cannot be changed on the way to whoever asked, and nothing can be hung onto it."""
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # because dataclass adds it
    assert "__slots__" in vars(kind)
    assert all(field.kw_only for field in dataclasses.fields(kind))


def test_what_is_sealed_or_was_answered_is_not_shown() -> None:
    """A claim or a replayed answer in a log line gives nothing away."""
    shown = repr(CLAIMED) + repr(Replay(status=201, answer=b"sealed answer"))
    assert "sealed" not in shown
    assert "s_w" in shown


def test_everybody_matched_is_in_one_of_the_counts() -> None:
    """Told now, later, by mail, in person or not again: together these are all whose rule was true."""
    promised = Promised(claimed=(CLAIMED,), personas=(TOLD, TOLD), queued=4, deferred=8, suppressed=16)
    assert promised.matched == 1 + 2 + 4 + 8 + 16
    assert Promised().matched == 0


def test_a_page_is_its_items_and_the_way_on() -> None:
    """Unpacked in one line wherever a list is read."""
    items, cursor = Page([1, 2], "2")
    assert (items, cursor) == ([1, 2], "2")
