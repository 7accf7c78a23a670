"""A project's dashboard: six rows, whatever is known of them, and nothing made up about what is not."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.health import project_payload
from stillframe.model.canonical import canonical_bytes
from stillframe.model.payload import Metric, Payload, Table
from stillframe.model.scope import DIMENSIONS

scores = st.one_of(st.none(), st.integers(0, 100), st.floats(0, 100).filter(lambda value: not value.is_integer()))
summaries = st.dictionaries(
    st.sampled_from(DIMENSIONS), st.builds(lambda score: {"score": score, "measures": []}, scores)
)


def rows(payload: Payload, panel: str = "dimensions") -> list[dict[str, Any]]:
    table = payload.panels[panel]
    assert isinstance(table, Table)
    return [dict(row) for row in table.rows]


@given(summaries)
def test_there_are_always_six_rows_in_the_same_order(found: dict[str, Any]) -> None:
    """A dimension without evidence keeps its place, so that no rank moves when evidence comes."""
    payload = project_payload(found)
    assert [row["dimension"] for row in rows(payload)] == list(DIMENSIONS)
    for row in rows(payload):
        score = found.get(row["dimension"], {}).get("score")
        assert (row["score"], row["status"]) == (score, "missing" if score is None else "measured")


def test_the_headline_is_the_health_score_and_null_where_there_is_none() -> None:
    """Missing is neither bad nor good: not zero, not a hundred."""
    known = project_payload({"health": {"score": 71.5, "measures": []}})
    assert isinstance(known.primary_metric, Metric)
    assert known.primary_metric.value == 71.5
    unknown = project_payload({"sca": {"score": 3, "measures": []}}).primary_metric
    assert unknown is not None
    assert unknown.value is None


def test_nobody_looked_is_another_picture_than_nothing_found() -> None:
    """Without findings there is no table of them; with none of them there is an empty one."""
    assert "findings" not in project_payload({}).panels
    assert rows(project_payload({}, findings=[]), "findings") == []


def test_findings_stand_in_the_order_of_their_ids() -> None:
    """The order in which a tool happened to write them is no change."""
    found = [
        {"id": name, "dimension": "sca", "severity": "high", "title": "", "location": None} for name in ("b", "a", "c")
    ]
    one, two = project_payload({}, findings=found), project_payload({}, findings=found[::-1])
    assert [row["id"] for row in rows(one, "findings")] == ["a", "b", "c"]
    assert canonical_bytes(one.as_dict()) == canonical_bytes(two.as_dict())


def test_the_order_of_dimensions_in_a_document_is_no_change() -> None:
    """The same summaries have the same hash."""
    sca, audit = {"score": 1, "measures": []}, {"score": 2, "measures": []}
    one, two = project_payload({"sca": sca, "audit": audit}), project_payload({"audit": audit, "sca": sca})
    assert canonical_bytes(one.as_dict()) == canonical_bytes(two.as_dict())


@given(summaries)
def test_the_payload_comes_back_from_its_document(found: dict[str, Any]) -> None:
    """What is stored is read as it was."""
    payload = project_payload(found, findings=[])
    assert Payload.from_dict(payload.as_dict()).as_dict() == payload.as_dict()


def test_half_a_point_is_no_change() -> None:
    """A score within its tolerance moves nothing; beyond it the dimension regressed."""
    before = project_payload({"health": {"score": 70, "tolerance": 0.5, "measures": []}})
    near = project_payload({"health": {"score": 69.5, "tolerance": 0.5, "measures": []}})
    far = project_payload({"health": {"score": 69.4, "tolerance": 0.5, "measures": []}})
    assert compute_diff(before, near).dimension_states == {"health": "unchanged"}
    assert compute_diff(before, near).is_empty
    assert compute_diff(before, far).dimension_states == {"health": "regressed"}
