"""A payload on a terminal: metrics, then tables with their ranks."""

from __future__ import annotations

from stillframe.cli.pictures import picture
from stillframe.model.payload import Field, Metric, Payload, Table


def test_metrics_come_first_and_rows_carry_their_rank() -> None:
    """The first row is what a reader sees at the top."""
    table = Table(key="id", columns=("id", "score"), rows=({"id": "b", "score": 2}, {"id": "a", "score": None}))
    panels: dict[str, Table | Metric] = {
        "board": table,
        "total": Metric(value=2, field=Field(unit="points")),
        "none": Metric(value=None),
    }
    assert list(picture(Payload(panels=panels).as_dict())) == [
        "total: 2 points",
        "none: no value",
        "",
        "board (2 rows)",
        "#  ID  SCORE",
        "1  b   2",
        "2  a",
    ]
