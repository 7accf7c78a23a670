"""A promise counts everybody, and two promises are one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from stillframe.flows.promised import Promise, promise_of
from stillframe.store import Promised


def claimed(count: int) -> Any:
    """Return so many claims, of which only the number counts."""
    return ("claimed",) * count


@pytest.mark.parametrize(
    ("sends", "delivered", "queued", "failed"),
    [(None, 1, 2, 0), (Counter(delivered=1, failed=1), 2, 2, 1), (Counter(queued=2), 1, 4, 0)],
)
def test_matched_is_the_sum_of_what_became_of_each(
    sends: Counter[str] | None, delivered: int, queued: int, failed: int
) -> None:
    """A report leaves nobody out, before the sends and after them."""
    promise = Promise(
        claimed=claimed(0 if sends is None else sends.total()), told=1, queued=2, deferred=3, suppressed=4
    )
    report = promise.report(budget_ms=100, sends=sends)
    assert (report.delivered, report.queued, report.failed) == (delivered, queued, failed)
    assert report.matched == promise.matched == sum((delivered, queued, failed, report.deferred, report.suppressed))


def test_two_promises_of_one_transaction_are_counted_together() -> None:
    """Plain and calm subscribers, a snapshot and a decision: one answer."""
    one = Promise(claimed=claimed(1), told=1, queued=1, deferred=1, suppressed=1)
    both = one.joined(one).joined(Promise())
    assert (len(both.claimed), both.told, both.queued, both.deferred, both.suppressed) == (2, 2, 2, 2, 2)
    assert both.matched == 10


def test_what_the_outbox_took_is_what_is_promised() -> None:
    """Nothing is added on the way."""
    promised = Promised(claimed=claimed(2), queued=3, deferred=4, suppressed=5)
    assert promise_of(promised, {}).matched == promised.matched == 14
