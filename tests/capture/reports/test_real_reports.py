"""Reports that real tools wrote of a real package's releases: every reader finds what the tools say in sum."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stillframe.capture.reports import read_report
from stillframe.model.facts import Finding, ReportFacts

SAMPLES = Path(__file__).resolve().parent / "samples"
EXAMPLE = SAMPLES.parents[3] / "examples" / "release-gate"
FIGURES: dict[str, Any] = json.loads((EXAMPLE / "figures.json").read_text(encoding="utf8"))
SAMPLE_FIGURES: dict[str, Any] = json.loads((SAMPLES / "figures.json").read_text(encoding="utf8"))
FILES = sorted(path for path in (*EXAMPLE.glob("reports/*/*"), *SAMPLES.glob("*/*")) if path.is_file())
ROOT = "/project"
FORMATS = {
    "bandit.json": "bandit",
    "bandit.sarif": "sarif",
    "coverage.json": "coverage.json",
    "coverage.lcov": "lcov",
    "coverage.xml": "cobertura",
    "interrogate-detail.txt": "interrogate",
    "interrogate.txt": "interrogate",
    "junit-failing.xml": "junit",
    "junit.xml": "junit",
    "radon-cc.json": "radon.json",
    "radon-cc.txt": "radon.text",
    "radon-raw.json": "radon.json",
    "radon-raw.txt": "radon.text",
    "ruff-security.json": "ruff",
    "ruff.json": "ruff",
    "ruff.sarif": "sarif",
    "sbom-requirements.cdx.json": "cyclonedx",
    "sbom.cdx.json": "cyclonedx",
    "semgrep.json": "semgrep",
    "semgrep.sarif": "sarif",
    "vulture.txt": "vulture",
}

every_release = pytest.mark.parametrize("version", sorted(FIGURES))
sampled_release = pytest.mark.parametrize("version", sorted(SAMPLE_FIGURES))


def said(version: str, name: str) -> ReportFacts:
    folder = EXAMPLE / "reports" / version
    path = folder / name if (folder / name).exists() else SAMPLES / version / name
    return read_report(name, path.read_bytes(), root=ROOT)


def findings(version: str, name: str) -> list[Finding]:
    found = said(version, name).findings
    assert found is not None
    return list(found)


def ids(version: str, name: str) -> set[str]:
    return {finding.id for finding in findings(version, name)}


def severities(found: list[Finding]) -> dict[str, int]:
    return dict(Counter(finding.severity for finding in found))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_report_is_recognised_and_measured(path: Path) -> None:
    """What a tool really writes is read by the reader of its format, whatever the file is called."""
    facts = read_report("report", path.read_bytes(), root=ROOT)
    assert facts.format == FORMATS[path.name]
    assert facts.failed is None


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_report_says_where_it_was_made(path: Path) -> None:
    """Reports are data for everybody: no folder, host or package index of the machine that wrote them."""
    data = path.read_bytes()
    told = [word for word in (b"/tmp/", b"/root", b"/home/", b"/Users/", b"pypi.org", b"\r\n") if word in data]
    assert told == []


@every_release
def test_coverage_py_gives_its_statements_and_branches(version: str) -> None:
    """Lines and branches are two figures; the combined per cent of the table is neither."""
    facts, figures = said(version, "coverage.json"), FIGURES[version]["coverage"]
    assert facts.coverage
    assert facts.coverage.line
    assert facts.coverage.branch
    assert (facts.coverage.line.part, facts.coverage.line.whole) == (figures["lines_covered"], figures["statements"])
    assert (facts.coverage.branch.part, facts.coverage.branch.whole) == (
        figures["branches_covered"],
        figures["branches"],
    )
    assert facts.code_size
    assert (facts.code_size.lines, facts.code_size.source) == (figures["statements"], "coverage")


@sampled_release
@pytest.mark.parametrize("name", ["coverage.xml", "coverage.lcov"])
def test_one_run_reads_the_same_in_every_format(version: str, name: str) -> None:
    """The same run covers the same lines and branches, whichever format says so."""
    facts, figures = said(version, name), FIGURES[version]["coverage"]
    assert facts.coverage
    assert facts.coverage.line
    assert facts.coverage.branch
    assert facts.coverage.line.value == pytest.approx(figures["lines_covered"] / figures["statements"])
    assert facts.coverage.branch.value == pytest.approx(figures["branches_covered"] / figures["branches"])


@every_release
def test_junit_counts_the_tests_that_passed(version: str) -> None:
    """All tests of every release pass."""
    tests = said(version, "junit.xml").tests
    figures = FIGURES[version]["tests"]
    assert tests
    assert (tests.total, tests.failed, tests.errors, tests.skipped) == tuple(
        figures[name] for name in ("tests", "failures", "errors", "skipped")
    )


@sampled_release
def test_junit_counts_and_names_the_tests_that_failed(version: str) -> None:
    """The release's tests over the release before: what fails is a finding, by the test's name."""
    facts, figures = said(version, "junit-failing.xml"), SAMPLE_FIGURES[version]["failing_tests"]
    assert facts.tests
    assert (facts.tests.total, facts.tests.failed, facts.tests.errors) == tuple(
        figures[name] for name in ("tests", "failures", "errors")
    )
    failed = findings(version, "junit-failing.xml")
    assert len({finding.id for finding in failed}) == figures["failures"] + figures["errors"]
    assert {finding.part for finding in failed} <= {"release"}


@every_release
def test_bandit_counts_by_severity_and_lines(version: str) -> None:
    """Each finding is counted once under the severity that Bandit gave it."""
    figures = FIGURES[version]["bandit"]
    expected = {name: figures[name] for name in ("high", "medium", "low") if figures[name]}
    assert severities(findings(version, "bandit.json")) == expected
    size = said(version, "bandit.json").code_size
    assert size
    assert (size.lines, size.source) == (figures["lines"], "bandit")


@sampled_release
def test_bandit_in_sarif_finds_the_same(version: str) -> None:
    """SARIF carries the level in place of the severity, and they mean the same here."""
    figures = FIGURES[version]["bandit"]
    expected = {name: figures[name] for name in ("high", "medium", "low") if figures[name]}
    assert severities(findings(version, "bandit.sarif")) == expected
    assert {finding.part for finding in findings(version, "bandit.sarif")} == {"audit"}


@every_release
def test_ruff_counts_by_rule(version: str) -> None:
    """What is no security rule is of the part quality; the folder of the run is cut off."""
    found = findings(version, "ruff.json")
    assert dict(Counter(finding.rule for finding in found)) == FIGURES[version]["ruff"]["by_rule"]
    assert {finding.part for finding in found} == {"quality"}
    assert all(str(finding.file).startswith("src/itsdangerous/") for finding in found)
    assert len({finding.id for finding in found}) == len(found)


@sampled_release
def test_ruff_in_sarif_finds_the_same(version: str) -> None:
    """The same rules in the same files."""
    as_json, as_sarif = findings(version, "ruff.json"), findings(version, "ruff.sarif")
    assert Counter((found.rule, found.file) for found in as_sarif) == Counter(
        (found.rule, found.file) for found in as_json
    )


@sampled_release
def test_ruffs_security_rules_are_of_the_audit(version: str) -> None:
    """Rules of flake8-bandit speak of security, whichever tool runs them."""
    found = findings(version, "ruff-security.json")
    assert dict(Counter(finding.rule for finding in found)) == SAMPLE_FIGURES[version]["ruff_security"]["by_rule"]
    assert {finding.part for finding in found} == {"audit"}


@every_release
def test_interrogate_gives_the_objects_that_have_a_docstring(version: str) -> None:
    """So many of so many, of which the per cent that it prints is the rounding."""
    share, figures = said(version, "interrogate.txt").documentation, FIGURES[version]["documentation"]
    assert share
    assert (share.part, share.whole) == (figures["documented"], figures["objects"])
    assert round(100 * share.part / share.whole, 1) == figures["percent"]


@sampled_release
def test_interrogate_in_detail_gives_the_same_share(version: str) -> None:
    """A longer table is the same report."""
    share, figures = said(version, "interrogate-detail.txt").documentation, FIGURES[version]["documentation"]
    assert share
    assert share.value == pytest.approx(figures["documented"] / figures["objects"], abs=0.0005)


@every_release
def test_radon_gives_average_blocks_and_the_highest(version: str) -> None:
    """In JSON methods stand twice, with their class and by themselves; each is one block."""
    found, figures = said(version, "radon-cc.json").complexity, FIGURES[version]["complexity"]
    assert found
    assert (found.blocks, found.highest) == (figures["blocks"], figures["highest"])
    assert found.total / found.blocks == pytest.approx(figures["average"])
    size = said(version, "radon-raw.json").code_size
    assert size
    assert (size.lines, size.source) == (FIGURES[version]["lines"]["sloc"], "radon")


@sampled_release
def test_radon_in_text_gives_the_same(version: str) -> None:
    """What people read and what programs read are one run."""
    assert said(version, "radon-cc.txt").complexity == said(version, "radon-cc.json").complexity
    assert said(version, "radon-raw.txt").code_size == said(version, "radon-raw.json").code_size


@every_release
def test_vulture_gives_what_is_unused(version: str) -> None:
    """One finding for each line that it prints."""
    unused = said(version, "vulture.txt").unused
    assert unused is not None
    assert len({finding.id for finding in unused}) == FIGURES[version]["unused"]["findings"]


@every_release
def test_the_components_are_those_that_pip_lists(version: str) -> None:
    """An SBOM of an environment names every package in it, with its version."""
    components = said(version, "sbom.cdx.json").components
    assert components is not None
    named = sorted(f"{found.package.removeprefix('pkg:pypi/')}=={found.version}" for found in components)
    assert named == FIGURES[version]["components"]
    assert all(found.licences for found in components)


@sampled_release
def test_semgrep_counts_the_same_in_both_formats(version: str) -> None:
    """What Semgrep says without a login is no fingerprint: findings of one rule in one file stay apart."""
    as_json, as_sarif = findings(version, "semgrep.json"), findings(version, "semgrep.sarif")
    expected = SAMPLE_FIGURES[version]["semgrep"]["findings"]
    assert len({finding.id for finding in as_json}) == len({finding.id for finding in as_sarif}) == expected
    assert {finding.part for finding in as_json} == {"audit", "quality"}


def test_findings_that_only_moved_are_the_same_between_real_releases() -> None:
    """Lines were inserted above from 2.1.0 to 2.1.2; from there to 2.2.0 one finding is new, and one moved up."""
    assert ids("2.1.0", "bandit.json") == ids("2.1.1", "bandit.json") == ids("2.1.2", "bandit.json")
    assert ids("2.1.1", "ruff.json") == ids("2.1.2", "ruff.json")
    before, after = findings("2.1.2", "bandit.json"), findings("2.2.0", "bandit.json")
    assert [finding.rule for finding in before] == ["B110"]
    assert {finding.rule for finding in after if finding.id not in {known.id for known in before}} == {"B324"}
    assert {finding.id for finding in before} < {finding.id for finding in after}
