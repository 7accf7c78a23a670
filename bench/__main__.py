"""Runs every benchmark, each in a process of its own, and prints the tables one under the other."""

from __future__ import annotations

import platform
import subprocess
import sys
from datetime import UTC, datetime

BENCHMARKS = (
    "diff",
    "rules",
    "promise",
    "snapshots",
    "deliveries",
    "crowded",
    "receivers",
    "frames",
    "cleanup",
    "lists",
    "trends",
    "compare",
    "pdf",
    "pictures",
    "reports",
    "start_up",
)


def main() -> None:
    """Run the benchmarks named on the command line, or all; `--quick` goes to each that takes it."""
    named = [word for word in sys.argv[1:] if not word.startswith("-")] or list(BENCHMARKS)
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {platform.machine()}, {datetime.now(UTC):%Y-%m-%d}\n")
    for name in named:
        print(f"## {name}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{name}", *([] if name == "start_up" else options)], check=True)
        print(flush=True)


if __name__ == "__main__":
    main()
