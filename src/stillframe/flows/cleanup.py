"""Cleanup: payloads and raw reports that have had their time go, records stay, logs grow no older than they should."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import structlog

from stillframe.errors import Conflict, StoreError
from stillframe.flows.auditing import audited
from stillframe.flows.permission import require
from stillframe.flows.report_cleanup import ReportRound
from stillframe.flows.services import Services
from stillframe.model.audit import AuditEntry
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds, time_text
from stillframe.rules.retention import WHY_KEPT, WhyKept, why_kept
from stillframe.store import Kept, LogName, Member, Moved, Removal, Standing, StoredChain, Unit, recoded

LEASE_NAME = "cleanup"
ACTION = "retention.clean"
OBJECT = "store"
PRODUCT = "stillframe"
"""Who cleans up on nobody's behalf."""
LEASE_SECONDS = 120.0
CHAINS_READ_AT_ONCE = 64
PAYLOADS_AT_ONCE = 400
"""In one transaction: what SQLite's write lock is held for, about 15 ms."""
ROWS_AT_ONCE = 500
PLANS_MOST = 4
"""How often a chain that changes is looked at; the last time, its dashboard's captures wait meanwhile."""
_SHORTEST_PAUSE_SECONDS = 0.001
_PAUSE_SHARE = 0.25
_DAY = timedelta(days=1)
_EPOCH_MILLIS = 1000
_log = structlog.get_logger(__name__)


@dataclass(kw_only=True)
class ClassReport:
    """
    The snapshots of one retention class whose payloads stood when cleanup began.

    Shape   `kept` by reason. Units   Snapshots.
    """

    removed: int = 0
    kept: Counter[WhyKept] = field(default_factory=Counter)


@dataclass(kw_only=True)
class CleanupReport:
    """
    What a cleanup did, or with `dry_run` would do.

    Shape   `log`: rows removed by log. `damaged_chains`: numbers of chains that were left as they are, because what
            stays in them cannot be read; `stillframe doctor` says more.
    Units   `payloads_*` count contents, which several snapshots may share, `reports_*` raw reports likewise;
            `bytes_freed` and `report_bytes_freed` are room inside the database.
    """

    dry_run: bool
    before: Mapping[str, datetime | None]
    """By class: snapshots from before this time have had their time; None is for ever."""
    classes: dict[str, ClassReport] = field(default_factory=lambda: defaultdict(ClassReport))
    payloads_removed: int = 0
    payloads_kept: int = 0
    payloads_recoded: int = 0
    bytes_freed: int = 0
    reports_removed: int = 0
    reports_kept: int = 0
    report_bytes_freed: int = 0
    log: dict[str, int] = field(default_factory=dict)
    damaged_chains: list[int] = field(default_factory=list)
    left_for_next_time: int = 0
    """Chains and reports that changed whenever they were looked at."""

    @property
    def removed(self) -> dict[str, int]:
        """How many payloads, reports and rows of each log went."""
        return {"payloads_removed": self.payloads_removed, "reports_removed": self.reports_removed, **self.log}

    def as_dict(self) -> dict[str, Any]:
        classes = {
            name: {
                "before": None if (before := self.before.get(name)) is None else time_text(before),
                "removed": found.removed,
                "kept": {why: found.kept[why] for why in WHY_KEPT if found.kept[why]},
            }
            for name in sorted({*self.before, *self.classes})
            for found in [self.classes[name] if name in self.classes else ClassReport()]
        }
        return {
            "dry_run": self.dry_run,
            "classes": classes,
            "payloads_removed": self.payloads_removed,
            "payloads_kept": self.payloads_kept,
            "payloads_recoded": self.payloads_recoded,
            "bytes_freed": self.bytes_freed,
            "reports_removed": self.reports_removed,
            "reports_kept": self.reports_kept,
            "report_bytes_freed": self.report_bytes_freed,
            "log": dict(self.log),
            "damaged_chains": list(self.damaged_chains),
            "left_for_next_time": self.left_for_next_time,
        }


def cleanup(services: Services, caller: Caller, *, dry_run: bool = False) -> CleanupReport:
    """
    Remove the payloads, raw reports and log rows that have had their time; with `dry_run`, say what would be removed.

    Errors  Forbidden; Conflict when another cleanup runs; StoreError.
    Source  docs/howto/keep-and-clean-up.md.
    """
    require(caller, "retention.clean")
    now = services.clock()
    if dry_run:
        return _Round(services, now=now, token=None).run()
    report = _leased(services, now=now)
    if report is None:
        raise Conflict("another cleanup runs now; try again when it has ended")
    with services.store.write() as unit:
        audited(
            services,
            unit,
            caller,
            action=ACTION,
            object=OBJECT,
            **report.removed,
        )
    return report


def clean_by_itself(
    services: Services, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> CleanupReport | None:
    """
    Remove what has had its time, on nobody's behalf; None when another process does it now.

    Shape   `stopped`: asked between transactions; what is left when it says yes is the next round's.
    """
    report = _leased(services, now=now, stopped=stopped)
    if report is not None and any(report.removed.values()):
        _log.info("cleaned_up", bytes_freed=report.bytes_freed + report.report_bytes_freed, **report.removed)
        entry = AuditEntry(
            at=milliseconds(services.clock()), actor=PRODUCT, actor_id=None, action=ACTION, object=OBJECT
        )
        with services.store.write() as unit:
            unit.audit.add(replace(entry, detail=report.removed))
    return report


def _leased(services: Services, *, now: datetime, stopped: Callable[[], bool] = lambda: False) -> CleanupReport | None:
    with services.store.write() as unit:
        token = unit.leases.acquire(LEASE_NAME, services.holder, services.clock(), seconds=LEASE_SECONDS)
    if token is None:
        return None
    try:
        return _Round(services, now=now, token=token, stopped=stopped).run()
    finally:
        with services.store.write() as unit:
            unit.leases.release(LEASE_NAME, token)


class _Round:
    """One cleanup: it reads a few chains, decides without a lock, and writes in transactions of a few hundred rows."""

    def __init__(
        self,
        services: Services,
        *,
        now: datetime,
        token: int | None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._services = services
        self._token = token
        self._stopped = stopped
        limits = services.limits
        before = {name: None if days is None else now - days * _DAY for name, days in limits.retention_days.items()}
        self._log_before = {name: now - days * _DAY for name, days in limits.log_days.items() if days is not None}
        self._horizons = {name: round(found.timestamp() * _EPOCH_MILLIS) for name, found in before.items() if found}
        self._report = CleanupReport(dry_run=token is None, before=before)
        self._standing = self._look()
        self._written: set[int] = set()
        """Chains of this round, which the reading meets again: nothing in them goes, and all was counted."""

    def run(self) -> CleanupReport:
        after: int | None = None
        while not self._stopped():
            with self._services.store.read() as unit:
                chains = unit.cleanup.chains(after=after, most=CHAINS_READ_AT_ONCE)
            if not chains:
                break
            after = chains[-1].number
            self._hold_on()
            for removal in self._planned(chains):
                if self._stopped():
                    return self._report
                self._carry_out(removal)
        self._clean_reports()
        for log, before in self._log_before.items():
            self._age(log, before)
        return self._report

    def _clean_reports(self) -> None:
        dry_run = self._token is None
        whole = ReportRound(
            self._services, horizons=self._horizons, look=self._look, goes_on=self._goes_on, dry_run=dry_run
        )
        counts = whole.run()
        self._report.reports_removed = counts.removed
        self._report.reports_kept = counts.kept
        self._report.report_bytes_freed = counts.bytes_freed
        self._report.left_for_next_time += counts.left_for_next_time

    def _goes_on(self) -> bool:
        self._hold_on()
        return not self._stopped()

    def _look(self) -> Standing:
        with self._services.store.read() as unit:
            return unit.cleanup.standing()

    def _hold_on(self) -> None:
        if self._token is None:
            return
        with self._services.store.write() as unit:
            if not unit.leases.renew(LEASE_NAME, self._token, now=self._services.clock(), seconds=LEASE_SECONDS):
                raise Conflict("another cleanup has begun meanwhile; this one stops here")

    def _planned(self, chains: Sequence[StoredChain]) -> Iterator[Removal]:
        """Decide about chains: those that go whole are taken together, one that is encoded anew is taken alone."""
        together: list[StoredChain] = []
        for found in chains:
            if found.number in self._written:
                continue
            gone = self._gone(found)
            if not gone:
                self._count(found, frozenset())
            elif len(gone) < len(found.members):
                yield self._removal([found], gone)
            else:
                together.append(found)
            if sum(len(whole.members) for whole in together) >= PAYLOADS_AT_ONCE:
                yield self._removal(together, [member for whole in together for member in whole.members])
                together = []
        if together:
            yield self._removal(together, [member for whole in together for member in whole.members])

    def _gone(self, found: StoredChain) -> list[Member]:
        return [member for member in found.members if not any(self._reasons(member))]

    def _reasons(self, member: Member) -> list[WhyKept | None]:
        protected = self._standing.protected
        return [why_kept(use, horizons=self._horizons, protected=protected) for use in member.uses]

    def _removal(self, chains: Sequence[StoredChain], gone: Sequence[Member]) -> Removal:
        versions = self._standing.versions
        return Removal(chains=tuple(chains), gone=tuple(gone), horizons=self._horizons, versions=versions)

    def _carry_out(self, removal: Removal, *, tries: int = PLANS_MOST) -> None:
        """Do what was planned; what changed meanwhile is planned again, chain by chain."""
        try:
            self._remove(removal)
        except Moved:
            self._again(removal, tries=tries - 1)

    def _again(self, removal: Removal, *, tries: int) -> None:
        self._standing = self._look()
        for old in removal.chains:
            try:
                if tries == 0:
                    self._insist(old)
                    continue
            except Moved:
                self._report.left_for_next_time += 1
                continue
            with self._services.store.read() as unit:
                found = _same_chain(unit, old)
            for planned in self._planned(found):
                self._carry_out(planned, tries=tries)

    def _insist(self, old: StoredChain) -> None:
        """Look, encode and write in one transaction, in which no capture can add to the chain or use what is in it."""
        with self._services.store.write() as unit:
            unit.cleanup.hold(_concerned(old))
            self._standing = unit.cleanup.standing()
            for planned in self._planned(_same_chain(unit, old)):
                whole = _encoded(unit, planned)
                freed = unit.cleanup.remove(whole)
                self._removed(whole, freed)

    def _remove(self, removal: Removal) -> None:
        try:
            with self._services.store.read() as unit:
                whole = _encoded(unit, removal)
                weight = unit.cleanup.weight(found.number for found in whole.chains)
        except StoreError:
            self._leave_damaged(removal)
            return
        if self._token is None:
            self._removed(whole, weight - sum(map(len, chain.from_iterable(new.frames for new in whole.new))))
            return
        begun = time.monotonic()
        with self._services.store.write() as unit:
            freed = unit.cleanup.remove(whole)
        self._removed(whole, freed)
        time.sleep(max(_SHORTEST_PAUSE_SECONDS, _PAUSE_SHARE * (time.monotonic() - begun)))

    def _leave_damaged(self, removal: Removal) -> None:
        _log.warning("chain_damaged", chains=[found.number for found in removal.chains])
        for found in removal.chains:
            self._report.damaged_chains.append(found.number)
            self._count(found, frozenset(), damaged=frozenset(member.content for member in removal.gone))

    def _removed(self, whole: Removal, freed: int) -> None:
        self._written |= {new.number for new in whole.new}
        self._report.bytes_freed += freed
        self._report.payloads_recoded += sum(len(new.contents) for new in whole.new)
        gone = frozenset(member.content for member in whole.gone)
        for found in whole.chains:
            self._count(found, gone)

    def _count(self, found: StoredChain, gone: frozenset[int], *, damaged: frozenset[int] = frozenset()) -> None:
        for member in found.members:
            removed = member.content in gone
            self._report.payloads_removed += removed
            self._report.payloads_kept += not removed
            left: WhyKept = "damaged" if member.content in damaged else "shared"
            for use, why in zip(member.uses, self._reasons(member), strict=True):
                mine = self._report.classes[use.retention_class]
                if removed:
                    mine.removed += 1
                else:
                    mine.kept[why or left] += 1

    def _age(self, log: LogName, before: datetime) -> None:
        if self._token is None:
            with self._services.store.read() as unit:
                self._report.log[log] = unit.ageing.count(log, before=before)
            return
        self._report.log[log] = 0
        while True:
            self._hold_on()
            begun = time.monotonic()
            with self._services.store.write() as unit:
                removed = unit.ageing.remove(log, before=before, most=ROWS_AT_ONCE)
            self._report.log[log] += removed
            if removed < ROWS_AT_ONCE:
                return
            time.sleep(max(_SHORTEST_PAUSE_SECONDS, _PAUSE_SHARE * (time.monotonic() - begun)))


def _same_chain(unit: Unit, old: StoredChain) -> list[StoredChain]:
    """Return a chain as it is now, if it is still there."""
    return [found for found in unit.cleanup.chains(after=old.number - 1, most=1) if found.number == old.number]


def _concerned(chain: StoredChain) -> set[int]:
    """Return every dashboard that shows something of a chain, or adds to it."""
    showing = {use.dashboard for member in chain.members for use in member.uses}
    return showing if chain.tip_of is None else showing | {chain.tip_of}


def _encoded(unit: Unit, removal: Removal) -> Removal:
    """Return a removal with what stays of its chain encoded anew."""
    gone = {member.content for member in removal.gone}
    stays = [member for found in removal.chains for member in found.members if member.content not in gone]
    if not stays:
        return removal
    (left,) = removal.chains
    kept = {member.depth: Kept(content=member.content, content_hash=member.content_hash) for member in stays}
    return replace(removal, new=recoded(unit.cleanup.segments(left.number), kept, number=left.number))
