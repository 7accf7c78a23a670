"""SCA, to the figure: what each open vulnerability takes, and what an unknown severity counts as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.health.sca import sca
from stillframe.health.told import Told
from stillframe.model.facts import SEVERITIES, Severity
from tests.health.reports import (
    assessed,
    audit_of_packages,
    bill,
    evidence,
    known,
    line,
    measures,
    score,
    vulnerability,
)


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], 100),
        (["critical"], 85),
        (["high"], 92),
        (["medium"], 98),
        (["low", "info"], 100),
        ([None], 98),
        (["critical", "high"], 77),
        (["critical"] * 6, 10),
        (["critical"] * 6 + ["medium"] * 5, 0),
        (["critical"] * 6 + ["medium"] * 4, 2),
        (["high"] * 12, 4),
        (["high"] * 13, 0),
        (["critical"] * 7, 0),
        (["medium"] * 50, 0),
        (["medium"] * 49, 2),
    ],
)
def test_each_open_vulnerability_takes_its_share(severities: list[Severity | None], expected: float) -> None:
    """critical 0.15, high 0.08, medium 0.02, the others nothing; clamped at none left."""
    assert score(assessed(audit_of_packages(*severities)), "sca") == pytest.approx(expected)


def test_an_unknown_severity_counts_as_medium_and_is_said() -> None:
    """Not known is not harmless."""
    found = measures(assessed(audit_of_packages(None, "medium", "high")), "sca")
    assert (found["medium"], found["severity_unknown"], found["high"]) == (2, 1, 1)


def test_a_list_of_packages_is_no_search_for_vulnerabilities() -> None:
    """A bill of materials alone counts components, and the part stays missing."""
    found = assessed(bill("MIT", None))
    assert (score(found, "sca"), measures(found, "sca")) == (None, {"components": 2})
    assert line(found, "sca")["reason"] == "sca_summary_missing"


def test_packages_and_what_was_accepted_are_counted() -> None:
    """Two vulnerabilities of one package are one vulnerable package; what does not affect costs nothing."""
    one, two = vulnerability("CVE-1"), vulnerability("CVE-2", "low")
    spared = vulnerability("CVE-3", "critical", package="pkg:pypi/flask", suppressed=True)
    found = assessed(evidence("grype", vulnerabilities=[one, two, spared]))
    counted = measures(found, "sca")
    assert (counted["vulnerable_packages"], counted["suppressed"], counted["critical"]) == (1, 1, 0)
    assert score(found, "sca") == 92


def test_a_run_that_failed_is_an_error_and_never_none_vulnerable() -> None:
    """The other tool's count is not all there is."""
    broken = evidence("pip-audit", failed="no answer from the index", looks_for=("sca",))
    found = assessed(audit_of_packages("low"), broken)
    assert (score(found, "sca"), line(found, "sca")["reason"]) == (None, "report_failed")
    assert {each["status"] for each in found.summaries["sca"]["measures"]} == {"error"}


@given(st.lists(st.sampled_from(SEVERITIES), max_size=40))
def test_one_vulnerability_less_never_makes_it_worse(severities: list[Severity]) -> None:
    """What is mended is never punished."""
    found = [known(number, severity) for number, severity in enumerate(severities)]
    values = [sca(Told(vulnerabilities=found[:count])).value or 0.0 for count in range(len(found) + 1)]
    assert values == sorted(values, reverse=True)
    assert all(0 <= value <= 1 for value in values)
