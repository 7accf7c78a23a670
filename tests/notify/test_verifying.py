"""Verifying a webhook: what the product sends is valid, and whatever is done to it is named for what it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import InvalidInput
from stillframe.notify.vault import new_secret
from stillframe.notify.verifying import TOLERANCE_SECONDS, Verification, verify_webhook
from stillframe.testing import Received, WebhookReceiver
from tests.notify.letters import SECRET, a_letter, send

OLD = new_secret()
BODY = '{"type":"dashboard.diverged","reason":"größer","share":0.10000000000000009}'.encode()


@pytest.fixture(scope="module")
def real() -> Received:
    """One webhook as the product sends it, signed with two secrets."""
    with WebhookReceiver() as receiver:
        send(a_letter(receiver.url(), body=BODY, secrets=(SECRET, OLD)))
        return receiver.ledger[0]


def verified(
    real: Received, *, body: bytes | None = None, secrets: tuple[str, ...] = (SECRET,), **changed: str
) -> Verification:
    headers = {**real.headers, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return verify_webhook(real.body if body is None else body, headers, secrets=secrets, now=datetime.now(UTC))


def at(real: Received, **later: float) -> Verification:
    now = datetime.fromtimestamp(int(real.headers["webhook-timestamp"]), UTC) + timedelta(**later)
    return verify_webhook(real.body, real.headers, secrets=[SECRET], now=now)


def without(headers: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in names}


def test_what_the_product_sends_is_valid(real: Received) -> None:
    """By either secret in force, whichever of those given it is, and however the names of headers are spelt."""
    found = verified(real)
    assert found.valid
    assert (found.secret, found.webhook_id) == (1, "delivery-1")
    assert abs(found.age_seconds or 0) < 30
    assert verified(real, secrets=(new_secret(), OLD)).secret == 2
    shouted = {name.upper(): f" {value} " for name, value in real.headers.items()}
    assert verify_webhook(BODY, shouted, secrets=[SECRET], now=datetime.now(UTC)).valid


def test_a_header_that_is_not_there_is_named(real: Received) -> None:
    """Frameworks rename headers, and proxies drop them."""
    for missing in (("webhook-signature",), ("webhook-id", "webhook-timestamp"), ("webhook-id",)):
        found = verify_webhook(BODY, without(real.headers, *missing), secrets=[SECRET], now=datetime.now(UTC))
        assert found.reason == "no_signature"
        assert all(name in found.message for name in missing)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook_timestamp": "2026-01-01T00:00:00Z"},
        {"webhook_timestamp": "1.5"},
        {"webhook_timestamp": "-1"},
        {"webhook_timestamp": "999999999999"},
        {"webhook_signature": "v1"},
        {"webhook_signature": "v1,short"},
        {"webhook_signature": "v1,größer"},
        {"webhook_id": "msg\udcff"},
        {"webhook_signature": "sha256=abcd"},
        {"webhook_signature": "v2," + base64.b64encode(bytes(32)).decode()},
    ],
)
def test_a_header_that_is_malformed_is_named(real: Received, changed: dict[str, str]) -> None:
    """Which one, and how it is written."""
    found = verified(real, **changed)
    assert found.reason == "malformed_header"
    assert next(iter(changed)).replace("_", "-") in found.message


def test_signatures_of_other_versions_are_passed_over(real: Received) -> None:
    """A later version may stand beside the one that we know."""
    assert verified(real, webhook_signature=f"v9,x {real.headers['webhook-signature']}").valid


def test_another_secret_is_named_as_one(real: Received) -> None:
    """The body is as it was written, so nothing else is likely."""
    found = verified(real, secrets=(new_secret(),))
    assert (found.reason, found.secret) == ("other_secret", None)
    assert "webhook-id" in found.hint
    assert verified(real, webhook_id="another").reason == "other_secret"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BODY + b"\n", "line break"),
        (b"\r\n" + BODY, "line break"),
        (b"\xef\xbb\xbf" + BODY, "byte order mark"),
        (json.dumps(json.loads(BODY)).encode(), "written again as JSON"),
        (json.dumps(json.loads(BODY), indent=2, ensure_ascii=False).encode(), "written again as JSON"),
        (BODY.replace(b"0.10000000000000009", b"0.1").replace(b",", b", "), "not of this body"),
        (BODY[:-1], "not of this body"),
        (b"", "not of this body"),
        (BODY.decode().encode("latin-1"), "not UTF-8"),
    ],
)  # fmt: skip
def test_what_was_done_to_the_body_is_named(real: Received, body: bytes, said: str) -> None:
    """Nearly always something read it and wrote it anew."""
    found = verified(real, body=body)
    assert found.reason == "body_altered"
    assert said in found.message
    assert found.hint


@pytest.mark.parametrize(
    "body",
    [b'{"a":"\\ud800"}', b"[" * 100_000, b'{"a":' * 100_000, b"[NaN,1e999]", b"1" * 10_000, b"\xef\xbb\xbf{", b""],
)
def test_a_body_that_nobody_would_write_is_named_and_nothing_breaks(real: Received, body: bytes) -> None:
    """Whoever finds the receiver's address sends what they like."""
    assert verified(real, body=body).reason == "body_altered"


def test_too_old_and_too_new_are_told_from_false(real: Received) -> None:
    """The signature is valid, and that is said: a replayed request, or a clock that is wrong."""
    assert at(real, seconds=TOLERANCE_SECONDS).valid
    old = at(real, seconds=TOLERANCE_SECONDS + 1)
    assert (old.reason, old.age_seconds, old.secret) == ("too_old", TOLERANCE_SECONDS + 1, 1)
    assert at(real, seconds=-TOLERANCE_SECONDS - 1).reason == "in_the_future"
    assert verify_webhook(BODY, real.headers, secrets=[new_secret()], now=datetime(2030, 1, 1, tzinfo=UTC)).reason == (
        "other_secret"
    )


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64", "whsec_é", "hush!"])
def test_what_is_no_secret_is_refused_without_being_shown(real: Received, secret: str) -> None:
    """Half a secret in a terminal is half a secret in a screenshot."""
    with pytest.raises(InvalidInput, match="no signing secret") as refused:
        verified(real, secrets=(secret,))
    assert not secret.removeprefix("whsec_") or secret not in str(refused.value)


@given(place=st.integers(0, len(BODY) - 1), other=st.integers(1, 255))
def test_no_changed_byte_is_valid(real: Received, place: int, other: int) -> None:
    """The signature covers all of the body."""
    changed = bytearray(real.body)
    changed[place] ^= other
    assert not verified(real, body=bytes(changed)).valid
