"""
pip-audit: the distributions of a Python environment, and what is known against each.

The shapes are those that its own README documents, of version 2 and before.
"""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.pip_audit import PipAudit
from stillframe.model.facts import Component, Vulnerability
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = PipAudit()
JINJA = {
    "name": "jinja2",
    "version": "2.11.2",
    "vulns": [
        {
            "id": "PYSEC-2021-66",
            "fix_versions": ["2.11.3"],
            "aliases": ["CVE-2020-28493", "GHSA-g3rq-g295-4j3m"],
            "description": "Regular expressions may take very long.\nMore of it.",
        }
    ],
}
CLEAN = {"name": "Typing_Extensions", "version": "4.16.0", "vulns": []}
SKIPPED = {"name": "my-service", "skip_reason": "Dependency not found on PyPI"}
NOW = {"dependencies": [JINJA, CLEAN, SKIPPED], "fixes": []}
BEFORE = [JINJA, CLEAN]


@pytest.mark.parametrize("document", [NOW, BEFORE], ids=["now", "before"])
def test_both_shapes_say_the_same(document: Any) -> None:
    """Version 2 put the list into an object; nothing in it changed. No severity is named, and none is guessed."""
    facts = said(READER, document)
    assert facts.vulnerabilities == (
        Vulnerability(
            package="pkg:pypi/jinja2",
            version="2.11.2",
            ids=("PYSEC-2021-66", "CVE-2020-28493", "GHSA-g3rq-g295-4j3m"),
            severity=None,
            title="Regular expressions may take very long.",
        ),
    )
    assert (facts.components or ())[:2] == (
        Component(package="pkg:pypi/jinja2", version="2.11.2"),
        Component(package="pkg:pypi/typing-extensions", version="4.16.0"),
    )


def test_what_was_skipped_is_listed_without_a_version() -> None:
    """It is part of the environment, and nothing is known about it."""
    assert (said(READER, NOW).components or ())[2] == Component(package="pkg:pypi/my-service", version=None)


def test_an_audit_that_skipped_everything_measured_nothing() -> None:
    """Without a network every dependency is skipped: that is not a clean environment."""
    facts = said(READER, {"dependencies": [SKIPPED, {**SKIPPED, "name": "other"}], "fixes": []})
    assert facts.failed == "all 2 dependencies were skipped; the first: Dependency not found on PyPI"
    assert (facts.vulnerabilities, facts.looks_for) == (None, ("sca",))
    assert said(READER, {"dependencies": [SKIPPED, CLEAN], "fixes": []}).failed is None


def test_an_environment_without_dependencies_has_no_vulnerabilities() -> None:
    """It was audited, and there was nothing to find."""
    facts = said(READER, {"dependencies": [], "fixes": []})
    assert (facts.vulnerabilities, facts.components, facts.failed) == ((), (), None)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"dependencies": [{"version": "1"}], "fixes": []}, "$.dependencies[0]: pip-audit: Object missing"),
        ([{**JINJA, "vulns": [{"id": 1}]}], "$[0].vulns[0].id: pip-audit: Expected `str`, got `int`"),
        (written(NOW)[:150], "byte 150: pip-audit: the report is cut off"),
        (written(BEFORE)[:150], "byte 150: pip-audit: the report is cut off"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(document: Any, says: str) -> None:
    """In the object and in the list."""
    assert says in refusal(READER, document)


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, the answer is facts or a refusal that names the place."""
    assert_law(READER, [written(NOW), written(BEFORE)])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """However 64 MiB are filled."""
    assert_bounded(READER, [written(NOW)])
