"""What the tests of the house look at: the files that are, or would be, committed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

NOT_OURS = {
    ".git",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
}


@pytest.fixture(scope="session")
def tracked(repository: Path) -> tuple[Path, ...]:
    """Every file that git tracks or would add, without git every file that is not made by a tool."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        found = [repository / name for name in listing.stdout.split("\0") if name]
    else:
        found = [path for path in repository.rglob("*") if not NOT_OURS & set(path.relative_to(repository).parts)]
    return tuple(sorted(path for path in found if path.is_file()))


@pytest.fixture(scope="session")
def sources(repository: Path) -> tuple[Path, ...]:
    """Every module of the package, relative to `src/stillframe`."""
    root = repository / "src" / "stillframe"
    return tuple(sorted(path.relative_to(root) for path in root.rglob("*.py")))
