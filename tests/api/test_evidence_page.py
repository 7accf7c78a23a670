"""The page of a snapshot shows what was captured, as it was captured, and harmless."""

from __future__ import annotations

import pytest

from stillframe.api.evidence_page import ROWS_SHOWN_MOST
from tests.api.cast import House, push

POISON = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.mark.parametrize("place", ["title", "column", "reason"])
def test_markup_in_the_data_is_shown_and_not_run(house: House, board: str, place: str) -> None:
    """A row that attacks is evidence like any other."""
    row = {"id": "h-1", "title": POISON if place == "title" else "x", POISON if place == "column" else "c": 1}
    body = {**push([row]), "reason": POISON if place == "reason" else "y"}
    taken = house.made("alice", f"{board}/snapshot", body)
    answer = house.ask("alice", "GET", f"/api/snapshot/{taken['id']}?format=html")
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_rows_stand_in_rank_order_and_a_long_table_says_where_it_was_cut(house: House, board: str) -> None:
    """The first row is what a reader saw at the top; what is not shown is counted."""
    rows = [{"id": f"row-{number}-", "score": number} for number in range(ROWS_SHOWN_MOST + 1)]
    taken = house.made("alice", f"{board}/snapshot", push(rows))
    text = house.ask("alice", "GET", f"/api/snapshot/{taken['id']}?format=html").text
    assert text.index("row-0-") < text.index("row-1-")
    assert f"row-{ROWS_SHOWN_MOST}-" not in text
    assert f"the first {ROWS_SHOWN_MOST} of {ROWS_SHOWN_MOST + 1} rows" in text
