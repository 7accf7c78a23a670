"""What the demo says: its moments as they come, a progress bar on a terminal, and a closing table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stillframe.cli.demo.scene import WATCHES, Scene
from stillframe.cli.demo.year import Moment, notices
from stillframe.cli.output import facts, one_line, table
from stillframe.cli.surroundings import somebody_watches

_MEBIBYTE = 1_048_576


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What the year came to."""

    moments: tuple[Moment, ...]
    received: int
    verified: int
    database_bytes: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the counts, and every moment in which somebody was told."""
        counted = notices(self.moments)
        return {
            "snapshots": len(self.moments),
            "notices": [
                {"rule": watch.name, "asks": watch.asks, "subscriber": watch.subscriber, "notices": counted[watch.name]}
                for watch in WATCHES
            ],
            "webhooks": {"received": self.received, "verified": self.verified},
            "database_bytes": self.database_bytes,
            "seconds": round(self.seconds, 1),
            "moments": [_moment_document(moment) for moment in self.moments if moment.told],
        }


def closing(scene: Scene, moments: Iterable[Moment], *, seconds: float) -> Closing:
    """Count what there is to count, once the database is closed and its file is whole."""
    ledger = scene.receiver.ledger
    return Closing(
        moments=tuple(moments),
        received=len(ledger),
        verified=sum(request.verified for request in ledger),
        database_bytes=_size_of(scene),
        seconds=seconds,
    )


def moment_lines(moment: Moment) -> Iterator[str]:
    """Return a telling moment: what changed, and under it who was told, and why."""
    yield f"{moment.date}  {one_line(moment.headline or '')}"
    yield from (f"            → {told.watch.subscriber}: {one_line(told.why)}" for told in moment.told)


def closing_lines(found: Closing) -> Iterator[str]:
    """Return the closing table."""
    document = found.as_dict()
    yield ""
    yield from table(document["notices"], ["rule", "subscriber", "asks", "notices"])
    yield ""
    figures = {
        "snapshots": document["snapshots"],
        "notices": sum(notice["notices"] for notice in document["notices"]),
        "signatures verified": f"{found.verified} of {found.received}",
        "database": f"{found.database_bytes / _MEBIBYTE:.1f} MiB",
        "seconds": f"{found.seconds:.0f}",
    }
    yield from facts(figures)


@contextmanager
def progress(days: int) -> Iterator[Any]:
    """Give a function to be called after each day; on a terminal it moves a bar, elsewhere it does nothing."""
    if not somebody_watches():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("the year 2013"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("days", total=days)
        yield lambda: bar.advance(task)


def _moment_document(moment: Moment) -> dict[str, Any]:
    told = [{"rule": told.watch.name, "subscriber": told.watch.subscriber, "why": told.why} for told in moment.told]
    return {"date": moment.date, "sequence": moment.sequence, "headline": moment.headline, "told": told}


def _size_of(scene: Scene) -> int:
    return sum(path.stat().st_size for path in scene.folder.glob("stillframe.db*") if path.is_file())
