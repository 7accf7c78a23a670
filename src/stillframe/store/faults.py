"""Where errors of the database drivers become errors of the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    PendingRollbackError,
)

from stillframe.errors import StoreError, StoreFull, StoreUnavailable

_SQLITE_FULL = 13
_SQLITE_PRIMARY_CODE = 0xFF
_POSTGRES_FULL = ("53100",)
_POSTGRES_TRY_AGAIN = ("08", "40", "53", "55P03", "57", "58")
"""Classes of SQLSTATE after which the same may work later: connection, rollback, resources, lock, operator, system."""


@contextmanager
def translated() -> Iterator[None]:
    """
    Let every driver error out as one of ours.

    Errors  StoreFull when the disk is full; StoreUnavailable when the database is locked, gone or out of reach;
            StoreError for what a constraint or a trigger refused.
    """
    try:
        yield
    except DBAPIError as error:
        raise translate(error) from error
    except (exc.TimeoutError, PendingRollbackError) as error:
        raise StoreUnavailable from error


def translate(error: DBAPIError) -> StoreError:
    """Return our error for one of a driver's."""
    original = error.orig
    code = getattr(original, "sqlite_errorcode", None)
    state = getattr(original, "sqlstate", None) or ""
    words = str(original)
    if (
        state in _POSTGRES_FULL
        or (code is not None and code & _SQLITE_PRIMARY_CODE == _SQLITE_FULL)
        or "disk is full" in words
    ):
        return StoreFull()
    if error.connection_invalidated or state.startswith(_POSTGRES_TRY_AGAIN):
        return StoreUnavailable()
    if isinstance(error, OperationalError | InterfaceError | InternalError):
        return StoreUnavailable(
            f"The database cannot do this now: {words.splitlines()[0] if words else 'no reason given'}"
        )
    return StoreError(f"The database refused this: {words.splitlines()[0] if words else 'no reason given'}")
