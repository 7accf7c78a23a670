"""When a failed delivery is tried again: the table, the jitter, Retry-After, and the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.delivery import Failed, Letter, Outcome, Result, Sent
from stillframe.rules.retry import LONGEST_RETRY_AFTER_SECONDS, RETRY_DELAYS_SECONDS, after_try

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def outcome(result: Result, *, attempt: int = 1) -> Outcome:
    letter = Letter(
        delivery_id="d-1", lease_token=1, attempt=attempt, receiver="r", address="https://x", secrets=(), body=b"{}"
    )
    return Outcome(letter=letter, result=result, started_at=NOW, finished_at=NOW)


def test_a_letter_that_was_taken_is_done() -> None:
    """Sent is an end."""
    step = after_try(outcome(Sent(status=204)), jitter=0.5)
    assert (step.ending, step.due_at) == ("sent", None)


@pytest.mark.parametrize("attempt", range(1, len(RETRY_DELAYS_SECONDS)))
def test_each_failure_waits_as_long_as_the_table_says(attempt: int) -> None:
    """Without jitter the wait before try n + 1 is the table's."""
    step = after_try(outcome(Failed(detail="no route"), attempt=attempt), jitter=0)
    assert step.due_at == NOW + timedelta(seconds=RETRY_DELAYS_SECONDS[attempt])


def test_the_last_failure_gives_up() -> None:
    """Thirteen tries, about five days, then no more."""
    assert len(RETRY_DELAYS_SECONDS) == 13
    assert 4.5 * 86_400 < sum(RETRY_DELAYS_SECONDS) < 5.5 * 86_400
    step = after_try(outcome(Failed(detail="no route"), attempt=13), jitter=0)
    assert (step.ending, step.due_at) == ("gave_up", None)
    assert "13 tries" in step.reason


def test_a_permanent_failure_gives_up_at_once() -> None:
    """An address that is refused today is refused tomorrow."""
    assert after_try(outcome(Failed(detail="not allowed", permanent=True)), jitter=0).ending == "gave_up"


def test_a_webhook_that_is_gone_is_another_end_than_a_notice_that_is_given_up() -> None:
    """410 speaks of the receiver and not of the notice, which is kept; of other channels it is a failure."""
    gone = outcome(Failed(detail="answered 410", status=410, permanent=True))
    assert after_try(gone, jitter=0).ending == "gone"
    mailed = replace(gone, letter=replace(gone.letter, channel="channel"))
    assert after_try(mailed, jitter=0).ending == "gave_up"


def test_what_may_have_arrived_is_held_where_the_operator_wants_it() -> None:
    """Sent again with the same id, or shown as unknown until somebody decides: never both."""
    unknown = outcome(Failed(detail="no answer", unknown=True))
    assert after_try(unknown, jitter=0).ending == "again"
    held = after_try(unknown, jitter=0, hold_unknown=True)
    assert (held.ending, held.due_at) == ("unknown", None)
    refused = outcome(Failed(detail="refused"))
    assert after_try(refused, jitter=0, hold_unknown=True).ending == "again", "a known failure is tried again"


def test_a_longer_retry_after_is_honoured_up_to_a_day() -> None:
    """The receiver's word counts where it is longer than the table's."""
    later = after_try(outcome(Failed(detail="429", retry_after_seconds=120)), jitter=0)
    far = after_try(outcome(Failed(detail="429", retry_after_seconds=10**9)), jitter=0)
    assert later.due_at == NOW + timedelta(seconds=120)
    assert far.due_at == NOW + timedelta(seconds=LONGEST_RETRY_AFTER_SECONDS)


@given(attempt=st.integers(1, 12), jitter=st.floats(0, 1))
def test_jitter_adds_at_most_a_fifth(attempt: int, jitter: float) -> None:
    """The wait lies between the table's figure and that plus 20 %."""
    step = after_try(outcome(Failed(detail="x"), attempt=attempt), jitter=jitter)
    assert step.due_at is not None
    waited = (step.due_at - NOW).total_seconds()
    assert RETRY_DELAYS_SECONDS[attempt] <= waited <= RETRY_DELAYS_SECONDS[attempt] * 1.2 + 0.001


def test_a_jitter_that_is_no_share_is_refused() -> None:
    """A caller's mistake is an error, not a strange date."""
    with pytest.raises(ValueError, match="share"):
        after_try(outcome(Failed(detail="x")), jitter=2)
