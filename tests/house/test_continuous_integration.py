"""The tests cannot pass in continuous integration by being skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

SKIPS = '''"""Skips itself in three ways."""
import pytest

@pytest.mark.needs("a-program-that-nobody-has")
def test_needs_a_tool():
    """Skipped by the marker."""

def test_skips_by_itself():
    """Skipped from inside."""
    pytest.skip("no reason worth having")

def test_passes():
    """Not skipped."""
'''
SKIPS_WHOLE = '''"""Skips itself whole."""
import pytest

pytest.importorskip("a_package_that_nobody_has")
'''


def run_pytest(tree: Path, repository: Path, *, ci: str) -> str:
    tree.joinpath("conftest.py").write_bytes(repository.joinpath("tests", "conftest.py").read_bytes())
    tree.joinpath("test_skips.py").write_text(SKIPS, encoding="utf8")
    tree.joinpath("test_skips_whole.py").write_text(SKIPS_WHOLE, encoding="utf8")
    tree.joinpath("pytest.ini").write_text("[pytest]\nmarkers = needs(tool)\n", encoding="utf8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--continue-on-collection-errors", str(tree)],
        cwd=tree,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("ci", "summary"),
    [("", "1 passed, 3 skipped"), ("false", "1 passed, 3 skipped"), ("true", "1 failed, 1 passed, 2 errors")],
)
def test_a_skip_is_a_failure_in_ci_and_only_there(tmp_path: Path, repository: Path, ci: str, summary: str) -> None:
    """What a developer may lack, continuous integration may not."""
    assert summary in run_pytest(tmp_path, repository, ci=ci)


def test_settings_of_whoever_runs_the_tests_do_not_reach_them() -> None:
    """A token in the developer's shell must not decide whether a test passes."""
    assert not [name for name in os.environ if name.startswith("STILLFRAME_")]


@pytest.mark.postgres
def test_every_test_gets_a_postgres_database_of_its_own(postgres_url: str) -> None:
    """A real server, a fresh database: nothing left behind by the test before."""
    with psycopg.connect(postgres_url) as connection:
        (tables,) = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() or (-1,)
        (version,) = connection.execute("SHOW server_version_num").fetchone() or ("0",)
    assert tables == 0
    assert int(version) >= 160000
