"""Letters and outcomes: a letter never shows its address, its secrets or its body."""

from __future__ import annotations

import pytest

from stillframe.model.delivery import Failed, Letter

LETTER = Letter(
    delivery_id="d-1",
    lease_token=1,
    attempt=1,
    receiver="ab12",
    address="https://hooks.example.org/T0/credential",
    secrets=("whsec_c2VjcmV0",),
    body=b'{"private": true}',
)


def test_a_letter_shows_nothing_that_must_stay_secret() -> None:
    """Letters end up in logs and tracebacks."""
    shown = repr(LETTER)
    assert "d-1" in shown
    for secret in ("credential", "whsec_", "private"):
        assert secret not in shown


def test_a_letter_cannot_be_changed_between_tries() -> None:
    """A retry sends what was promised."""
    with pytest.raises(AttributeError):
        LETTER.body = b"{}"  # type: ignore[misc]  # because that is what must not work


def test_a_failure_may_be_tried_again_unless_it_says_otherwise() -> None:
    """Permanent and unknown are said, never assumed."""
    failed = Failed(detail="no route")
    assert (failed.permanent, failed.unknown, failed.retry_after_seconds) == (False, False, None)
