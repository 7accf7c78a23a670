"""Taking raw reports away: which stand, which snapshots keep them, and removing those that nothing keeps any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Row, Select, TextClause, bindparam, delete, func, select, text

from stillframe.rules.retention import Use
from stillframe.store.cleanup import Moved, horizon_rows, locked_heads
from stillframe.store.tables import HORIZONS, REPORT_USES, REPORTS
from stillframe.store.texts import Texts
from stillframe.store.work import Work

_LOWEST = 0
_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True, literal_execute=True)
_REPORTS: Select[Any] = (
    select(REPORTS.c.report, func.sum(func.length(REPORTS.c.bytes)).label("bytes"))
    .where(REPORTS.c.report > bindparam("after", type_=BigInteger()))
    .group_by(REPORTS.c.report)
    .order_by(REPORTS.c.report)
    .limit(bindparam("most"))
)
_USES = """SELECT u.report,s.dashboard,s.sequence,s.timestamp,s.immutable,s.retention_class,s.trigger_source
FROM {uses} u JOIN snapshots s ON s.dashboard=u.dashboard AND s.sequence=u.sequence
WHERE u.report IN :numbers ORDER BY u.report"""
_IN_TEXT: BindParameter[int] = bindparam("numbers", expanding=True)
_ALL: TextClause = text(_USES.format(uses="report_uses")).bindparams(_IN_TEXT)
_NEWEST: TextClause = text(
    _USES.format(
        uses="""(SELECT report,dashboard,max(sequence) AS sequence FROM report_uses
WHERE report IN :numbers GROUP BY report,dashboard)"""
    )
).bindparams(_IN_TEXT)
_TOTAL = select(func.count().label("total")).select_from(REPORT_USES).where(REPORT_USES.c.report.in_(_NUMBERS))
_LOCKED: Select[Any] = (
    select(REPORTS.c.report)
    .where(REPORTS.c.report.in_(_NUMBERS), REPORTS.c.place == 0)
    .order_by(REPORTS.c.report)
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """
    A report that is stored.

    Shape   `uses`: the snapshots that keep it: all, or of each dashboard the newest.
    Units   `bytes` as they are stored.
    """

    number: int
    bytes: int
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRemoval:
    """
    What one transaction takes away.

    Shape   `reports` with all of their uses. `horizons` by class, in milliseconds since 1970. `versions`: the rules
            version of each dashboard.
    """

    reports: tuple[StoredReport, ...]
    horizons: Mapping[str, int]
    versions: Mapping[int, int]


class ReportCleanup:
    """Reports that nothing keeps any more. What records say of them stays."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._texts = Texts(work)

    def reports(self, *, after: int | None, most: int) -> list[StoredReport]:
        """
        Return reports by number, from the one that follows `after`, each with the newest use of each dashboard.

        Most reports are kept for the sake of one of those, and a report may have as many uses as there are snapshots.
        """
        rows = self._work.rows(_REPORTS, {"after": _LOWEST if after is None else after, "most": most})
        uses = self._uses(_NEWEST, [row.report for row in rows])
        return [StoredReport(number=row.report, bytes=int(row.bytes), uses=uses.get(row.report, ())) for row in rows]

    def with_all_uses(self, reports: Sequence[StoredReport]) -> list[StoredReport]:
        """Return reports with every snapshot that keeps them."""
        uses = self._uses(_ALL, [found.number for found in reports])
        return [replace(found, uses=uses.get(found.number, ())) for found in reports]

    def remove(self, removal: ReportRemoval) -> int:
        """
        Take reports away, and return how many bytes became free.

        Errors  Moved if a report, a subscription or a use is not as it was planned with; nothing is changed then.
        """
        numbers = {"numbers": [found.number for found in removal.reports]}
        concerned = {use.dashboard for found in removal.reports for use in found.uses}
        locked_heads(self._work, concerned, versions=removal.versions)
        if len(self._work.rows(_LOCKED, numbers)) < len(removal.reports):
            raise Moved
        total = self._work.row(_TOTAL, numbers)
        if total is None or total.total != sum(len(found.uses) for found in removal.reports):
            raise Moved
        if removal.horizons:
            self._work.run(HORIZONS.insert(), horizon_rows(removal.horizons))
        self._work.run(delete(REPORTS).where(REPORTS.c.report.in_(_NUMBERS)), numbers)
        self._work.run(delete(HORIZONS))
        return sum(found.bytes for found in removal.reports)

    def _uses(self, statement: TextClause, numbers: Sequence[int]) -> dict[int, tuple[Use, ...]]:
        rows = self._work.rows(statement, {"numbers": numbers}) if numbers else ()
        words = self._texts.texts_of({key for row in rows for key in (row.retention_class, row.trigger_source)})
        return {
            number: tuple(_use(row, words) for row in found)
            for number, found in groupby(rows, key=lambda row: row.report)
        }


def _use(row: Row[Any], words: Mapping[int, str]) -> Use:
    place = (row.dashboard, row.sequence, row.timestamp)
    return Use(*place, bool(row.immutable), words[row.retention_class], words[row.trigger_source])
