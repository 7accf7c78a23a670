"""
CycloneDX: what a project is made of, under which licences, and what is known against it.

The shapes are those of the schemas 1.4 to 1.7 that https://cyclonedx.org/docs/ documents.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stillframe.capture.reports import read_report
from stillframe.capture.reports.cyclonedx import CycloneDx
from stillframe.model.facts import Component
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import assert_affordable, known_against, refusal, said, written

READER = CycloneDx()
FLASK = {"type": "library", "bom-ref": "f", "name": "Flask", "version": "3.0.0", "purl": "pkg:pypi/flask@3.0.0"}
REAL = Path(__file__).parents[3] / "examples" / "release-gate" / "reports"


def bill(version: str = "1.6", **members: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": version, "version": 1, **members}


def vulnerability(**members: Any) -> dict[str, Any]:
    return {"id": "CVE-2024-1", "affects": [{"ref": "f"}], **members}


FULL = bill(
    metadata={
        "tools": {"components": [{"type": "application", "name": "cdxgen", "version": "11.1.0"}]},
        "component": {
            "type": "application",
            "bom-ref": "me",
            "name": "my-service",
            "components": [{"type": "library", "name": "vendored", "version": "1"}],
        },
    },
    components=[
        {**FLASK, "licenses": [{"license": {"id": "BSD-3-Clause", "acknowledgement": "declared"}}]},
        {
            "type": "framework",
            "bom-ref": "s",
            "group": "org.springframework",
            "name": "spring-core",
            "version": "6.1.0",
            "licenses": [{"expression": "Apache-2.0 OR MIT"}],
            "components": [
                {"type": "library", "name": "shaded", "version": "2", "licenses": [{"license": {"name": "X"}}]}
            ],
        },
    ],
    vulnerabilities=[
        vulnerability(
            references=[{"id": "GHSA-aaaa-bbbb-cccc", "source": {"name": "GitHub"}}],
            ratings=[{"severity": "low", "method": "CVSSv31"}, {"score": 7.5}],
            description="A long story.\nWith details.",
            analysis={"state": "exploitable"},
        ),
        vulnerability(id="CVE-2024-2", analysis={"state": "not_affected", "justification": "code_not_reachable"}),
    ],
)
OLD = bill(
    "1.4",
    metadata={"tools": [{"vendor": "Example", "name": "old-tool", "version": "0.9"}]},
    components=[FLASK],
    dependencies=[{"ref": "f", "dependsOn": []}],
)


def test_components_are_read_with_those_inside_them() -> None:
    """What is shaded into a part is part of the project; the project itself is no part of it."""
    components = said(READER, FULL).components or ()
    assert components == (
        Component(package="pkg:generic/vendored", version="1"),
        Component(package="pkg:pypi/flask", version="3.0.0", licences=(frozenset({"BSD-3-Clause"}),)),
        Component(
            package="pkg:generic/org.springframework/spring-core",
            version="6.1.0",
            licences=(frozenset({"Apache-2.0"}), frozenset({"MIT"})),
        ),
        Component(package="pkg:generic/shaded", version="2", licences=(frozenset({"X"}),)),
    )


@pytest.mark.parametrize(
    ("document", "tool", "version"),
    [(FULL, "cdxgen", "11.1.0"), (OLD, "old-tool", "0.9"), (bill(components=[]), None, None)],
)
def test_the_tool_is_read_from_both_shapes(document: Any, tool: str | None, version: str | None) -> None:
    """Up to 1.4 tools were a list; since 1.5 they are components or services."""
    facts = said(READER, document)
    assert (facts.tool, facts.version) == (tool, version)


def test_vulnerabilities_have_the_worst_of_their_ratings_and_all_their_names() -> None:
    """Several sources rate; a rating may be a word or a score."""
    found = known_against(said(READER, FULL))
    first, second = found["pkg:pypi/flask CVE-2024-1"], found["pkg:pypi/flask CVE-2024-2"]
    assert (first.severity, first.ids, first.version) == ("high", ("CVE-2024-1", "GHSA-aaaa-bbbb-cccc"), "3.0.0")
    assert (first.title, first.suppressed) == ("A long story.", False)
    assert (second.severity, second.suppressed) == (None, True)


@pytest.mark.parametrize(
    ("state", "suppressed"),
    [
        ("not_affected", True),
        ("false_positive", True),
        ("resolved", True),
        ("resolved_with_pedigree", True),
        ("exploitable", False),
        ("in_triage", False),
        (None, False),
    ],
)
def test_an_analysis_may_suppress(state: str | None, suppressed: bool) -> None:
    """Whoever analysed it says that it does no harm here; looking into it is not saying so."""
    document = bill(components=[FLASK], vulnerabilities=[vulnerability(analysis={"state": state} if state else None)])
    assert known_against(said(READER, document))["pkg:pypi/flask CVE-2024-1"].suppressed is suppressed


@pytest.mark.parametrize(
    ("affects", "package"),
    [
        ([{"ref": "f"}], "pkg:pypi/flask"),
        ([{"ref": "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#f"}], "pkg:pypi/flask"),
        ([{"ref": "pkg:npm/left-pad@1.0"}], "pkg:npm/left-pad"),
        ([{"ref": "me"}], "pkg:generic/my-service"),
        ([{"ref": "elsewhere"}], "pkg:generic/elsewhere"),
        ([], "pkg:generic/my-service"),
    ],
)
def test_what_is_affected_is_found_by_reference(affects: list[Any], package: str) -> None:
    """In this bill, in another one by a BOM-Link, by a package URL; without any it is the project itself."""
    root = {"component": {"type": "application", "bom-ref": "me", "name": "my-service"}}
    document = bill(metadata=root, components=[FLASK], vulnerabilities=[vulnerability(affects=affects)])
    assert list(known_against(said(READER, document))) == [f"{package} CVE-2024-1"]


def test_a_part_whose_versions_are_all_unaffected_is_suppressed() -> None:
    """A range that is affected is enough to be open."""
    spans = [{"version": "3.0.0", "status": "unaffected"}]
    both = [*spans, {"range": "vers:pypi/<3", "status": "affected"}]
    for versions, suppressed in ((spans, True), (both, False)):
        affects = [{"ref": "f", "versions": versions}]
        document = bill(components=[FLASK], vulnerabilities=[vulnerability(affects=affects)])
        assert known_against(said(READER, document))["pkg:pypi/flask CVE-2024-1"].suppressed is suppressed


def test_without_a_list_nothing_was_looked_at() -> None:
    """A bill without vulnerabilities does not say that there are none; one with an empty list does."""
    assert said(READER, bill(components=[])).vulnerabilities is None
    assert said(READER, bill(components=[], vulnerabilities=[])).vulnerabilities == ()
    assert said(READER, bill(vulnerabilities=[])).components is None
    assert said(READER, bill(components=[])).components == ()


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        ([{"license": {"id": "MIT"}}, {"license": {"name": "Our Own"}}], [["MIT", "Our Own"]]),
        ([{"expression": "MIT OR Zlib", "acknowledgement": "declared"}], [["MIT"], ["Zlib"]]),
        (
            [
                {"license": {"id": "MIT", "acknowledgement": "declared"}},
                {"license": {"id": "GPL-3.0-only", "acknowledgement": "concluded"}},
            ],
            [["GPL-3.0-only"]],
        ),
        ([{"expression": "MIT", "acknowledgement": "concluded"}, {"expression": "Zlib"}], [["MIT"]]),
        ([{"license": {}}], []),
        ([], []),
    ],
)
def test_licences_hold_together_and_what_was_concluded_overrides(licenses: Any, expected: list[list[str]]) -> None:
    """A list of licences is no choice; somebody who looked knows better than who declared."""
    [component] = said(READER, bill(components=[{**FLASK, "licenses": licenses}])).components or ()
    assert [sorted(choice) for choice in component.licences] == expected


def test_files_locks_and_what_is_excluded_are_no_packages() -> None:
    """Some tools list every file, and the lock files that they read."""
    none = [
        {"type": "file", "name": "/etc/passwd"},
        {"type": "application", "name": "poetry.lock"},
        {"type": "cryptographic-asset", "name": "rsa"},
        {"type": "library", "name": "pytest", "version": "9", "scope": "excluded"},
    ]
    assert said(READER, bill(components=[*none, FLASK])).components == (
        Component(package="pkg:pypi/flask", version="3.0.0"),
    )


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (bill("1.3"), "report.json: $.specVersion: cyclonedx: version 1.3 is not read; 1.4, 1.5, 1.6 and 1.7 are"),
        (bill("2.0"), "version 2.0 is not read"),
        ({"bomFormat": "CycloneDX"}, "version unknown is not read"),
        (
            b'<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"/>',
            "let the tool write JSON",
        ),
        (bill(components=[{"type": "library"}]), "$.components[0]: cyclonedx: Object missing required field `name`"),
        (bill(components=[{**FLASK, "components": [7]}]), "$.components[0].components[0]"),
        (bill(vulnerabilities=[{}]), "$.vulnerabilities[0]"),
        (written(FULL)[:900], "byte 900: cyclonedx: the report is cut off"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(document: Any, says: str) -> None:
    """The versions that are read are named, and what to do instead."""
    assert says in refusal(READER, document)


def test_parts_inside_parts_end_somewhere() -> None:
    """Nobody nests thirty deep but to do harm."""
    part: dict[str, Any] = {"type": "library", "name": "deepest"}
    for _ in range(40):
        part = {"type": "library", "name": "outer", "components": [part]}
    assert "32 deep" in refusal(READER, bill(components=[part]))


@pytest.mark.parametrize("path", sorted(REAL.glob("*/sbom.cdx.json")), ids=lambda path: path.parent.name)
def test_what_cyclonedx_py_writes_is_read(path: Path) -> None:
    """Real bills of a real environment: every package with its version, most with a licence."""
    facts = read_report(path.name, path.read_bytes())
    assert (facts.format, facts.tool) == ("cyclonedx", "cyclonedx-py")
    assert facts.components
    assert all(component.version for component in facts.components)
    assert all(component.package.startswith("pkg:pypi/") for component in facts.components)
    assert sum(1 for component in facts.components if component.licences) > len(facts.components) / 2


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a bill, the answer is facts or a refusal that names the place."""
    assert_law(READER, [written(FULL), written(OLD)])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """However 64 MiB are filled."""
    assert_bounded(READER, [written(FULL)])


def test_many_different_names_cost_no_more() -> None:
    """One emoji makes a text four times as large in memory."""
    many = [
        vulnerability(
            id=f"CVE-{index}" + "😀" * 40,
            description=f"{index} 😀" + "x" * 150,
            references=[{"id": f"G-{index}-{other}😀"} for other in range(15)],
            affects=[{"ref": f"r{index}" + "😀" * 30}],
        )
        for index in range(49_000)
    ]
    assert_affordable(READER, bill(vulnerabilities=many))


def test_an_empty_list_of_trivys_is_no_look() -> None:
    """Its way of writing a bill is not to look for any, and to write the empty list all the same."""
    tools = {"components": [{"name": "trivy", "version": "0.58.0"}]}
    document = bill(components=[], vulnerabilities=[])
    assert said(READER, document).vulnerabilities == ()
    assert said(READER, {**document, "metadata": {"tools": tools}}).vulnerabilities is None
