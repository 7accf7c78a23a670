"""One vulnerability under many names: merged by any that is shared, whatever the order."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.health.vulnerabilities import canonical_id, merged_vulnerabilities
from stillframe.model.facts import SEVERITIES, Severity, Vulnerability
from tests.health.reports import vulnerability

IDS = ("CVE-1", "CVE-2", "GHSA-1", "GHSA-2", "PYSEC-1", "PYSEC-2", "OSV-1")
vulnerabilities = st.lists(
    st.builds(
        lambda package, ids, severity, suppressed: vulnerability(
            ids[0], severity, package=package, ids=tuple(ids), suppressed=suppressed
        ),
        st.sampled_from(["pkg:pypi/a", "pkg:pypi/b"]),
        st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True),
        st.sampled_from([*SEVERITIES, None]),
        st.booleans(),
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["PYSEC-1", "GHSA-1", "CVE-1"], "CVE-1"),
        (["PYSEC-1", "GHSA-1"], "GHSA-1"),
        (["PYSEC-2", "OSV-1"], "OSV-1"),
        (["CVE-2", "CVE-1"], "CVE-1"),
    ],
)
def test_a_cve_comes_before_a_ghsa_before_all_others(ids: list[str], expected: str) -> None:
    """Tools name one thing by different names; its own is that which most know."""
    assert canonical_id(ids) == canonical_id(ids[::-1]) == expected


def test_names_that_a_third_report_joins_are_one() -> None:
    """A = B and B = C make A = C, though no report says so."""
    found = merged_vulnerabilities(
        [
            vulnerability("PYSEC-1", "low"),
            vulnerability("CVE-1", None),
            vulnerability("GHSA-1", "critical", ids=("GHSA-1", "PYSEC-1", "CVE-1")),
        ]
    )
    assert [(one.id, one.severity, one.severity_unknown) for one in found] == [
        ("pkg:pypi/jinja2:CVE-1", "critical", False)
    ]


def test_the_same_name_in_two_packages_is_two() -> None:
    """Each has to be mended."""
    found = merged_vulnerabilities([vulnerability(package="pkg:pypi/a"), vulnerability(package="pkg:pypi/b")])
    assert len(found) == 2


def test_two_versions_of_a_package_have_it_once() -> None:
    """The identity of a vulnerability holds no version, so that an update that does not mend it is no news."""
    assert len(merged_vulnerabilities([vulnerability(version="1"), vulnerability(version="2")])) == 1


def test_it_is_suppressed_when_every_report_says_so() -> None:
    """One that takes it seriously is enough."""
    silent, loud = vulnerability(suppressed=True), vulnerability()
    assert merged_vulnerabilities([silent, silent])[0].suppressed
    assert not merged_vulnerabilities([silent, loud])[0].suppressed


@pytest.mark.parametrize(
    ("severities", "expected", "unknown"),
    [([None], "medium", True), ([None, "low"], "low", False), (["info", "high"], "high", False)],
)
def test_the_worst_that_is_known_counts(severities: list[Severity | None], expected: str, unknown: bool) -> None:
    """Unknown is medium only where nobody knows."""
    found = merged_vulnerabilities([vulnerability(severity=severity) for severity in severities])[0]
    assert (found.severity, found.severity_unknown) == (expected, unknown)


def test_one_without_an_id_is_known_by_its_title() -> None:
    """It is counted all the same."""
    assert merged_vulnerabilities([vulnerability(ids=(), title="bad")])[0].id == "pkg:pypi/jinja2:bad"


@given(vulnerabilities, st.randoms())
def test_the_order_of_reports_changes_nothing(found: list[Vulnerability], chance: Random) -> None:
    """The same evidence is the same answer."""
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert merged_vulnerabilities(found) == merged_vulnerabilities(shuffled)


@given(vulnerabilities)
def test_groups_are_those_that_a_slow_search_finds(found: list[Vulnerability]) -> None:
    """Joining again and again whatever shares a name, until nothing moves, gives as many."""
    groups = [{(one.package, name) for name in one.ids} for one in found]
    moved = True
    while moved:
        moved = False
        for one in groups:
            for other in groups:
                if one is not other and one & other:
                    one |= other
                    groups.remove(other)
                    moved = True
                    break
            if moved:
                break
    expected = {f"{min(group)[0]}:{canonical_id(name for _, name in group)}" for group in groups}
    assert [one.id for one in merged_vulnerabilities(found)] == sorted(expected)
