"""Idempotency keys: the same request sent twice is carried out once and answered alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from stillframe.errors import Conflict, InvalidInput
from stillframe.flows.services import Services
from stillframe.model.identity import Caller
from stillframe.store import Fresh, Mismatch, Replay, Running, Unit

LONGEST_KEY = 200
_RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The right to answer one request under one key."""

    caller_id: str
    route: str
    key: str

    def answer(self, services: Services, unit: Unit, *, status: int, document: Mapping[str, Any]) -> None:
        """Keep the answer in the transaction that carries the request out; it is sealed, because it may hold a
        secret."""
        sealed = services.vault.seal(orjson.dumps(document).decode(), row_id=self._row_id)
        unit.idempotency.answer(self.caller_id, self.route, self.key, status=status, answer=sealed)

    def free(self, services: Services) -> None:
        """Let the key go after a request that was refused or failed."""
        with services.store.write() as unit:
            unit.idempotency.free(self.caller_id, self.route, self.key)

    def opened(self, services: Services, sealed: bytes) -> Any:  # noqa: ANN401 because an answer is any JSON
        return orjson.loads(services.vault.open(sealed, row_id=self._row_id))

    @property
    def _row_id(self) -> str:
        return f"{self.caller_id}\n{self.route}\n{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What the first request with this key was answered."""

    status: int
    document: Any


def begin(services: Services, caller: Caller, *, route: str, key: str, body: bytes) -> Receipt | KeptAnswer:
    """
    Take a key for a request, or return what its first use was answered.

    Errors  InvalidInput for a key that is not 1 to 200 printable characters; Conflict for another body, or while the
            first is running.
    Source  docs/reference/semantics.md, "Idempotency-Key".
    """
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidInput.at("Idempotency-Key", f"a key is 1 to {LONGEST_KEY} printable ASCII characters")
    receipt = Receipt(caller_id=caller.user_id, route=route, key=key)
    digest = hashlib.sha256(body).digest()
    with services.store.write() as unit:
        state = unit.idempotency.begin(caller.user_id, route, key, body_sha256=digest, now=services.clock())
    match state:
        case Fresh():
            return receipt
        case Running():
            raise Conflict(
                "a request with this Idempotency-Key is still running", retry_after_seconds=_RETRY_AFTER_SECONDS
            )
        case Mismatch():
            raise Conflict("this Idempotency-Key was used with another body")
        case Replay():
            return KeptAnswer(status=state.status, document=receipt.opened(services, state.answer))
