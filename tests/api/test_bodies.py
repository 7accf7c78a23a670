"""Request bodies take what they document and no type for another."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from stillframe.api.asked import validated
from stillframe.api.bodies import BODIES, Body, TokenBody, UserPatch
from stillframe.api.subscription_bodies import SubscriptionPatch
from stillframe.errors import InvalidInput


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_no_body_takes_an_unknown_member(body: type[Body]) -> None:
    """What we do not understand we do not ignore."""
    with pytest.raises(InvalidInput, match=r"\$\.initiator: unknown member"):
        validated(body, {"initiator": "somebody else"})
    assert body.model_json_schema()["additionalProperties"] is False


@pytest.mark.parametrize(
    ("body", "members"),
    [
        (SubscriptionPatch, {}),
        (SubscriptionPatch, {"baseline": None}),
        (SubscriptionPatch, {"allow_missing": 1}),
        (SubscriptionPatch, {"repeat_interval": True}),
        (UserPatch, {}),
        (UserPatch, {"role": None}),
        (UserPatch, {"disabled": False}),
        (UserPatch, {"role": "viewer", "disabled": True}),
        (TokenBody, {"expires_in_days": float("nan")}),
        (TokenBody, {"expires_in_days": "5"}),
        (TokenBody, {"scopes": "read"}),
    ],
)
def test_a_change_of_nothing_or_of_another_type_is_refused(body: type[Body], members: dict[str, Any]) -> None:
    """Silence about a request that does nothing would look like success."""
    with pytest.raises(InvalidInput):
        validated(body, members)


def test_a_body_cannot_be_changed_after_it_was_checked() -> None:
    """What was checked is what is used."""
    body = TokenBody()
    with pytest.raises(ValidationError):
        body.label = "x"  # type: ignore[misc]  # because that is what must not work
