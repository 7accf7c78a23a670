"""
SPDX: the packages that a project is made of, and the licences that they are under.

The shapes are those of https://spdx.github.io/spdx-spec/v2.3/.
"""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.spdx import Spdx
from stillframe.model.facts import Component
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = Spdx()


def package(name: str, url: str | None = None, **members: Any) -> dict[str, Any]:
    references = (
        [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url}] if url else []
    )
    return {"SPDXID": f"SPDXRef-{name}", "name": name, "externalRefs": references, **members}


def document(*packages: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": [*packages], **members}


def describes(*names: str) -> list[dict[str, str]]:
    kind = {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES"}
    return [{**kind, "relatedSpdxElement": f"SPDXRef-{name}"} for name in names]


FLASK = package("flask", "pkg:pypi/Flask@3.0.0", versionInfo="3.0.0", licenseConcluded="BSD-3-Clause")
FULL = document(
    package("my-service"),
    FLASK,
    package("openssl", licenseConcluded="NOASSERTION", licenseDeclared="Apache-2.0 OR OpenSSL", versionInfo="3.2"),
    creationInfo={"created": "2026-01-01T00:00:00Z", "creators": ["Organization: Example", "Tool: syft-1.18.0"]},
    relationships=[
        *describes("my-service"),
        {"spdxElementId": "SPDXRef-my-service", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-flask"},
    ],
    files=[{"SPDXID": "SPDXRef-File", "fileName": "./a.py"}],
)


def test_packages_are_read_with_what_was_concluded_or_else_declared() -> None:
    """Whoever looked knows better than who declared; not asserting is not concluding."""
    assert said(READER, FULL).components == (
        Component(package="pkg:pypi/flask", version="3.0.0", licences=(frozenset({"BSD-3-Clause"}),)),
        Component(
            package="pkg:generic/openssl", version="3.2", licences=(frozenset({"Apache-2.0"}), frozenset({"OpenSSL"}))
        ),
    )


@pytest.mark.parametrize(
    ("concluded", "declared", "licences"),
    [
        ("MIT", "Zlib", (frozenset({"MIT"}),)),
        ("NONE", "Zlib", (frozenset({"Zlib"}),)),
        (None, "LicenseRef-House", (frozenset({"LicenseRef-House"}),)),
        ("NOASSERTION", "NOASSERTION", ()),
        ("NOASSERTION", "NONE", ()),
        (None, None, ()),
    ],
)
def test_neither_noassertion_nor_none_is_a_licence(
    concluded: str | None, declared: str | None, licences: tuple[frozenset[str], ...]
) -> None:
    """Both say that no licence is known, and no policy can deny them."""
    [component] = (
        said(READER, document(package("x", licenseConcluded=concluded, licenseDeclared=declared))).components or ()
    )
    assert component.licences == licences


def test_the_one_package_that_the_document_describes_is_the_project() -> None:
    """Said by a relationship, its inverse or the older list; a document that describes several is about all of them."""
    two = (package("my-service"), FLASK)
    inverse = [
        {
            "spdxElementId": "SPDXRef-my-service",
            "relationshipType": "DESCRIBED_BY",
            "relatedSpdxElement": "SPDXRef-DOCUMENT",
        }
    ]
    for members in (
        {"relationships": describes("my-service")},
        {"relationships": inverse},
        {"documentDescribes": ["SPDXRef-my-service"]},
    ):
        assert [one.package for one in said(READER, document(*two, **members)).components or ()] == ["pkg:pypi/flask"]
    for members in ({}, {"relationships": describes("my-service", "flask")}):
        assert len(said(READER, document(*two, **members)).components or ()) == 2


def test_the_tool_is_the_first_creator_that_is_one() -> None:
    """Tools write their name and version as one word."""
    for creators, tool, version in (
        (["Person: A", "Tool: syft-1.18.0"], "syft", "1.18.0"),
        (["Tool: GitHub.com-Dependency-Graph"], "GitHub.com-Dependency-Graph", None),
        (["Person: A"], None, None),
        (None, None, None),
    ):
        facts = said(READER, document(creationInfo={"creators": creators}))
        assert (facts.tool, facts.version) == (tool, version)


def test_without_packages_nothing_was_looked_at() -> None:
    """A document about files says nothing of packages."""
    assert said(READER, {"spdxVersion": "SPDX-2.3"}).components is None
    assert said(READER, document()).components == ()
    assert said(READER, document(package("a.txt", primaryPackagePurpose="FILE"))).components == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"spdxVersion": "SPDX-2.2"}, "$.spdxVersion: spdx: version SPDX-2.2 is not read; SPDX-2.3 is"),
        (
            {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []},
            "SPDX 3 is not read; SPDX-2.3 is",
        ),
        (b"SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n", "let the tool write JSON"),
        (document({"SPDXID": "SPDXRef-x"}), "$.packages[0]: spdx: Object missing required field `name`"),
        (document(relationships=[1]), "$.relationships[0]"),
        (written(FULL)[:300], "byte 300: spdx: the report is cut off"),
    ],
)
def test_what_is_not_read_is_refused_with_its_place(given: Any, says: str) -> None:
    """The version that is read is named, and what to do instead."""
    assert says in refusal(READER, given)


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a document, the answer is facts or a refusal that names the place."""
    assert_law(READER, [written(FULL)])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """However 64 MiB are filled."""
    assert_bounded(READER, [written(FULL)])
