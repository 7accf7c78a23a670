"""The local counter says of subscriptions what a server says, and refuses a page that is too long."""

from __future__ import annotations

import pytest

from stillframe.cli.counter import at_counter
from stillframe.errors import InvalidInput
from tests.cli.conftest import Run

RULE = {"any_change": True}


def test_a_change_hands_on_what_is_null_and_leaves_out_what_is_not_said(run: Run, sellers: str) -> None:
    """As the body of the API does."""
    run("persona", "add", "ops-desk")
    said = {"subscriber_kind": "persona", "subscriber_id": "ops-desk", "threshold_json": RULE, "cooldown_seconds": 60}
    with at_counter(config=None, server=None) as counter:
        made = counter.subscribe(sellers, said)
        changed = counter.change_subscription(sellers, made["id"], {"max_items": 3})
        assert (changed["cooldown_seconds"], changed["max_items"]) == (60, 3)
        changed = counter.change_subscription(sellers, made["id"], {"cooldown_seconds": None})
        assert (changed["cooldown_seconds"], changed["max_items"]) == (None, 3)
        with pytest.raises(InvalidInput) as refused:
            counter.evaluations(sellers, made["id"], limit=100_000, cursor=None)
        assert refused.value.faults[0].path == "$.limit"
