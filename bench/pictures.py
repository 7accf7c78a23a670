"""Pictures: how long a chart takes to specify, to compile, and to find again; and how long a year takes to thin."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.rounds import markdown, medians, milliseconds
from stillframe.render import Renderer
from stillframe.report.charts import Chart, Dumbbell, Line, bump_chart, dumbbells, slope_graph, trend_chart
from stillframe.report.sampling import downsampled
from stillframe.report.trend import trend_of_series

HOUR = 3_600_000
START = 1_763_700_000_000
YEAR = 8_760
ROUNDS = 15
QUICK_ROUNDS = 5


def main() -> None:
    """Print both tables; `--quick` for fewer rounds."""
    rounds = QUICK_ROUNDS if "--quick" in sys.argv else ROUNDS
    renderer = Renderer()
    try:
        begun = time.perf_counter()
        renderer.warm_up()
        first = time.perf_counter() - begun
        print(markdown(["Picture", "specify, ms", "compile, ms", "from the cache, ms"], pictures(renderer, rounds)))
    finally:
        renderer.close()
    print(f"\nStarting the process that compiles, and its first picture: {milliseconds(first)} ms.\n")
    print(markdown(["A year of hours, 12 metrics", "ms"], series(rounds)))


def pictures(renderer: Renderer, rounds: int) -> list[list[str]]:
    """Time each chart alone; a new width each time keeps the cache out of the compiling."""
    rows = []
    for name, draw in drawings().items():
        widths = iter(range(600, 100_000))
        made = medians({"specify": lambda draw=draw: draw(640)}, rounds=rounds)["specify"]
        both = medians(
            {"svg": lambda draw=draw, widths=widths: renderer.chart_svg(draw(next(widths)).spec)}, rounds=rounds
        )
        spec = draw(640).spec
        kept = medians({"kept": lambda spec=spec: renderer.chart_svg(spec)}, rounds=rounds)["kept"]
        rows.append([name, milliseconds(made), milliseconds(both["svg"] - made), milliseconds(kept)])
    return rows


def drawings() -> dict[str, Callable[[int], Chart]]:
    """One of each kind, as large as they become."""
    chance = random.Random(1)
    ids = list(range(300))
    moved = sorted(ids, key=lambda row: row + chance.gauss(0, 3))
    times = [START + number * HOUR for number in range(YEAR)]
    values = [[chance.gauss(70, 5) for _ in times] for _ in range(4)]
    frames = [
        {row: rank + 1 for rank, row in enumerate(sorted(ids[:20], key=lambda row: row + chance.gauss(0, 2)))}
        for _ in range(100)
    ]
    bells = [
        Dumbbell(name=f"metric {number}", old=100, new=100 + chance.gauss(0, 9), state="improved", tolerance=1)
        for number in range(20)
    ]
    lines = [Line(name=f"metric {number}", values=found) for number, found in enumerate(values)]
    return {
        "slope graph, 30 of 300 rows": lambda width: slope_graph(ids, moved, titles={}, top_n=20, width=width),
        "bump chart, 10 rows, 100 frames": lambda width: bump_chart(
            times[:100], frames, titles={}, top_n=10, width=width
        ),
        "dumbbells, 20 metrics": lambda width: dumbbells(bells, width=width),
        "trend, 4 metrics, 8,760 points": lambda width: trend_chart(times, lines, width=width),
    }


def series(rounds: int) -> list[list[str]]:
    """Time what a page of trends asks for, beside the answer without thinning."""
    chance = random.Random(1)
    times = [START + number * HOUR for number in range(YEAR)]
    columns: dict[str, list[Any]] = {f"m-{number}": [chance.gauss(70, 5) for _ in times] for number in range(12)}
    found = medians(
        {
            "thinned to 500 points": lambda: downsampled(times, columns, points=500),
            "the direction of each": lambda: [trend_of_series(times, column) for column in columns.values()],
        },
        rounds=rounds,
    )
    return [[name, milliseconds(seconds)] for name, seconds in found.items()]


if __name__ == "__main__":
    main()
