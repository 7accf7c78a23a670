"""What reports say together: looked at and empty is another thing than not looked at."""

from __future__ import annotations

from stillframe.health.told import Told, open_findings
from tests.health.reports import finding


def test_what_nobody_looked_at_is_none_and_not_empty() -> None:
    """Nothing was found only where somebody looked."""
    told = Told()
    assert (told.vulnerabilities, told.components, told.unused, told.tests, told.gate) == (None,) * 5
    assert told.findings == {}


def test_open_is_what_the_tool_was_not_told_to_accept() -> None:
    """What was accepted is counted apart."""
    found = [finding("a"), finding("b", suppressed=True)]
    assert [each.id for each in open_findings(found) or ()] == ["a"]
    assert open_findings([]) == []
    assert open_findings(None) is None
