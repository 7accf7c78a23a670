"""Commands that run and look after the installation: serve, worker, migrate, config show."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from stillframe.cli.desk import log_to_stderr, opened, tell_what_waits
from stillframe.cli.options import Config, Format, example
from stillframe.cli.options import group as new_group
from stillframe.cli.output import facts, give, say

if TYPE_CHECKING:
    from stillframe.config import Settings
    from stillframe.flows.services import Services

DRAIN_SECONDS = 60.0
STOP_SECONDS = 30.0
DEFAULT_PORT = 8000

config_group = new_group("Look at the configuration.")


def add_to(app: typer.Typer) -> None:
    """Put these commands on the root."""
    app.command("serve", epilog=example("stillframe serve --port 8000"))(serve)
    app.command("worker", epilog=example("stillframe worker --once"))(worker)
    app.command("migrate", epilog=example("stillframe migrate"))(migrate)
    app.add_typer(config_group, name="config")


def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="The port to listen on.")] = DEFAULT_PORT,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave deliveries and the timer to `stillframe worker`.")
    ] = False,
    config: Config = None,
) -> None:
    """Serve the HTTP API, deliver, and run the timer, until Ctrl-C. Makes the database if there is none."""
    from stillframe.config import load_settings
    from stillframe.serve import serve as run

    run(load_settings(config), host=host, port=port, worker=not no_worker)


def worker(
    *,
    once: Annotated[bool, typer.Option("--once", help="Deliver what is due, then return.")] = False,
    metrics_port: Annotated[
        int | None, typer.Option("--metrics-port", min=1, max=65_535, help="Answer Prometheus on this port.")
    ] = None,
    metrics_host: Annotated[
        str, typer.Option("--metrics-host", help="The address that Prometheus is answered on, without a token.")
    ] = "127.0.0.1",
    output: Format = "table",
    config: Config = None,
) -> None:
    """Deliver what is due and run the timer, until Ctrl-C. The log goes to stderr, one JSON object a line."""
    with opened(config, journal=True) as desk:
        if once:
            from stillframe.flows.dispatch import deliver_due, left_behind

            sent = deliver_due(desk.services, seconds=DRAIN_SECONDS)
            counts = {
                "delivered": sent["delivered"],
                "failed": sent["failed"],
                "pending": left_behind(desk.services).pending,
            }
            give(counts, output=output, lines=facts(counts))
            return
        import structlog

        from stillframe.flows.journal import keep_journal
        from stillframe.flows.worker import Worker

        with _metrics_served(desk.services, host=metrics_host, port=metrics_port):
            keep_journal(for_good=True)
            running = Worker(desk.services)
            running.start()
            structlog.get_logger(__name__).info("the worker runs; Ctrl-C ends it")
            _wait_for_the_end()
            running.stop(timeout_seconds=STOP_SECONDS)


def migrate(*, output: Format = "table", config: Config = None) -> None:
    """Bring the database up to this program's schema; makes it if there is none."""
    with opened(config, create=True) as desk:
        found = {
            "schema": desk.services.store.schema_state(),
            "database": desk.services.store.dialect,
            "at": _place(desk.settings),
        }
        give(found, output=output, lines=facts(found))
        tell_what_waits(desk.services)


@config_group.command("show", epilog=example("stillframe config show --format json"))
def show(*, output: Format = "table", config: Config = None) -> None:
    """Show the settings in force and where they were read; secrets are not shown."""
    from stillframe.config import load_settings

    log_to_stderr()
    settings = load_settings(config)
    document = settings.model_dump(mode="json")
    say(
        f"read from {settings.read_from or 'no file: defaults and the environment'}; the database is {_place(settings)}"
    )
    flat = {f"{section}.{key}": value for section, members in document.items() for key, value in members.items()}
    give(document, output=output, lines=facts(flat))


def _place(settings: Settings) -> str:
    return "a PostgreSQL server" if settings.database.url is not None else settings.store_target


@contextmanager
def _metrics_served(services: Services, *, host: str, port: int | None) -> Iterator[None]:
    if port is None:
        yield
        return
    from stillframe.flows.exposition import serve_metrics

    end = serve_metrics(services, host=host, port=port)
    try:
        yield
    finally:
        end()


def _wait_for_the_end() -> None:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
