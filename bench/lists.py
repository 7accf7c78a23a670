"""Measures `GET /api/v2/dashboard/snapshots` among a million records, for those who see all, a hundredth, and three."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

from bench.crowd import Readers, fill
from bench.databases import Home, homes
from bench.reading import Reader, Timed, served, timed
from bench.rounds import markdown

PATH = "/api/v2/dashboard/snapshots?limit=50"
MANY, FEW = 1_000_000, 10_000
QUICK_MANY, QUICK_FEW = 100_000, 10_000
CALLS = 400
DEEP_SHARE = 0.9
REACH_MS = {"deep": 60.0}
PLAIN_REACH_MS = 8.0
RATIO_MOST = 1.5
LABELS = {
    "admin": "an administrator, newest 50",
    "hundredth": "a reader of 1 % of the projects, newest 50",
    "three": "a viewer of 3, one silent for a year, newest 50",
    "deep": "an administrator, after nine tenths of all",
}


def measure(home: Home, *, projects: int, records: int, calls: int) -> dict[str, Timed]:
    """Fill a home and read from a server on it."""
    readers = fill(home, projects=projects, hours=records // projects)
    with served(home) as port:
        ways = _ways(port, readers, offset=int(DEEP_SHARE * records))
        return {name: timed(call, calls=calls) for name, call in ways.items()}


def _ways(port: int, readers: Readers, *, offset: int) -> dict[str, Callable[[], object]]:
    return {
        "admin": partial(Reader(port, readers.admin).read, PATH),
        "hundredth": partial(Reader(port, readers.hundredth).read, PATH),
        "three": partial(Reader(port, readers.three).read, PATH),
        "deep": partial(Reader(port, readers.admin).read, f"{PATH}&offset={offset}"),
    }


def _rows(name: str, many: dict[str, Timed], few: dict[str, Timed]) -> list[list[str]]:
    return [
        [
            f"{name}: {LABELS[way]}",
            str(few[way]),
            str(many[way]),
            f"{many[way].p95 / few[way].p95:.2f}",
            f"{REACH_MS.get(way, PLAIN_REACH_MS):.0f} ms, {RATIO_MOST} ×",
        ]
        for way in LABELS
    ]


def main() -> None:
    """Run and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_MANY:,} records in place of {MANY:,}")
    parser.add_argument("--projects", type=int, default=1_000, help="how many projects the records are of")
    given = parser.parse_args()
    many, few = (QUICK_MANY, QUICK_FEW) if given.quick else (MANY, FEW)
    rows: list[list[str]] = []
    found = [
        _measured(records, projects=given.projects, calls=CALLS // 4 if given.quick else CALLS)
        for records in (few, many)
    ]
    for name in found[1]:
        rows += _rows(name, found[1][name], found[0][name])
    head = f"{given.projects:,} projects, p50 / p95 ms over HTTP"
    print(markdown([head, f"{few:,} records", f"{many:,} records", "p95 ratio", "reach"], rows))


def _measured(records: int, *, projects: int, calls: int) -> dict[str, dict[str, Timed]]:
    with homes() as found:
        return {home.name: measure(home, projects=projects, records=records, calls=calls) for home in found}


if __name__ == "__main__":
    main()
