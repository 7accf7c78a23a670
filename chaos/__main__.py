"""Runs every attack, or the ones named, each in a process of its own, and prints the tables one under the other."""

from __future__ import annotations

import platform
import secrets
import subprocess
import sys
from datetime import UTC, datetime

ATTACKS = ("storm", "stale", "power", "stops", "schedulers", "full", "breakages")


def main() -> int:
    """Run the attacks; the options go to each, and one seed to all; 1 if any of them found a fault."""
    words = sys.argv[1:]
    named = [word for word in words if word in ATTACKS]
    options = [word for word in words if word not in ATTACKS]
    if "--seed" not in options:
        options += ["--seed", str(secrets.randbelow(1_000_000))]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {platform.system()} {platform.machine()}, {datetime.now(UTC):%Y-%m-%d}\n", flush=True)
    failed = []
    for name in named or ATTACKS:
        print(f"## {name}\n", flush=True)
        if subprocess.run([sys.executable, "-m", f"chaos.{name}", *options], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}, with {' '.join(options)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
