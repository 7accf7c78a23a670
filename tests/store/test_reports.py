"""Raw reports: the same bytes once, read back as they were or not at all, and never half kept."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from stillframe.errors import StoreError
from stillframe.store import Store, Unit, packed_report
from stillframe.store.connect import open_engine
from stillframe.store.reports import PART_BYTES
from tests.store.cast import scene
from tests.store.damage import by_hand, drop_trigger
from tests.store.kept import bundle, keep

SARIF = b'{"runs": [{"results": []}]}'


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def count(target: str, table: str) -> int:
    engine = open_engine(target)
    with engine.connect() as connection:
        found: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    engine.dispose()
    return found


@pytest.mark.parametrize(
    "data",
    [b"", b"x", SARIF, b"a" * PART_BYTES, b"ab" * PART_BYTES, random.Random(1).randbytes(PART_BYTES + 7)],
    ids=["empty", "one byte", "small", "one part", "two parts", "noise"],
)
def test_what_is_kept_is_read_back_byte_for_byte(store: Store, data: bytes) -> None:
    """Whatever the size, and by any process."""
    with store.write() as unit:
        unit.reports.keep([packed_report(data)])
    with store.read() as unit:
        assert unit.reports.get(digest(data)) == data
        assert unit.reports.standing([digest(data), digest(b"another")]) == {digest(data)}
        assert unit.reports.get(digest(b"another")) is None


def test_the_same_bytes_are_stored_once(store: Store, target: str) -> None:
    """Twice in one call, in two transactions, under any name."""
    with store.write() as unit:
        unit.reports.keep([packed_report(SARIF), packed_report(SARIF)])
    with store.write() as unit:
        unit.reports.keep([packed_report(SARIF), packed_report(b"another")])
    assert count(target, "reports") == 2


def test_two_processes_that_keep_the_same_report_at_once_store_it_once(store: Store, target: str) -> None:
    """The second waits for the first, and finds it there."""
    others = [Store.open(target, create=False) for _ in range(4)]
    begin = threading.Barrier(len(others))

    def run(mine: Store) -> None:
        begin.wait()
        for number in range(10):
            with mine.write() as unit:
                unit.reports.keep([packed_report(b"shared %d" % number)])

    with ThreadPoolExecutor(len(others)) as pool:
        list(pool.map(run, others))
    for mine in others:
        mine.close()
    assert count(target, "reports") == 10


def _keep_and_fail(unit: Unit) -> None:
    unit.reports.keep([packed_report(SARIF)])
    raise StoreError("the disk is gone")


def test_nothing_is_half_kept_after_an_error(store: Store, target: str) -> None:
    """Bytes, record and links are there together or not at all."""
    here = scene(store)
    with pytest.raises(StoreError), store.write() as unit:
        _keep_and_fail(unit)
    assert count(target, "reports") == 0
    with store.write() as unit:
        unit.reports.keep([packed_report(SARIF)])
    keep(here, 1, SARIF)
    assert count(target, "report_uses") == 1


def test_a_snapshot_cannot_name_a_report_that_is_not_there(store: Store, target: str) -> None:
    """Evidence that nobody kept is no evidence."""
    here = scene(store)
    record = here.take(1, source_bundle=bundle([packed_report(SARIF)]))
    with pytest.raises(StoreError, match="which is not stored"), store.write() as unit:
        unit.reports.link(record)
    assert count(target, "report_uses") == 0


def test_only_entries_with_a_format_are_reports(store: Store, target: str) -> None:
    """What else a picture was made from (the members' own frames) is named by its hash and not kept here."""
    here = scene(store)
    record = here.take(1, source_bundle=bundle([]))
    with store.write() as unit:
        unit.reports.link(record)
    assert count(target, "report_uses") == 0
    keep(here, 2, b"one", b"two", b"one")
    assert count(target, "report_uses") == 2


@pytest.mark.parametrize("harm", ["another part", "a flipped bit", "a missing part"])
def test_damage_is_never_given_out_as_evidence(store: Store, target: str, harm: str) -> None:
    """The hash decides, whatever a part of it can still be read."""
    data, other = random.Random(2).randbytes(PART_BYTES + 9), b"other"
    with store.write() as unit:
        unit.reports.keep([packed_report(data)])
    with store.write() as unit:
        unit.reports.keep([packed_report(other)])
    if harm == "a missing part":
        by_hand(target, drop_trigger(target, "reports_delete"), "DELETE FROM reports WHERE place=1")
    elif harm == "another part":
        forged = "UPDATE reports SET bytes=(SELECT max(bytes) FROM reports WHERE size=5) WHERE place=0"
        by_hand(target, drop_trigger(target, "reports_update"), forged)
    else:
        cut = "substr(bytes,1,length(bytes)-9)||substr(bytes,length(bytes)-7)"
        cast = f"CAST({cut} AS BLOB)" if store.dialect == "sqlite" else cut
        by_hand(target, drop_trigger(target, "reports_update"), f"UPDATE reports SET bytes={cast} WHERE place=0")
    with store.read() as unit, pytest.raises(StoreError, match=f"The stored report {digest(data)} is not what"):
        unit.reports.get(digest(data))


def test_a_part_that_is_added_by_hand_is_not_read(store: Store, target: str) -> None:
    """What stands behind the last part reaches no evidence."""
    with store.write() as unit:
        unit.reports.keep([packed_report(SARIF)])
    by_hand(target, "INSERT INTO reports SELECT report,1,size,bytes FROM reports")
    with store.read() as unit:
        assert unit.reports.get(digest(SARIF)) == SARIF


_LARGE = """
import hashlib, pathlib, sys
from stillframe.store import Store, packed_report

def most():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024

store = Store.open(sys.argv[1], create=False)
with store.write() as unit: unit.reports.keep([packed_report(b"small")])
before = most()
data = pathlib.Path(sys.argv[2]).read_bytes()
found = packed_report(data)
name = found.sha256
with store.write() as unit: unit.reports.keep([found])
del data, found
with store.read() as unit: assert hashlib.sha256(unit.reports.get(name)).hexdigest() == name
print(most() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory is asked of Linux")
def test_the_largest_report_needs_bounded_memory(store: Store, target: str, tmp_path: Path) -> None:
    """64 MiB that zstd cannot make smaller are kept and read back in less than 200 MB."""
    file = tmp_path / "large.bin"
    file.write_bytes(random.Random(3).randbytes(64 * 1024 * 1024))
    ran = subprocess.run([sys.executable, "-c", _LARGE, target, str(file)], check=True, capture_output=True, text=True)
    assert 64 < int(ran.stdout) < 200
