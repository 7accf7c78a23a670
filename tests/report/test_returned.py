"""What came back: named once, in the order in which it first changed, and never what still differs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from stillframe.diff import compute_diff
from stillframe.model.payload import Metric, Payload, Primary, Table
from stillframe.report.returned import NAMED_MOST, came_back


def picture(total: float = 10, **scores: float) -> Payload:
    """Return a picture of rows and a metric."""
    rows = [{"id": name, "score": score} for name, score in sorted(scores.items(), key=lambda pair: -pair[1])]
    board = Table(key="id", columns=("id", "score"), rows=rows)
    return Payload(panels={"board": board, "total": Metric(value=total)}, primary=Primary(rows="board", metric="total"))


def returned(*pictures: Payload, titles: Any = None) -> tuple[str, ...]:
    """Return what came back on the way from the first picture to the last."""
    steps = [compute_diff(before, after) for before, after in pairwise(pictures)]
    return came_back(steps, compute_diff(pictures[0], pictures[-1]), titles=titles or {})


def test_a_value_a_metric_and_a_row_that_came_back_are_named() -> None:
    """By what people call them."""
    found = returned(
        picture(a=1, b=0), picture(total=11, a=2, b=0, c=-1), picture(a=1, b=0), titles={"a": "Alpha", "c": "Gamma"}
    )
    assert found == ("Total", "Gamma", "score of Alpha")


def test_what_still_differs_did_not_come_back() -> None:
    """Also where it went further and came half of the way back."""
    assert returned(picture(a=1, b=0), picture(a=9, b=5), picture(a=2, b=0)) == ("score of b",)


def test_ranks_alone_are_named_where_nothing_else_is() -> None:
    """Of two rows that swapped and swapped back without values there is nothing else to say."""

    def ranked(*names: str) -> Payload:
        board = Table(key="id", columns=("id",), rows=[{"id": name} for name in names])
        return Payload(panels={"board": board}, primary=Primary(rows="board"))

    assert returned(ranked("a", "b"), ranked("b", "a"), ranked("a", "b")) == ("rank of b", "rank of a")


def test_many_are_counted() -> None:
    """A digest of a busy day stays readable."""
    flat = {f"r{number:02}": 1.0 for number in range(30)}
    found = returned(picture(**flat), picture(**dict.fromkeys(flat, 2.0)), picture(**flat))
    assert len(found) == NAMED_MOST + 1
    assert found[-1] == "and 20 more"


@given(some.lists(some.dictionaries(some.sampled_from("abc"), some.integers(0, 3)), min_size=1, max_size=6))
def test_a_way_that_ends_where_it_began_came_back_whole(way: list[dict[str, int]]) -> None:
    """Whatever changed on the way is named, if anything did; nothing is where nothing did."""
    pictures = [picture(**shown) for shown in (*way, way[0])]
    moved = any(not compute_diff(before, after).is_empty for before, after in pairwise(pictures))
    assert bool(returned(*pictures)) == moved
