"""The example that the demo plays: where its files are, and its rows by day."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from stillframe.errors import StillframeError

_HERE = Path(__file__).resolve().parent
_PLACES = (
    _HERE.parent / "carrier_punctuality",
    _HERE.parents[3] / "examples" / "carrier-punctuality",
)
"""In an installed wheel; in a clone."""
_COUNTS = ("flights", "cancelled", "arrived", "on_time", "delay_minutes")

CarrierDay = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """
    One day of every carrier.

    Shape   `date` as 2013-01-31. `rows`: day, carrier, then the five counts.
    """

    date: str
    rows: tuple[CarrierDay, ...]


def folder() -> Path:
    """
    Return the folder of the example, in a clone and in an installed package alike.

    Errors  StillframeError if it is in neither place.
    """
    found = next((place for place in _PLACES if place.is_dir()), None)
    if found is None:
        raise StillframeError(f"the demo's data are not here: neither {_PLACES[0]} nor {_PLACES[1]} is there")
    return found


def view_spec_file() -> Path:
    """Return the view spec of the leaderboard."""
    return folder() / "carriers.yaml"


def days(first: int) -> list[Day]:
    """Return the first days of the year, in order."""
    rows = [_row(line) for line in _lines("carrier_days.csv")]
    found = [Day(date=str(date), rows=tuple(members)) for date, members in groupby(rows, key=lambda row: row[0])]
    return found[:first]


def carriers() -> list[tuple[str, str]]:
    """Return the code and the name of every carrier."""
    return [(line["carrier"], line["name"]) for line in _lines("carriers.csv")]


def _lines(name: str) -> Sequence[Mapping[str, str]]:
    with (folder() / name).open(encoding="utf8", newline="") as file:
        return list(csv.DictReader(file))


def _row(line: Mapping[str, str]) -> CarrierDay:
    return (line["day"], line["carrier"], *(int(line[name]) for name in _COUNTS))
