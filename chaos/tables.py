"""What every attack prints: its options, its table, its seed."""

from __future__ import annotations

import argparse
import json
import logging
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from chaos.oracle import FAULTS, Verdicts

_SHOWN = 5


class Row(NamedTuple):
    """One line of a table: what was measured, the figure, and its reach or where it comes from."""

    what: str
    figure: str
    note: str


def options(description: str | None) -> argparse.ArgumentParser:
    """Return the parser that every attack begins with, and let the product's log in this process say errors only."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="by default another each time")
    parser.add_argument("--quick", action="store_true", help="the short form")
    parser.add_argument("--json", type=Path, help="a file for the number of faults by verdict")
    return parser


def verdict_rows(found: Verdicts) -> list[Row]:
    """Return how much there was of what must not be."""
    return [Row(name, f"{len(getattr(found, name)):,}", "0") for name in FAULTS]


class Report(Protocol):
    """What an attack found."""

    seed: int
    seconds: float

    @property
    def title(self) -> str:
        """What was attacked, and on what."""

    @property
    def faults(self) -> Mapping[str, Sequence[str]]:
        """What must not be, by verdict; empty when all is well."""

    def rows(self) -> list[Row]:
        """The figures."""


def conclude(asked: argparse.Namespace, reports: Sequence[Report]) -> int:
    """Print the tables, and on stderr some of every fault; return the exit status."""
    for report in reports:
        print(table(report), flush=True)
        for name, found in report.faults.items():
            print(f"{name}: {json.dumps(list(found[:_SHOWN]))}", file=sys.stderr)
    if asked.json is not None:
        faults = [{name: len(found) for name, found in report.faults.items()} for report in reports]
        asked.json.write_text(json.dumps(faults), "utf8")
    return int(any(report.faults for report in reports))


def table(report: Report) -> str:
    """Return a report as a Markdown table."""
    title = f"{report.title}, seed {report.seed}, {report.seconds:.0f} s"
    lines = [f"| {row.what} | {row.figure} | {row.note} |" for row in report.rows()]
    return "\n".join((f"| {title} | Figure | |", "| --- | --- | --- |", *lines, ""))
