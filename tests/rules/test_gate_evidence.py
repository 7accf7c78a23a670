"""What a candidate says to a gate: counts by dimension, metrics by name, and nothing where nobody said it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stillframe.model.payload import Payload
from stillframe.rules.gate_evidence import Candidate
from tests.rules.candidates import candidate, finding


def asked(payload: Payload, *, answered_for: tuple[str, ...] = (), places: dict[str, str] | None = None) -> Candidate:
    return Candidate(payload, answered_for=answered_for, places=places or {})


def test_findings_are_counted_in_the_dimensions_asked_about() -> None:
    """Those of another dimension or severity are another check's."""
    payload = candidate(
        {"audit.high": 2, "sca.high": 3, "quality.high": 7, "audit.low": 9},
        findings=[finding("f", severity="high"), finding("g", severity="high", dimension="quality")],
    )
    count = asked(payload, answered_for=("f", "g")).count("high", ("audit", "sca"))
    assert (count.found, count.open, count.suppressed) == (5, 4, 1)
    assert [row["id"] for row in count.answered_rows] == ["f"]
    assert (count.measured, count.missing, count.open_rows) == (("audit", "sca"), (), ())


@pytest.mark.parametrize("number", [None, -1])
def test_a_dimension_that_gives_no_number_is_missing(number: float | None) -> None:
    """Less than none is no count, and makes up for no finding elsewhere."""
    count = asked(candidate({"audit.high": number, "sca.high": 3})).count("high", ("audit", "sca"))
    assert (count.open, count.measured, count.missing) == (3, ("sca",), ("audit",))


@pytest.mark.parametrize("value", [None, True, float("nan"), float("inf"), "9"])
def test_what_is_no_number_is_no_metric(value: Any) -> None:
    """A gate compares numbers and nothing that looks like one."""
    assert asked(candidate({"quality.coverage.line": value})).metric("quality.coverage.line").value is None


def test_a_measure_may_have_dots_in_its_name() -> None:
    """The dimension ends at the first dot."""
    assert asked(candidate({"quality.coverage.line": 0.5})).metric("quality.coverage.line").value == 0.5


@pytest.mark.parametrize("name", ["nothing", "quality", "nothing.score", "quality.nothing", "dimensions", "findings"])
def test_a_name_that_is_no_metric_is_absent(name: str) -> None:
    """A table is no number, and a dimension is more than one."""
    assert asked(candidate({"quality.coverage.line": 0.5}, findings=[])).metric(name) == (None, "absent")


def test_a_status_that_is_not_measured_is_told() -> None:
    """Why there is no number is part of the answer."""
    measure = {"id": "coverage.line", "value": 0.5, "status": "stale"}
    payload = replace(candidate({}), summaries={"quality": {"score": None, "measures": [measure]}})
    assert asked(payload).metric("quality.coverage.line") == (None, "stale")


def test_a_witness_stands_where_the_line_is_known() -> None:
    """The picture knows the file alone; who read the reports knows the line."""
    found = asked(candidate({}, findings=[finding("f"), finding("g")]), places={"f": "src/f.py:7"})
    assert found.witness(finding("f"))["location"] == "src/f.py:7"
    assert found.witness(finding("g"))["location"] == "src/g.py"


def test_a_witness_of_a_rule_is_completed_where_it_names_a_finding() -> None:
    """A rule's witnesses have ids; a reader wants titles."""
    found = asked(candidate({}, findings=[finding("f")]))
    assert found.completed({"id": "f"}) == {"id": "f", "title": "title of f", "location": "src/f.py"}
    assert found.completed({"id": "gone"}) == {"id": "gone"}
    assert found.completed({"dimension": "sca", "state": "regressed"}) == {"dimension": "sca", "state": "regressed"}
