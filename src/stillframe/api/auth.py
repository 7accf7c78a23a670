"""Who asks: the token of a request, the caller that it proves, and a bound on those that fail."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from stillframe.errors import TooManyRequests, Unauthenticated
from stillframe.flows.identity import authenticate
from stillframe.flows.services import Services
from stillframe.model.identity import Caller

FAILURES_PER_MINUTE = 60
_SCHEME = "bearer"
_LONGEST_TOKEN = 512


class FailureBound:
    """
    How many failed authentications one client address has left.

    A valid token always passes, also from an address whose bound is used up: behind a proxy everybody has one address.
    """

    def __init__(self, *, per_minute: int = FAILURES_PER_MINUTE) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, client: str) -> None:
        """
        Count one failure.

        Errors  TooManyRequests once the bound is used up, with the seconds until it is whole again.
        """
        if not self.has_room(client):
            ends_at = self._limiter.get_window_stats(self._item, client).reset_time
            seconds = max(1, round(ends_at - time.time()))
            raise TooManyRequests(
                "too many tokens from this address were not valid; try again later", retry_after_seconds=seconds
            )

    def has_room(self, client: str) -> bool:
        """Count one failure, and say whether it is within the bound."""
        return self._limiter.hit(self._item, client)


def bearer_token(request: Request) -> str:
    """
    Return the token that a request carries.

    Errors  Unauthenticated if it carries none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != _SCHEME or not token or len(token) > _LONGEST_TOKEN:
        raise Unauthenticated
    return token


def caller_of(request: Request, *, services: Services, failures: FailureBound) -> Caller:
    """
    Return the caller that the request's token proves, and note who it is for the access log and the audit log.

    Errors  Unauthenticated; TooManyRequests for an address that failed too often.
    """
    token = bearer_token(request)
    try:
        caller = authenticate(services, token)
    except Unauthenticated:
        failures.count(client_of(request))
        raise
    request.state.caller = caller.name
    request.state.proven = caller
    return caller


def client_of(request: Request) -> str:
    """Return the address that a request came from."""
    return request.client.host if request.client else "unknown"
