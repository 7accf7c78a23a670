"""Deltas as JSON: what is not said is false."""

from __future__ import annotations

from stillframe.model.delta import MetricDelta, SchemaChange, ValueDelta, flags


def test_a_value_delta_writes_only_the_flags_that_are_true() -> None:
    """Six members, and `from_zero` or `overflow` where they explain a null."""
    plain = ValueDelta("h-1", "elo", 1, 2, 1, 1.0, False, False, 3, 4)
    assert plain.as_dict() == {"id": "h-1", "field": "elo", "old": 1, "new": 2, "delta": 1, "delta_pct": 1.0}
    assert plain._replace(old=0, delta_pct=None, from_zero=True).as_dict()["from_zero"] is True


def test_a_metric_that_only_one_side_has_differs_and_has_not_moved() -> None:
    """Missing is news, and no move."""
    metric = MetricDelta(
        name="m", old=None, new=1, delta=None, delta_pct=None, better="higher", state="unchanged", presence="only_b"
    )
    assert (metric.moved, metric.differs) == (False, True)


def test_a_schema_change_is_told_with_its_place() -> None:
    """Panel, column, what happened, from what to what."""
    change = SchemaChange(panel="t", column="x", change="retyped", old="number", new="text")
    assert list(change.as_dict().values()) == ["t", "x", "retyped", "number", "text"]


def test_a_flag_that_is_false_is_not_written() -> None:
    """JSON readers take an absent flag for false."""
    assert flags(one=True, other=False) == {"one": True}
