"""Raw reports: the bytes that evidence was read from, each kept once, as long as a snapshot that names it is kept."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select

from stillframe.errors import StoreError
from stillframe.model.bundle import kept_entries
from stillframe.model.snapshot import SnapshotRecord
from stillframe.store.frames import packed, unpacked
from stillframe.store.tables import REPORT_USES, REPORTS
from stillframe.store.texts import Texts
from stillframe.store.work import Work

PART_BYTES = 4 * 1024 * 1024
"""A report is packed part by part, and read so: one part is in memory beside the report, however large that is."""
SMALL_LEVEL = 9
LARGE_LEVEL = 3
"""For reports of more than one part: 56 MiB of JSON take 0.3 s, where level 9 takes 1.8 s and saves a fifth."""

_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True, literal_execute=True)
_STANDING: Select[Any] = select(REPORTS.c.report).where(REPORTS.c.report.in_(_NUMBERS), REPORTS.c.place == 0)
_HELD = _STANDING.with_for_update(read=True, key_share=True)
"""Where cleanup of another process waits until this unit has ended, and then sees who keeps the report now."""
_PART: Select[Any] = select(REPORTS.c.size, REPORTS.c.bytes).where(
    REPORTS.c.report == bindparam("number"), REPORTS.c.place == bindparam("the_place")
)
_NEW_PART = REPORTS.insert()
_NEW_USE = REPORT_USES.insert()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedReport:
    """
    A report ready to be kept.

    Shape   `parts`: frames that each stand alone, in order.
    Units   `size`: bytes of the report itself.
    """

    sha256: str
    size: int
    parts: tuple[bytes, ...] = field(repr=False)


def packed_report(data: bytes) -> PackedReport:
    """Pack a report; do it before the transaction that keeps it, for a large one takes longer than others may wait."""
    view = memoryview(data)
    level = SMALL_LEVEL if len(data) <= PART_BYTES else LARGE_LEVEL
    starts = range(0, max(len(data), 1), PART_BYTES)
    return PackedReport(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        parts=tuple(packed(view[start : start + PART_BYTES], level=level) for start in starts),
    )


def named_reports(record: SnapshotRecord) -> set[str]:
    """Return the hashes of the reports that a record was made from: its entries that name the format of a report."""
    return {entry["sha256"] for entry in kept_entries(record.source_bundle)}


class Reports:
    """Raw reports by SHA-256, and which snapshots keep them."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._texts = Texts(work)

    def keep(self, reports: Iterable[PackedReport]) -> None:
        """Keep reports; one that is stored already is not stored again. Link them in the same transaction."""
        wanted = {report.sha256: report for report in reports}
        if not wanted:
            return
        numbers = self._texts.keys_of(wanted)
        missing = wanted.keys() - self._held(numbers)
        for sha256 in sorted(missing):
            # Another process may keep or remove the same one meanwhile: whoever comes second waits, and looks again.
            while not self._insert(numbers[sha256], wanted[sha256]) and not self._held({sha256: numbers[sha256]}):
                pass

    def link(self, record: SnapshotRecord) -> None:
        """
        Write down that a snapshot keeps the reports that its record names, in the transaction that stores it.

        Errors  StoreError if one of them is not stored.
        """
        names = named_reports(record)
        if not names:
            return
        numbers = self._texts.known_keys(names)
        missing = names - self._held(numbers)
        if missing:
            raise StoreError(f"The snapshot {record.id} names the report {min(missing)}, which is not stored.")
        place = {"dashboard": self._work.dashboard_key(record.dashboard_id), "sequence": record.sequence}
        self._work.run(_NEW_USE, [{"report": numbers[name]} | place for name in sorted(names)])

    def get(self, sha256: str) -> bytes | None:
        """
        Return the bytes that a hash names; None if they are unknown or had their time.

        Errors  StoreError if what is stored is not what the hash says.
        """
        number = self._texts.known_keys([sha256]).get(sha256)
        found = None if number is None else self._joined(number, sha256)
        if found is not None and hashlib.sha256(found).hexdigest() != sha256:
            raise _damaged(sha256)
        return found

    def standing(self, sha256s: Collection[str]) -> set[str]:
        """Return those of some hashes whose reports are stored."""
        return self._named(_STANDING, self._texts.known_keys(sha256s))

    def _held(self, numbers: dict[str, int]) -> set[str]:
        return self._named(_HELD, numbers)

    def _named(self, statement: Select[Any], numbers: dict[str, int]) -> set[str]:
        if not numbers:
            return set()
        rows = self._work.rows(statement, {"numbers": sorted(numbers.values())})
        found = {row.report for row in rows}
        return {name for name, number in numbers.items() if number in found}

    def _insert(self, number: int, report: PackedReport) -> bool:
        rows = (
            {"report": number, "place": n, "size": report.size, "bytes": part} for n, part in enumerate(report.parts)
        )
        if not self._work.run(self._work.insert_once(REPORTS), next(rows)):
            return False
        for row in rows:
            self._work.run(_NEW_PART, row)
        return True

    def _joined(self, number: int, sha256: str) -> bytes | None:
        """Return the parts as one; what somebody added behind the last one by hand is not read."""
        whole = io.BytesIO()
        for place in count():
            row = self._work.row(_PART, {"number": number, "the_place": place})
            if row is None and place == 0:
                return None
            try:
                whole.write(unpacked(row.bytes) if row is not None else b"")
            except StoreError as error:
                raise _damaged(sha256) from error
            if row is None or whole.tell() >= row.size:
                break
        return whole.getvalue()


def _damaged(sha256: str) -> StoreError:
    return StoreError(f"The stored report {sha256} is not what its hash says; restore the database from a copy.")
