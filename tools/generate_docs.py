"""Writes the generated files of docs/reference from the code, or checks that they are up to date."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from stillframe.capture.spec import view_spec_schema

REPOSITORY = Path(__file__).resolve().parent.parent


def view_spec_document() -> str:
    """Return the published JSON Schema of view specs, as the bytes that stand in the repository."""
    return json.dumps(view_spec_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


GENERATED: Mapping[str, Callable[[], str]] = {
    "docs/reference/view-spec.schema.json": view_spec_document,
}


def find_stale(root: Path) -> tuple[str, ...]:
    """Return the generated files under `root` that differ from what the code says now."""
    return tuple(name for name, produce in GENERATED.items() if _read(root / name) != produce())


def write_all(root: Path) -> None:
    """Write every generated file under `root`."""
    for name, produce in GENERATED.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(produce(), encoding="utf8")


def main() -> int:
    """Write the files, or with --check name the stale ones; 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a file is stale")
    if not parser.parse_args().check:
        write_all(REPOSITORY)
        return 0
    stale = find_stale(REPOSITORY)
    for name in stale:
        print(f"{name} is not what the code says now: run `make docs` and commit it")
    return 1 if stale else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
