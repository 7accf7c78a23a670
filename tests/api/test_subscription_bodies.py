"""Bodies about subscriptions: calm is told apart from silence about it, and null takes back only what it may."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from stillframe.api.subscription_bodies import PreviewBody, SubscriptionBody, SubscriptionPatch

WHO = {"subscriber_kind": "persona", "subscriber_id": "ops"}


def test_only_what_was_said_of_calm_is_handed_on() -> None:
    """A change of one manner leaves the others as they are."""
    assert SubscriptionPatch.model_validate({"pending_for": 3}).calm() == {"pending_for": 3}
    assert SubscriptionPatch.model_validate({"snooze_until": None}).calm() == {"snooze_until": None}
    assert SubscriptionBody.model_validate(WHO).calm() == {}


@pytest.mark.parametrize("member", ["threshold_json", "on", "baseline", "importance", "allow_missing"])
def test_what_every_subscription_has_cannot_be_null(member: str) -> None:
    """A rule or a baseline is replaced, never taken away."""
    with pytest.raises(ValidationError, match="cannot be null"):
        SubscriptionPatch.model_validate({member: None})


def test_a_preview_takes_a_whole_subscription_and_a_period() -> None:
    """What was previewed can be made as it stands."""
    body = PreviewBody.model_validate(WHO | {"from": "2026-01-01T00:00:00Z", "cooldown_seconds": 60})
    assert (body.from_, body.last, body.calm()) == ("2026-01-01T00:00:00Z", None, {"cooldown_seconds": 60})
