"""
Comparing two tables: Stillframe against a bare loop, csv-diff, datacompy (polars) and deepdiff.

Run `python -m bench.diff` (or `--quick`); the peers come with `pip install -e ".[bench]"`. Two clocks: everyone from
the same list of dicts, and everyone from its own prepared form (Snapshot, key map, frame). Between the two stand
Snapshots that nobody has compared yet: the kinds of their columns are known, their index is built inside the call.
Stillframe does all of its work: ranks, sets, values, metrics, schema. The bare loop indexes both sides and finds
changed numbers, nothing more. Both lists come from JSON text of their own, so that no equal cells are one object. Where
every row changed the sizes end at 10,000.
"""

from __future__ import annotations

import argparse
import platform
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import csv_diff
import datacompy
import orjson
import polars as pl
from deepdiff import DeepDiff

from bench.rounds import Contestant, markdown, medians, milliseconds
from stillframe.diff import compute_diff
from stillframe.model.payload import Kind, Metric, Panel, Payload, Primary, Table
from stillframe.model.snapshot import Snapshot, SnapshotRecord

Rows = list[dict[str, Any]]
SIZES = (100, 1_000, 10_000, 100_000)
QUICK_SIZES = (100, 1_000)
CHANGED_SHARES = (0.02, 1.0)
ROUNDS = {100: 15, 1_000: 11, 10_000: 7, 100_000: 5}
ALL_CHANGED_MOST_ROWS = 10_000
"""Above this a peer takes minutes a round when every row changed."""
DEEPDIFF_MOST_ROWS = 1_000
"""Above this deepdiff takes seconds a call; it is left out there and the table says so."""
NUMERIC = ("composite_score", "elo", "votes", "cost")
TEXT = ("id", "title", "status", "owner")
NUMBERS = (int, float)
BARE = "bare loop"


def rows_pair(count: int, changed_share: float) -> tuple[Rows, Rows]:
    """Return two rankings by score of 8 columns, of which so many rows changed in all four numbers."""
    draw = random.Random(count)
    before: Rows = [
        {
            "id": f"h-{number}",
            "title": f"Hypothesis {number}",
            "composite_score": draw.random(),
            "elo": draw.randint(900, 2_100),
            "votes": draw.randint(0, 500),
            "cost": draw.random() * 100,
            "status": draw.choice(["open", "tested", "closed"]),
            "owner": f"lab-{number % 7}",
        }
        for number in range(count)
    ]
    after = [dict(row) for row in before]
    for place in draw.sample(range(count), max(1, int(count * changed_share))):
        row = after[place]
        row |= {
            "composite_score": draw.random(),
            "elo": row["elo"] + 7,
            "votes": row["votes"] + 1,
            "cost": row["cost"] + 1.5,
        }
    for rows in (before, after):
        rows.sort(key=lambda row: (-row["composite_score"], row["id"]))
    return orjson.loads(orjson.dumps(before)), orjson.loads(orjson.dumps(after))


def bare_loop(before: Rows, after: Rows) -> list[tuple[str, str, float]]:
    """Index both by key, walk one, compare each number."""
    index_a = {row["id"]: row for row in before}
    index_b = {row["id"]: row for row in after}
    found = []
    for key, row in index_a.items():
        other = index_b.get(key)
        if other is None:
            continue
        for name, old in row.items():
            new = other.get(name)
            if old != new and isinstance(old, NUMBERS) and isinstance(new, NUMBERS):
                found.append((key, name, new - old))
    return found


def snapshot_of(rows: Rows, content_hash: str) -> Snapshot:
    """Return a snapshot as a capture leaves it: the kinds of every column are known, nothing is indexed yet."""
    kinds: dict[str, frozenset[Kind]] = dict.fromkeys(TEXT, frozenset[Kind](["text"]))
    kinds |= dict.fromkeys(NUMERIC, frozenset[Kind](["number"]))
    table = Table(key="id", columns=tuple(rows[0]), rows=rows, known_kinds=kinds)
    panels: dict[str, Panel] = {"board": table, "papers": Metric(value=len(rows) + len(content_hash))}
    time = datetime(2026, 1, 1, tzinfo=UTC)
    record = SnapshotRecord(
        id=content_hash,
        dashboard_id="d-1",
        sequence=1,
        parent_snapshot_id=None,
        timestamp=time,
        as_of=time,
        initiator="bench",
        trigger_source="manual",
        content_hash=content_hash,
        view_spec_hash="",
        capture_status="good",
    )
    return Snapshot(record=record, payload=Payload(panels=panels, primary=Primary(rows="board", metric="papers")))


def unindexed(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot as if nobody had compared it yet."""
    table = snapshot.payload.primary_table
    assert table is not None
    for name in ("ids", "places", "kinds", "holds_bools"):
        vars(table).pop(name, None)
    return snapshot


def _csv_diff(before: object, after: object) -> object:
    return csv_diff.compare(before, after)


def _key_map(rows: Rows) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


def _datacompy(before: pl.DataFrame, after: pl.DataFrame) -> object:
    comparison = datacompy.PolarsCompare(before, after, join_columns="id")
    return comparison.all_mismatch(), comparison.df1_unq_rows, comparison.df2_unq_rows


def _deepdiff(before: object, after: object) -> object:
    return DeepDiff(before, after)


def contestants(before: Rows, after: Rows) -> dict[str, Contestant]:
    """Return every rival by clock and name."""
    a, b = snapshot_of(before, "a"), snapshot_of(after, "bb")
    new_a, new_b = snapshot_of(before, "a"), snapshot_of(after, "bb")
    compute_diff(a, b)
    map_a, map_b, frame_a, frame_b = (
        _key_map(before),
        _key_map(after),
        pl.DataFrame(before),
        pl.DataFrame(after),
    )
    found: dict[str, Contestant] = {
        BARE: lambda: bare_loop(before, after),
        "rows in: stillframe, plain mappings": lambda: compute_diff({"primary_rows": before}, {"primary_rows": after}),
        "between: stillframe, Snapshots, index built": lambda: compute_diff(unindexed(new_a), unindexed(new_b)),
        "rows in: csv-diff": lambda: _csv_diff(_key_map(before), _key_map(after)),
        "rows in: datacompy (polars)": lambda: _datacompy(pl.DataFrame(before), pl.DataFrame(after)),
        "own form: stillframe, Snapshots": lambda: compute_diff(a, b),
        "own form: csv-diff, key maps": lambda: _csv_diff(map_a, map_b),
        "own form: datacompy, frames": lambda: _datacompy(frame_a, frame_b),
    }
    if len(before) <= DEEPDIFF_MOST_ROWS:
        found["rows in: deepdiff, key maps"] = lambda: _deepdiff(_key_map(before), _key_map(after))
    return found


def table(sizes: tuple[int, ...], *, changed_share: float, rounds: Callable[[int], int]) -> str:
    """Return the Markdown table of one share of changed rows: medians in milliseconds and × the bare loop."""
    columns = {size: medians(contestants(*rows_pair(size, changed_share)), rounds=rounds(size)) for size in sizes}
    names = list(dict.fromkeys(name for found in columns.values() for name in found))
    rows = [[name, *(_cell(columns[size], name) for size in sizes)] for name in names]
    return markdown(["", *(f"{size:,} rows" for size in sizes)], rows)


def _cell(found: dict[str, float], name: str) -> str:
    if name not in found:
        return "left out: seconds a call"
    return f"{milliseconds(found[name])} ms ({found[name] / found[BARE]:.2f} ×)"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds")
    quick = parser.parse_args().quick
    sizes = QUICK_SIZES if quick else SIZES
    print(f"Python {platform.python_version()}; median ms a call (× the bare loop of the same run), order shuffled\n")
    for share in CHANGED_SHARES:
        print(f"{share:.0%} of rows changed, 8 columns\n")
        reached = sizes if share < 1 else tuple(size for size in sizes if size <= ALL_CHANGED_MOST_ROWS)
        if reached != sizes:
            print(f"(up to {reached[-1]:,} rows: beyond, a peer takes minutes a round)\n")
        print(table(reached, changed_share=share, rounds=lambda size: 3 if quick else ROUNDS[size]), flush=True)
        print()


if __name__ == "__main__":
    main()
