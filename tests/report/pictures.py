"""What dashboards showed in these tests: one small picture with boring defaults, and any picture at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff

CARRIERS = {"HA": "Hawaiian", "UA": "United", "DL": "Delta", "AS": "Alaska", "B6": "JetBlue"}

NASTY = st.sampled_from(
    [
        "@ops-lead",
        "<b>",
        "a|b",
        "x\ny",
        "**!**",
        "[a](http://b)",
        "`",
        "\x1b[31m",
        "\u202e",
        "!",
        "&lt;",
        "www.a.b",
        "\\@a",
    ]
)
TEXTS = st.one_of(NASTY, st.text(max_size=120))
NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([0, 1, 0.1])
)
CELLS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)


def row(carrier: str, **cells: Any) -> dict[str, Any]:
    """A carrier's row: half of its flights on time unless the test says more."""
    return {"id": carrier, "title": CARRIERS.get(carrier, carrier), "on_time": 0.5} | cells


def picture(
    rows: Sequence[Mapping[str, Any]] = (),
    *,
    papers: float | None = 15_025,
    summaries: Mapping[str, Any] | None = None,
    others: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A payload with one ranked table, the metric `papers`, and whatever else the test is about."""
    columns = list(dict.fromkeys(name for found in rows for name in found)) or ["id", "title", "on_time"]
    table = {"kind": "table", "key": "id", "columns": columns, "fields": {}, "rows": list(rows)}
    metric = {"kind": "metric", "value": papers, "better": "higher", "tolerance": 0}
    return {
        "schema": "stillframe.snapshot/1",
        "materialized_data": {"leaderboard": table, "papers": metric, **(others or {})},
        "primary": {"rows": "leaderboard", "metric": "papers"},
        "summaries": dict(summaries or {}),
        "sources": [],
    }


def ranked(*carriers: str) -> dict[str, Any]:
    """The picture of these carriers, best first."""
    return picture([row(carrier) for carrier in carriers])


@st.composite
def pictures(draw: st.DrawFn) -> dict[str, Any]:
    """Any picture: few ids so that pairs overlap, and cells that try everything."""
    ids = draw(st.lists(st.one_of(st.integers(1, 9), st.sampled_from("abcde"), NASTY), unique_by=repr, max_size=9))
    rows = [{"id": found, "title": draw(TEXTS), "value": draw(CELLS)} for found in ids]
    measures = [{"id": draw(st.sampled_from(["critical", "@all"])), "value": draw(st.one_of(st.none(), NUMBERS))}]
    summaries = {"sca": {"score": draw(st.one_of(st.none(), st.integers(0, 100))), "measures": measures}}
    other = {
        "kind": "table",
        "key": "id",
        "columns": ["id"],
        "fields": {},
        "rows": [{"id": found} for found in ids[:3]],
    }
    metric = {"kind": "metric", "value": draw(NUMBERS), "better": "lower", "tolerance": 0}
    return picture(
        rows,
        papers=draw(st.one_of(st.none(), NUMBERS)),
        summaries=draw(st.sampled_from([{}, summaries])),
        others=draw(st.sampled_from([{}, {"routes|<b>": other}, {"late_flights": metric}])),
    )


@st.composite
def diffs(draw: st.DrawFn) -> Diff:
    """The diff of any two pictures, as computed or as it comes back from its JSON, whole or cut."""
    diff = compute_diff(draw(pictures()), draw(pictures()), top_n=draw(st.integers(1, 12)))
    limit = draw(st.sampled_from([None, 1, 3]))
    return diff if draw(st.booleans()) else Diff.from_dict(diff.as_dict(limit=limit))
