"""The command `stillframe demo`."""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillframe.cli.desk import log_to_stderr
from stillframe.cli.options import Format, example
from stillframe.cli.output import OutputFormat, give, say
from stillframe.cli.surroundings import in_continuous_integration, somebody_watches

if TYPE_CHECKING:
    from stillframe.cli.demo.scene import Scene
    from stillframe.cli.demo.year import Moment

EXAMPLE = example("stillframe demo", "stillframe demo --days 31 --no-serve")
HOST = "127.0.0.1"
DEFAULT_PORT = 8000
DAYS_OF_THE_YEAR = 365


def demo(
    *,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="An empty folder to keep it in; by default a temporary one.")
    ] = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=DAYS_OF_THE_YEAR, help="How many days of the year.")
    ] = DAYS_OF_THE_YEAR,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Return at the end instead of serving the API.")] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="The port to serve on; another if it is taken.")
    ] = DEFAULT_PORT,
    output: Format = "table",
) -> None:
    """
    Capture a year of real flights day by day, tell whoever asked, then serve the API until Ctrl-C.

    With CI=true, without a terminal or with --no-serve it returns instead of serving.
    """
    from stillframe.cli.demo.scene import ready
    from stillframe.cli.demo.telling import closing, closing_lines
    from stillframe.testing import WebhookReceiver

    log_to_stderr()
    with _place(folder) as place, WebhookReceiver() as receiver:
        started = time.monotonic()
        with ready(place, receiver) as scene:
            moments = _played(scene, days, output=output)
        found = closing(scene, moments, seconds=time.monotonic() - started)
        give(found.as_dict(), output=output, lines=closing_lines(found))
        if no_serve or in_continuous_integration() or not somebody_watches():
            say("Not serving: on a terminal, without --no-serve and CI, the API follows.")
        else:
            _serve(scene, port=_free(port))


def _played(scene: Scene, count: int, *, output: OutputFormat) -> list[Moment]:
    from stillframe.cli.demo.example import days
    from stillframe.cli.demo.telling import moment_lines, progress
    from stillframe.cli.demo.year import play

    say("Carriers out of New York, ranked by punctuality, captured for each day of 2013. Four rules say who is told.")
    moments = []
    with progress(count) as advance:
        for moment in play(scene, days(count)):
            moments.append(moment)
            advance()
            if moment.is_telling and output == "table":
                print("\n".join(moment_lines(moment)), flush=True)
    return moments


def _serve(scene: Scene, *, port: int) -> None:
    """Serve the demo's database; its receiver goes on taking what a capture of yours sends."""
    from stillframe.serve import serve

    print(f"\nThe API: http://{HOST}:{port}/docs\nA token for one day: {scene.token}\nCtrl-C ends it.\n", flush=True)
    serve(scene.settings, host=HOST, port=port, worker=True)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    temporary = Path(tempfile.mkdtemp(prefix="stillframe-demo-"))
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _free(port: int) -> int:
    """Return the port if nobody listens there, else one that is free now."""
    for wanted in (port, 0):
        with suppress(OSError), socket.create_server((HOST, wanted)) as server:
            return int(server.getsockname()[1])
    return port
