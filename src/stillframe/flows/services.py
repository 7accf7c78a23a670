"""What every flow is given: the store, the windows, the clock, and the plain values that rule them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from stillframe.capture import Connection
from stillframe.errors import TooManyRequests
from stillframe.flows.holdings import Holdings
from stillframe.flows.live_views import LiveViews
from stillframe.flows.metrics import Metrics
from stillframe.flows.rulebook import Rulebook
from stillframe.health import Formula
from stillframe.model.delivery import SubscriberKind
from stillframe.model.gate import Profile
from stillframe.notify import AddressPolicy, Notifier, Vault
from stillframe.render import Renderer
from stillframe.store import LogName, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The figures that a configuration may change."""

    @property
    def retention_classes(self) -> tuple[str, ...]:
        """The names that a snapshot's retention class may have."""
        return tuple(self.retention_days)

    dispatch_timeout_ms: int = 100
    diff_top_n: int = 10
    list_limit: int = 200
    max_rows: int = 50_000
    source_timeout_seconds: float = 10.0
    lease_seconds: float = 10.0
    """How long a claim on a delivery lasts, unless its process lives and renews it."""
    send_seconds: float = 10.0
    """How long one send may take, by the slowest channel."""
    scope_interval_minutes: int | None = None
    """How often the timer keeps the health of every scope; None means never."""
    stale_after_days: int = 30
    """After how many days a project's health is called stale."""
    public_url: str = ""
    """Put before the paths of links in notices, without a trailing slash."""
    mail_sender: str = ""
    """The address that mail comes from, with or without a name; empty where there is no mail."""
    retention_days: Mapping[str, int | None] = field(default_factory=lambda: {"standard": 90, "release": None})
    """Retention classes: for how many days payloads are kept, None for ever."""
    log_days: Mapping[LogName, int | None] = field(default_factory=dict)
    """For how many days the rows of each log are kept; None, and a log that is not named, for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """Which snapshots a release check keeps, and how."""

    pre_enabled: bool = True
    post_enabled: bool = True
    immutable: bool = True
    retention_class: str = "release"


_SETTLING_SECONDS = 5.0
MOST_WAITING = 24
"""In one turn, and waiting for it; fewer than the threads of the HTTP door, so that the others still get an answer."""


class Turns:
    """One turn at a time for each dashboard within this process, so that a verdict is not computed twice for a head
    that moved."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, tuple[threading.Lock, int]] = {}

    def is_taken(self, name: str) -> bool:
        """Say whether somebody holds the turn of `name`, or waits for it."""
        with self._guard:
            return name in self._locks

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """
        Hold the turn of `name` while the block runs.

        Errors  TooManyRequests when so many wait already that one more would only fill the process.
        """
        with self._guard:
            lock, waiting = self._locks.get(name, (threading.Lock(), 0))
            if waiting >= MOST_WAITING:
                raise TooManyRequests("too many captures of this dashboard are waiting for their turn; try again later")
            self._locks[name] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, waiting = self._locks.pop(name)
                if waiting > 1:
                    self._locks[name] = (lock, waiting - 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Services:
    """
    Everything a flow needs from outside.

    Units   `jitter` draws a share from 0 to 1.
    """

    store: Store
    notifier: Notifier
    renderer: Renderer
    vault: Vault
    receiver_key: bytes = field(repr=False)
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    new_token: Callable[[], str]
    jitter: Callable[[], float]
    connections: Mapping[str, Connection]
    address_policy: AddressPolicy
    limits: Limits = Limits()
    sendable: frozenset[SubscriberKind] = frozenset({"webhook"})
    """The kinds of subscribers that something is sent to here; what is promised to others is deferred."""
    hold_unknown: frozenset[SubscriberKind] = frozenset()
    """The kinds of which what may have arrived is not sent again by itself."""
    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The channels that a subscription may name, and the groups whose dashboards may use each."""
    gate: GateSettings = GateSettings()
    formula: Callable[[Mapping[str, int]], Formula]
    """Given the versions of the readers, how reports are scored."""
    profiles: Mapping[str, Profile]
    """Release profiles by name: the built-in ones, then the operator's."""
    holder: str
    """Names this process in leases and heartbeats."""
    turns: Turns = field(default_factory=Turns)
    holdings: Holdings = field(default_factory=Holdings)
    rulebook: Rulebook = field(default_factory=Rulebook)
    live_views: LiveViews = field(default_factory=LiveViews)
    metrics: Metrics = field(default_factory=Metrics)
    work_waiting: threading.Event = field(default_factory=threading.Event)
    """Set when a commit left something for a worker of this process."""

    def close(self) -> None:
        """Let running sends end and be settled, then let go of the loop, the compilers and the database."""
        self.notifier.close(timeout_seconds=self.limits.send_seconds + _SETTLING_SECONDS)
        self.holdings.close()
        self.renderer.close()
        self.store.close()
