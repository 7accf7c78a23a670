"""Facts: what is absent is not nothing, and a share of nothing is no number."""

from __future__ import annotations

from stillframe.model.facts import PARTS, SEVERITIES, ReportFacts, Share, Suite
from stillframe.model.scope import DIMENSIONS


def test_a_share_of_nothing_is_no_number() -> None:
    """No definitions means nothing was measured, not that nothing is documented."""
    assert Share(part=0, whole=0).value is None
    assert Share(part=0, whole=4).value == 0


def test_what_a_report_did_not_look_at_is_none_and_not_empty() -> None:
    """An SBOM without vulnerabilities says nothing of the code."""
    facts = ReportFacts(format="cyclonedx", reader=1, vulnerabilities=())
    assert facts.findings is None
    assert facts.vulnerabilities == ()


def test_every_part_is_a_dimension_and_health_is_none_of_its_parts() -> None:
    """The score is made of the five others."""
    assert {*PARTS} == {*DIMENSIONS} - {"health"}


def test_severities_stand_the_worst_first() -> None:
    """Lists that are cut keep what matters."""
    assert SEVERITIES[0] == "critical"
    assert SEVERITIES[-1] == "info"


def test_all_endings_of_tests_count_as_tests() -> None:
    """A skipped test is one that exists."""
    assert Suite(passed=3, failed=1, errors=1, skipped=2).total == 7
