"""Verifying a webhook for whoever writes a receiver: valid, or which of the things that go wrong it is."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from stillframe.errors import InvalidInput

TOLERANCE_SECONDS: Final = 300
"""What receivers usually allow; the packages of Standard Webhooks have it built in."""
Reason: TypeAlias = Literal[
    "valid", "no_signature", "malformed_header", "other_secret", "body_altered", "too_old", "in_the_future"
]
_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
_PREFIX: Final = "whsec_"
_VERSION: Final = "v1"
_DIGEST_BYTES: Final = 32
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """
    What a webhook's headers and body say to the secrets of its receiver.

    Shape   `secret`: which of the secrets given verifies it, counted from 1. `hint`: what to look at.
    Units   `age_seconds`: from its signing to now; negative when it was signed later than now.
    """

    reason: Reason
    message: str
    hint: str = ""
    webhook_id: str | None = None
    age_seconds: int | None = None
    secret: int | None = None

    @property
    def valid(self) -> bool:
        return self.reason == "valid"

    def as_dict(self) -> dict[str, Any]:
        return {"valid": self.valid, **{name: getattr(self, name) for name in self.__slots__}}


def verify_webhook(
    body: bytes,
    headers: Mapping[str, str],
    *,
    secrets: Sequence[str],
    now: datetime,
    tolerance_seconds: int = TOLERANCE_SECONDS,
) -> Verification:
    """
    Verify a webhook, and where it is not valid say why.

    Shape   `headers`: by any spelling of their names. `secrets`: those in force, `whsec_…`.
    Errors  InvalidInput for a secret that is none.
    Source  Standard Webhooks specification.
    """
    verifiers = [_verifier(secret) for secret in secrets]
    given = {name.lower(): value.strip() for name, value in headers.items()}
    wrong = _missing(given) or _malformed(given)
    if wrong is not None:
        return wrong
    asked = _Asked(
        id=given["webhook-id"],
        signed_at=datetime.fromtimestamp(int(given["webhook-timestamp"]), UTC),
        signatures=tuple(_digests(given["webhook-signature"])),
    )
    age = int(now.timestamp()) - int(given["webhook-timestamp"])
    found = _judged(asked, body, verifiers)
    if found.valid and abs(age) > tolerance_seconds:
        found = _out_of_time(age, tolerance_seconds, secret=found.secret)
    return Verification(
        reason=found.reason,
        message=found.message,
        hint=found.hint,
        secret=found.secret,
        webhook_id=asked.id,
        age_seconds=age,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The three headers, read."""

    id: str
    signed_at: datetime
    signatures: tuple[bytes, ...]

    def is_signed_by(self, verifier: Webhook, text: str) -> bool:
        version, _, expected = verifier.sign(self.id, self.signed_at, text).partition(",")
        assert version == _VERSION
        return any(hmac.compare_digest(base64.b64decode(expected), found) for found in self.signatures)


def _verifier(secret: str) -> Webhook:
    try:
        return Webhook(_PREFIX + base64.b64encode(_key(secret)).decode())
    except (EmptyWebhookSecretError, ValueError):
        raise InvalidInput("this is no signing secret: `whsec_` and base64 are expected, as it was shown") from None


def _key(secret: str) -> bytes:
    text = secret.removeprefix(_PREFIX)
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _missing(headers: Mapping[str, str]) -> Verification | None:
    missing = [name for name in _HEADERS if not headers.get(name)]
    if not missing:
        return None
    return Verification(
        reason="no_signature",
        message=f"there is no {' and no '.join(missing)}",
        hint="give the receiver the headers as they arrived; a proxy or a framework may drop or rename them",
    )


def _malformed(headers: Mapping[str, str]) -> Verification | None:
    timestamp, signature = headers["webhook-timestamp"], headers["webhook-signature"]
    if not headers["webhook-id"].isprintable():
        return Verification(reason="malformed_header", message="webhook-id holds what no id holds")
    if not _SECONDS.fullmatch(timestamp):
        message = "webhook-timestamp is no number of seconds since 1970"
        return Verification(reason="malformed_header", message=message, hint="it is digits alone, such as 1767355200")
    try:
        datetime.fromtimestamp(int(timestamp), UTC)
    except (OverflowError, ValueError, OSError):
        return Verification(reason="malformed_header", message="webhook-timestamp is of no time that there is")
    if any(True for _ in _digests(signature)):
        return None
    return Verification(
        reason="malformed_header",
        message="webhook-signature holds no signature of the version v1",
        hint="it is `v1,` and base64 of 32 bytes; several are apart by spaces",
    )


def _digests(signature: str) -> Iterator[bytes]:
    """Yield the signatures that can be compared; other versions are passed over, as the specification asks."""
    for part in signature.split():
        version, _, text = part.partition(",")
        try:
            found = base64.b64decode(text, validate=True) if version == _VERSION else b""
        except ValueError:
            continue
        if len(found) == _DIGEST_BYTES:
            yield found


def _judged(asked: _Asked, body: bytes, verifiers: Sequence[Webhook]) -> Verification:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return _altered(
            "the body is not UTF-8, and was when it was signed", "read the body as bytes, before any decoding"
        )
    for number, verifier in enumerate(verifiers, 1):
        if asked.is_signed_by(verifier, text):
            return Verification(reason="valid", message="the signature is valid", secret=number)
    for number, verifier in enumerate(verifiers, 1):
        for said, other in _as_it_may_have_been(text):
            if asked.is_signed_by(verifier, other):
                return _altered(said, "verify the bytes as they arrived, before anything reads them", secret=number)
    if not _is_as_written(text):
        return _altered(
            "the signature is not of this body",
            "a body is one line of JSON without spaces between its members; this one was written anew by something, "
            "which also changes numbers. If the bytes are those that arrived, the secret is another one",
        )
    return Verification(
        reason="other_secret",
        message="the signature was made with another secret",
        hint="each subscription has a secret of its own, and a new one after a rotation. If the secret is right, the "
        "body, webhook-id or webhook-timestamp was changed",
    )


def _altered(message: str, hint: str, *, secret: int | None = None) -> Verification:
    return Verification(reason="body_altered", message=message, hint=hint, secret=secret)


def _as_it_may_have_been(text: str) -> Iterator[tuple[str, str]]:
    """Yield what the body may have been before something changed it, and the words for that change."""
    stripped = text.strip("\r\n")
    if stripped != text:
        yield "a line break was added at an end of the body", stripped
    if text.startswith(_BYTE_ORDER_MARK):
        yield "a byte order mark was put in front of the body", text.removeprefix(_BYTE_ORDER_MARK)
    try:
        again = _written(json.loads(text.removeprefix(_BYTE_ORDER_MARK)))
        again.encode()
    except (ValueError, RecursionError):
        return
    yield "the body was parsed and written again as JSON", again


def _is_as_written(text: str) -> bool:
    """Say whether a body looks as it was sent: one line of JSON, an object, nothing between its members."""
    try:
        document = json.loads(text)
        return isinstance(document, dict) and _written(document) == text
    except (ValueError, RecursionError):
        return False


def _written(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _out_of_time(age: int, tolerance_seconds: int, *, secret: int | None) -> Verification:
    if age > 0:
        return Verification(
            reason="too_old",
            message=f"the signature is valid and was made {age} s ago, more than the {tolerance_seconds} s allowed",
            hint="of a request that was kept, that is to be expected; else somebody repeats an old one, or a clock is "
            "wrong. Each try is signed anew",
            secret=secret,
        )
    return Verification(
        reason="in_the_future",
        message=f"the signature is valid and was made {-age} s from now, more than the {tolerance_seconds} s allowed",
        hint="the clock of this machine, or of the one that sends, is wrong",
        secret=secret,
    )
