"""Compliance, to the figure: declared checks, their weights, and when a licence is denied."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import InvalidInput
from stillframe.health import CompliancePolicy, Formula
from stillframe.health.compliance import compliance
from stillframe.health.told import Told
from stillframe.model.facts import Component, PolicyCheck
from tests.health.reports import assessed, bill, evidence, line, measures, score, scorecard


def by(**policy: Any) -> Formula:
    return Formula(compliance=CompliancePolicy(**policy))


NO_GPL = by(denied_licences=("GPL-3.0-only", "AGPL-3.0-only"))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"a": 10}, 100),
        ({"a": 5}, 100),
        ({"a": 4.9}, 0),
        ({"a": 0}, 0),
        ({"a": 9, "b": 1}, 50),
        ({"a": 9, "b": None}, 100),
        ({"a": 9, "b": 9, "c": 1}, 66.6667),
    ],
)
def test_a_policy_check_passes_from_five_on(scores: dict[str, float | None], expected: float) -> None:
    """What the tool could not measure is not declared: neither passed nor failed."""
    assert score(assessed(scorecard(**scores)), "compliance") == expected


def test_the_least_score_and_the_weights_are_the_configuration_s() -> None:
    """A house says how much it asks, and what matters most."""
    reports = scorecard(a=7, b=8)
    assert score(assessed(reports, formula=by(scorecard_minimum=8)), "compliance") == 50
    assert score(assessed(reports, formula=by(scorecard_minimum=8, weights={"a": 3})), "compliance") == 25
    assert score(assessed(reports, formula=by(scorecard_minimum=8, weights={"a": 0})), "compliance") == 100


@pytest.mark.parametrize(
    ("licence", "denied"),
    [
        ("MIT", False),
        ("GPL-3.0-only", True),
        ("gpl-3.0-ONLY", True),
        ("MIT OR GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", True),
        ("AGPL-3.0-only OR GPL-3.0-only", True),
        ("GPL-3.0-only WITH Classpath-exception-2.0", False),
        (None, False),
    ],
)
def test_a_component_is_denied_when_every_alternative_holds_a_denied_licence(licence: str | None, denied: bool) -> None:
    """One free choice is enough; a licence with an exception is another licence; none declared is not known."""
    found = assessed(bill("MIT", licence), formula=NO_GPL)
    assert measures(found, "compliance")["licences_denied"] == int(denied)
    assert measures(found, "compliance")["licences_unknown"] == int(licence is None)
    assert score(found, "compliance") == (0 if denied else 100)


def test_licences_are_one_check_among_the_others() -> None:
    """With its own weight."""
    reports = [scorecard(a=10), bill("GPL-3.0-only")]
    assert score(assessed(*reports, formula=NO_GPL), "compliance") == 50
    heavy = by(denied_licences=("GPL-3.0-only",), licence_weight=3)
    found = assessed(*reports, formula=heavy)
    assert score(found, "compliance") == 25
    assert (measures(found, "compliance")["checks"], measures(found, "compliance")["checks_failed"]) == (2, 1)


@pytest.mark.parametrize(
    ("reports", "formula"),
    [
        ([], NO_GPL),
        ([bill("GPL-3.0-only")], Formula()),
        ([bill(None, None)], NO_GPL),
        ([scorecard(a=None)], NO_GPL),
        ([scorecard(a=10)], by(weights={"a": 0})),
    ],
)
def test_without_a_declared_check_compliance_is_missing(reports: list[Any], formula: Formula) -> None:
    """Nothing denied, nobody who said licences, nothing measured, nothing weighed: each is missing, never a pass."""
    found = assessed(*reports, formula=formula)
    assert (score(found, "compliance"), line(found, "compliance")["reason"]) == (None, "compliance_report_missing")


def test_a_project_without_components_has_none_that_is_denied() -> None:
    """An empty bill of materials was looked at."""
    assert score(assessed(bill(), formula=NO_GPL), "compliance") == 100


def test_every_policy_check_is_a_measure_of_its_own() -> None:
    """Rules may ask for one of them; what was not measured has no value."""
    found = measures(assessed(scorecard(**{"Branch-Protection": 3, "Fuzzing": None})), "compliance")
    assert (found["policy.Branch-Protection"], found["policy.Fuzzing"]) == (3, None)


def test_a_run_that_failed_is_an_error() -> None:
    """Whether its checks pass, nobody knows."""
    found = assessed(scorecard(a=10), evidence("policy", failed="no answer", looks_for=("compliance",)))
    assert (score(found, "compliance"), line(found, "compliance")["reason"]) == (None, "report_failed")


@pytest.mark.parametrize(
    "policy",
    [{"licence_weight": -1}, {"weights": {"a": float("nan")}}, {"scorecard_minimum": 11}, {"weights": {"a": -0.1}}],
)
def test_a_policy_that_no_project_can_be_weighed_by_is_refused(policy: dict[str, Any]) -> None:
    """A weight is 0 or more, and a least score is one that a check can have."""
    with pytest.raises(InvalidInput, match=r"\$\.compliance"):
        CompliancePolicy(**policy)


def test_a_policy_comes_back_from_its_document() -> None:
    """How licences are spelled and ordered is no other policy."""
    policy = CompliancePolicy(denied_licences=("b", "A"), licence_weight=2, weights={"x": 0.5})
    assert CompliancePolicy.from_document(policy.document()).document() == policy.document()
    assert (
        CompliancePolicy(denied_licences=("a", "B"), licence_weight=2, weights={"x": 0.5}).document()
        == policy.document()
    )


@given(st.lists(st.floats(0, 10), min_size=1, max_size=8), st.data())
def test_a_better_check_never_lowers_the_part(scores: list[float], data: st.DataObject) -> None:
    """What is mended is never punished."""
    index = data.draw(st.integers(0, len(scores) - 1))
    better = [*scores[:index], data.draw(st.floats(scores[index], 10)), *scores[index + 1 :]]

    def value(scores: list[float]) -> float:
        checks = [PolicyCheck(id=f"c{number}", score=found) for number, found in enumerate(scores)]
        weights = {f"c{number}": number / 2 for number in range(1, 9)}
        return compliance(Told(policy_checks=checks), CompliancePolicy(weights=weights)).value or 0.0

    assert value(better) >= value(scores)


def test_one_report_that_names_a_denied_licence_is_enough() -> None:
    """Two bills of materials may each know what the other does not."""
    one = Component(package="pkg:pypi/a", version="1", licences=(frozenset({"GPL-3.0-only"}),))
    two = Component(package="pkg:pypi/a", version="1")
    reports = [evidence("cyclonedx", components=[one]), evidence("spdx", components=[two])]
    for order in (reports, reports[::-1]):
        found = measures(assessed(*order, formula=NO_GPL), "compliance")
        assert (found["licences_denied"], found["licences_unknown"]) == (1, 0)
