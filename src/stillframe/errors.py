"""
Every way Stillframe can say no, drawn as a tree.

    StillframeError
    ├── InvalidInput            what you gave is wrong: 422, exit code 2
    │   ├── InvalidViewSpec
    │   ├── InvalidRule
    │   ├── CaptureRefused      the data itself cannot become evidence
    │   ├── AddressRefused      an outbound address that is not allowed
    │   ├── BackupRefused       a file that cannot be restored
    │   ├── IncompleteDiff      a diff's JSON holds less than the rule needs
    │   └── NotComparable       two snapshots of different dashboards
    ├── Unauthenticated         401
    ├── Forbidden               403
    ├── NotFound                404, absent or not visible: the same answer
    ├── Conflict                409
    ├── Gone                    410
    ├── TooLarge                413
    ├── TooManyRequests         429
    ├── SourceFailed            502, a source did not answer
    ├── RenderFailed            500, a picture or a document could not be compiled
    ├── ServerUnreachable       the server that a command was to ask does not answer
    ├── ConfigurationError      exit code 2, the settings are wrong
    └── StoreError
        ├── StoreUnavailable    503, try again
        ├── StoreFull           507, the disk is full
        ├── StoreMissing        the database does not exist and this command never creates one
        ├── SchemaBehind        run `stillframe migrate`
        └── SchemaAhead         this program is older than the database
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: where (a JSON path such as `$.panels.leaderboard.key`) and what is allowed there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class StillframeError(Exception):
    """Something could not be done."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "It could not be done"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        return str(self.args[0])


class InvalidInput(StillframeError):
    """What you gave is not valid."""

    code = "invalid_input"
    status = 422
    title = "Invalid input"

    def __init__(self, message: str | None = None, *, faults: Iterable[Fault] = ()) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(message or "; ".join(map(str, self.faults)) or None)

    @classmethod
    def at(cls, path: str, message: str) -> InvalidInput:
        """Return the error for one fault at one path."""
        return cls(faults=[Fault(path=path, message=message)])


class InvalidViewSpec(InvalidInput):
    """The view spec is not valid."""

    code = "invalid_view_spec"
    title = "Invalid view spec"


class InvalidRule(InvalidInput):
    """The rule is not valid."""

    code = "invalid_rule"
    title = "Invalid rule"


class CaptureRefused(InvalidInput):
    """The data cannot become a snapshot; nothing was stored and the last snapshot stays."""

    code = "capture_refused"
    title = "Capture refused"

    def __init__(
        self, message: str | None = None, *, faults: Iterable[Fault] = (), attempt_id: str | None = None
    ) -> None:
        super().__init__(message, faults=faults)
        self.attempt_id = attempt_id


class AddressRefused(InvalidInput):
    """Stillframe does not send to this address."""

    code = "address_refused"
    title = "Address refused"


class BackupRefused(InvalidInput):
    """This file cannot be restored; nothing was replaced."""

    code = "backup_refused"
    title = "Backup refused"


class IncompleteDiff(InvalidInput):
    """This diff's JSON holds less than the rule needs; judge the rule on the whole diff."""

    code = "incomplete_diff"
    title = "Incomplete diff"


class NotComparable(InvalidInput):
    """Two snapshots can be compared when they are of the same dashboard."""

    code = "not_comparable"
    title = "Not comparable"


class Unauthenticated(StillframeError):
    """Send a valid token, as `Authorization: Bearer sf_…`."""

    code = "unauthenticated"
    status = 401
    title = "No valid credential"


class Forbidden(StillframeError):
    """You may not do this."""

    code = "forbidden"
    status = 403
    title = "Forbidden"


class NotFound(StillframeError):
    """There is nothing here that you can see."""

    code = "not_found"
    status = 404
    title = "Not found"

    def __init__(self, message: str | None = None, *, invisible: bool = False) -> None:
        super().__init__(message)
        self.invisible = invisible
        """Whether it is there and not to be seen; for the audit log, never for an answer."""


class Conflict(StillframeError):
    """This conflicts with what is already there."""

    code = "conflict"
    status = 409
    title = "Conflict"

    def __init__(self, message: str | None = None, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Gone(StillframeError):
    """The payload of this snapshot has expired; its record remains."""

    code = "gone"
    status = 410
    title = "Gone"

    def __init__(self, message: str | None = None, *, snapshot: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.snapshot = snapshot
        """The record, as JSON."""


class TooLarge(StillframeError):
    """The request is over the limit."""

    code = "too_large"
    status = 413
    title = "Too large"


class TooManyRequests(StillframeError):
    """Too many requests; try again later."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests"

    def __init__(self, message: str | None = None, *, retry_after_seconds: int = 1) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SourceFailed(StillframeError):
    """A source did not answer; nothing was stored and the last snapshot stays."""

    code = "source_failed"
    status = 502
    title = "A source failed"

    def __init__(self, message: str | None = None, *, source: str | None = None, attempt_id: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.attempt_id = attempt_id


class RenderFailed(StillframeError):
    """A picture or a document could not be compiled."""

    code = "render_failed"
    title = "It could not be compiled"


class ServerUnreachable(StillframeError):
    """The server cannot be reached."""

    code = "server_unreachable"
    title = "The server cannot be reached"


class ConfigurationError(StillframeError):
    """The configuration is not valid."""

    code = "configuration"
    title = "Invalid configuration"


class StoreError(StillframeError):
    """The database could not do it."""

    code = "store"
    status = 503
    title = "The store failed"


class StoreUnavailable(StoreError):
    """The database cannot be written now; try again."""

    code = "store_unavailable"
    title = "The store is not available"
    retry_after_seconds: ClassVar[int] = 2


class StoreFull(StoreError):
    """The disk is full; nothing was stored. Free some space and try again."""

    code = "store_full"
    status = 507
    title = "The disk is full"


class StoreMissing(StoreError):
    """There is no database here."""

    code = "store_missing"
    title = "No database"


class SchemaBehind(StoreError):
    """The database is older than this program: run `stillframe migrate`."""

    code = "schema_behind"
    title = "The database needs a migration"


class SchemaAhead(StoreError):
    """The database is newer than this program: upgrade Stillframe."""

    code = "schema_ahead"
    title = "The database is newer than this program"


def nearest(word: str, known: Sequence[str]) -> str:
    """
    Return ", did you mean 'x'?" for the nearest known word, or the known words when none is near.

    >>> nearest("titel", ["title", "top_n"])
    "; did you mean 'title'?"
    >>> nearest("zzz", ["title", "top_n"])
    '; known: title, top_n'
    """
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; known: {', '.join(known)}" if known else ""
