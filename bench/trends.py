"""Measures a project's trends over a year of hourly snapshots: twelve metrics, one, and a year in 500 points."""

from __future__ import annotations

import argparse
from functools import partial

from bench.crowd import fill
from bench.databases import Home, homes
from bench.reading import Reader, Timed, served, timed
from bench.rounds import markdown

PROJECTS = 30
HOURS = 8_760
QUICK_PROJECTS = 5
CALLS = 150
PATH = "/api/v2/dashboard/snapshots/project-{}/trends"
ONE = "sca.score"
WAYS = {
    "12 metrics, every point": ("", "45 ms"),
    "one metric, every point": (f"?metric={ONE}", "20 ms"),
    "12 metrics in 500 points": ("?points=500", ""),
}


def measure(home: Home, *, projects: int, calls: int) -> dict[str, tuple[Timed, int]]:
    """Fill a home and read one project of many from a server on it; with each time the bytes of the answer."""
    readers = fill(home, projects=projects, hours=HOURS, series=True)
    path = PATH.format(projects - 1)
    with served(home) as port:
        found = {}
        for name, (query, _) in WAYS.items():
            reader = Reader(port, readers.admin)
            found[name] = timed(partial(reader.read, path + query), calls=calls), len(reader.read(path + query))
    return found


def main() -> None:
    """Run and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"among {QUICK_PROJECTS} projects and fewer calls")
    quick = parser.parse_args().quick
    projects, calls = (QUICK_PROJECTS, CALLS // 3) if quick else (PROJECTS, CALLS)
    with homes() as found:
        rows = [
            [f"{home.name}: {name}", str(timing), f"{size / 1024:,.0f} KiB", WAYS[name][1]]
            for home in found
            for name, (timing, size) in measure(home, projects=projects, calls=calls).items()
        ]
    print(
        markdown(
            [f"{HOURS:,} snapshots of one of {projects} projects, over HTTP", "p50 / p95 ms", "answer", "reach"], rows
        )
    )


if __name__ == "__main__":
    main()
