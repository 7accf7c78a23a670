"""One vulnerability of one package is one, however often a report names it."""

from __future__ import annotations

import pytest

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.packages import Package
from stillframe.capture.reports.vulnerable import LONGEST_TITLE, Vulnerable, short_title
from stillframe.capture.reports.walking import Walk
from stillframe.errors import CaptureRefused
from stillframe.model.facts import Vulnerability

JINJA = Package("pkg:pypi/jinja2", "2.11.2")


def collected() -> Vulnerable:
    return Vulnerable(Walk(Report(name="r.json", data=b"", look=Look(syntax="json")), of="trivy"))


def test_the_worst_of_contradicting_severities_counts() -> None:
    """Whichever comes first; a scanner that contradicts itself is believed where it warns."""
    for severities in (("low", None, "high"), ("high", "low", None)):
        found = collected()
        for severity in severities:
            found.add(JINJA, ["CVE-1"], severity, title="t")
        assert [one.severity for one in found.listed()] == ["high"]


def test_it_is_suppressed_only_where_every_mention_is() -> None:
    """Accepting it for one file, or one version, accepts it for no other."""
    found = collected()
    found.add(JINJA, ["CVE-1"], "high", title="t", suppressed=True)
    found.add(Package(JINJA.package, "2.11.3"), ["CVE-1"], "high", title="t", suppressed=False)
    found.add(JINJA, ["CVE-2"], "high", title="t", suppressed=True)
    found.add(JINJA, ["CVE-2"], "high", title="t", suppressed=True)
    first, second = found.listed()
    assert (first.suppressed, first.version) == (False, "2.11.3")
    assert (second.suppressed, second.version) == (True, "2.11.2")


def test_names_are_given_once_the_reports_own_first() -> None:
    """By any of them another report may know the same vulnerability."""
    found = collected()
    found.add(JINJA, ["PYSEC-1", "CVE-1", "PYSEC-1"], None, title=None)
    found.add(JINJA, ["PYSEC-1", "GHSA-1", "CVE-1"], None, title=None)
    assert found.listed() == (
        Vulnerability(
            package="pkg:pypi/jinja2",
            version="2.11.2",
            ids=("PYSEC-1", "CVE-1", "GHSA-1"),
            severity=None,
            title="PYSEC-1 in pkg:pypi/jinja2",
        ),
    )


def test_the_same_name_in_another_package_is_another_vulnerability() -> None:
    """Each package has to be updated."""
    found = collected()
    found.add(JINJA, ["CVE-1"], None, title="t")
    found.add(Package("pkg:pypi/markupsafe", "1.0"), ["CVE-1"], None, title="t")
    assert len(found.listed()) == 2


def test_more_than_a_picture_holds_is_refused() -> None:
    """And the same one again is not more."""
    found = collected()
    for index in range(MOST_FINDINGS):
        found.add(JINJA, [f"CVE-{index}"], None, title="t")
    found.add(JINJA, ["CVE-0"], None, title="t")
    with pytest.raises(CaptureRefused, match="50,000 vulnerabilities"):
        found.add(JINJA, ["CVE-more"], None, title="t")


def test_a_title_is_one_short_line() -> None:
    """Descriptions are pages of Markdown; a table has a column."""
    assert short_title("\n\n### Impact ###\nAll of them") == "Impact"
    assert short_title(None) == short_title(" \n ") == ""
    cut = short_title("word " * 100)
    assert len(cut) <= LONGEST_TITLE
    assert cut.endswith("word…")
