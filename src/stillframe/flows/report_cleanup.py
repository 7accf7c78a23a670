"""Cleanup of raw reports: what no kept snapshot names any more goes, and records still say what it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from stillframe.flows.services import Services
from stillframe.rules.retention import why_kept
from stillframe.store import Moved, ReportRemoval, Standing, StoredReport

REPORTS_READ_AT_ONCE = 400
REPORTS_AT_ONCE = 400
BYTES_AT_ONCE = 32 * 1024 * 1024
"""In one transaction: what SQLite's write lock is held for."""
PLANS_MOST = 4
_SHORTEST_PAUSE_SECONDS = 0.001
_PAUSE_SHARE = 0.25


@dataclass(kw_only=True)
class ReportCounts:
    """
    What a cleanup did to raw reports, or with `dry_run` would do.

    Units   `bytes_freed` is room inside the database.
    """

    removed: int = 0
    kept: int = 0
    bytes_freed: int = 0
    left_for_next_time: int = 0
    """Reports that changed whenever they were looked at; they count as kept."""


class ReportRound:
    """
    One cleanup of reports: it reads a few hundred, decides without a lock, and writes in short transactions.

    Shape   `look`: what is kept whatever its age, now. `goes_on`: asked before each batch. `dry_run`: only
            count.
    """

    def __init__(
        self,
        services: Services,
        *,
        horizons: Mapping[str, int],
        look: Callable[[], Standing],
        goes_on: Callable[[], bool],
        dry_run: bool,
    ) -> None:
        self._services = services
        self._horizons = horizons
        self._look = look
        self._goes_on = goes_on
        self._dry_run = dry_run
        self._standing = look()
        self.counts = ReportCounts()

    def run(self) -> ReportCounts:
        """Look at every report that is stored."""
        after: int | None = None
        while self._goes_on():
            with self._services.store.read() as unit:
                found = unit.report_cleanup.reports(after=after, most=REPORTS_READ_AT_ONCE)
            if not found:
                break
            after = found[-1].number
            gone = self._gone(found)
            self.counts.kept += len(found) - len(gone)
            for batch in _batches(gone):
                if not self._goes_on():
                    return self.counts
                self._remove(batch, tries=PLANS_MOST)
        return self.counts

    def _gone(self, found: Sequence[StoredReport]) -> list[StoredReport]:
        """Return those that nothing keeps; all uses are read only of those that their newest uses do not keep."""
        doubtful = [report for report in found if not self._is_kept(report)]
        if not doubtful:
            return []
        with self._services.store.read() as unit:
            return [report for report in unit.report_cleanup.with_all_uses(doubtful) if not self._is_kept(report)]

    def _is_kept(self, report: StoredReport) -> bool:
        protected = self._standing.protected
        return any(why_kept(use, horizons=self._horizons, protected=protected) for use in report.uses)

    def _remove(self, batch: Sequence[StoredReport], *, tries: int) -> None:
        if self._dry_run:
            self._removed(batch, sum(report.bytes for report in batch))
            return
        versions = self._standing.versions
        begun = time.monotonic()
        try:
            with self._services.store.write() as unit:
                removal = ReportRemoval(reports=tuple(batch), horizons=self._horizons, versions=versions)
                freed = unit.report_cleanup.remove(removal)
        except Moved:
            self._again(batch, tries=tries - 1)
            return
        self._removed(batch, freed)
        time.sleep(max(_SHORTEST_PAUSE_SECONDS, _PAUSE_SHARE * (time.monotonic() - begun)))

    def _again(self, batch: Sequence[StoredReport], *, tries: int) -> None:
        """Plan again what changed meanwhile, report by report."""
        if tries == 0:
            self.counts.kept += len(batch)
            self.counts.left_for_next_time += len(batch)
            return
        self._standing = self._look()
        still = self._gone(batch)
        self.counts.kept += len(batch) - len(still)
        for report in still:
            self._remove([report], tries=tries)

    def _removed(self, batch: Sequence[StoredReport], freed: int) -> None:
        self.counts.removed += len(batch)
        self.counts.bytes_freed += freed


def _batches(reports: Sequence[StoredReport]) -> Iterator[list[StoredReport]]:
    batch: list[StoredReport] = []
    for report in reports:
        too_large = sum(found.bytes for found in batch) + report.bytes > BYTES_AT_ONCE
        if batch and (too_large or len(batch) == REPORTS_AT_ONCE):
            yield batch
            batch = []
        batch.append(report)
    if batch:
        yield batch
