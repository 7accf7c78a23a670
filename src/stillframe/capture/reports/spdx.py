"""SPDX JSON: the packages that a project is made of, and the licences that they are under."""

from __future__ import annotations

from typing import Final

import msgspec

from stillframe.capture.reports.documents import MOST_FINDINGS, MOST_OBJECTS
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.licences import Licences
from stillframe.capture.reports.packages import Package, package_named, package_of_url
from stillframe.capture.reports.walking import NOTHING, Name, Version, Walk, is_there
from stillframe.model.facts import Component, ReportFacts

_VERSION: Final = "SPDX-2.3"
_UNSTATED: Final = frozenset({None, "", "NOASSERTION", "NONE"})
_TOOL: Final = "Tool:"
_DOCUMENT: Final = "SPDXRef-DOCUMENT"
_MOST_DESCRIBED: Final = 4 * 1024 * 1024
"""Bytes of the list of what the document describes."""


class _Document(msgspec.Struct, rename="camel", gc=False):
    spdx_version: msgspec.Raw = NOTHING
    creation_info: msgspec.Raw = NOTHING
    document_describes: msgspec.Raw = NOTHING
    packages: msgspec.Raw = NOTHING
    relationships: msgspec.Raw = NOTHING


class _Creation(msgspec.Struct, gc=False):
    creators: list[str] | None = None


class _Reference(msgspec.Struct, rename="camel", gc=False):
    reference_type: str | None = None
    reference_locator: str | None = None


class _Package(
    msgspec.Struct,
    rename={
        "id": "SPDXID",
        "version": "versionInfo",
        "concluded": "licenseConcluded",
        "declared": "licenseDeclared",
        "references": "externalRefs",
        "purpose": "primaryPackagePurpose",
    },
    gc=False,
):
    id: str
    name: Name
    version: Version | None = None
    concluded: str | None = None
    declared: str | None = None
    references: list[_Reference] | None = None
    purpose: str | None = None


class _Relationship(
    msgspec.Struct,
    rename={"element": "spdxElementId", "kind": "relationshipType", "related": "relatedSpdxElement"},
    gc=False,
):
    element: str = ""
    kind: str = ""
    related: str = ""


_DECODER: Final = msgspec.json.Decoder(_Document)
_TEXT: Final = msgspec.json.Decoder(str)
_CREATION: Final = msgspec.json.Decoder(_Creation)
_DESCRIBED: Final = msgspec.json.Decoder(list[str])
_PACKAGE: Final = msgspec.json.Decoder(_Package)
_RELATIONSHIP: Final = msgspec.json.Decoder(_Relationship)


class Spdx:
    """
    Reads a document of SPDX 2.3.

    Source  https://spdx.github.io/spdx-spec/v2.3/
    """

    format = "spdx"
    title = "SPDX JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether this is SPDX of any version, as JSON or as tags and values."""
        if look.syntax == "text":
            return look.head.lstrip("\ufeff").startswith("SPDXVersion:")
        return bool(look.keys & {"spdxVersion", "SPDXID"}) or "spdx.org" in look.marks.get("@context", "")

    def read(self, report: Report) -> ReportFacts:
        """
        Read packages and licences.

        Errors  CaptureRefused for tags and values, for another version, and for what is no SPDX.
        """
        walk = Walk(report, of=self.format)
        if report.look.syntax == "text":
            raise walk.refused("", "tags and values are not read; let the tool write JSON")
        if "spdx.org" in report.look.marks.get("@context", ""):
            raise walk.refused("$['@context']", f"SPDX 3 is not read; {_VERSION} is")
        document = walk.top(_DECODER)
        version = walk.part(document.spdx_version, _TEXT, path="$.spdxVersion", most_bytes=100)
        if version != _VERSION:
            raise walk.refused("$.spdxVersion", f"version {version or 'unknown'} is not read; {_VERSION} is")
        tool, tool_version = _tool(walk, document)
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=tool,
            version=tool_version,
            components=_components(walk, document) if is_there(document.packages) else None,
        )


def _components(walk: Walk, document: _Document) -> tuple[Component, ...]:
    project = _project(walk, document)
    licences = Licences(walk)
    found: list[Component] = []
    for _, package in walk.items(document.packages, _PACKAGE, path="$.packages"):
        named = _named(package)
        if package.id == project or (package.purpose == "FILE" and named.package.startswith("pkg:generic/")):
            continue
        if len(found) >= MOST_FINDINGS:
            raise walk.too_many("packages")
        stated = package.declared if package.concluded in _UNSTATED else package.concluded
        version = package.version or named.version
        walk.keep(named.package, version)
        found.append(Component(package=named.package, version=version, licences=licences.of_expression(stated)))
    return tuple(found)


def _project(walk: Walk, document: _Document) -> str | None:
    """Return the one package that the document describes; a document that describes several is about all of them."""
    listed = walk.part(document.document_describes, _DESCRIBED, path="$.documentDescribes", most_bytes=_MOST_DESCRIBED)
    described = set(listed or [])
    for _, relation in walk.items(document.relationships, _RELATIONSHIP, path="$.relationships", most=MOST_OBJECTS):
        if relation.kind == "DESCRIBES" and relation.element == _DOCUMENT:
            described.add(relation.related)
        if relation.kind == "DESCRIBED_BY" and relation.related == _DOCUMENT:
            described.add(relation.element)
        if len(described) > 1:
            return None
    return described.pop() if described else None


def _named(package: _Package) -> Package:
    for reference in package.references or []:
        if reference.reference_type == "purl" and reference.reference_locator:
            named = package_of_url(reference.reference_locator[:2000])
            if named is not None:
                return named
    return Package(package_named("", package.name), None)


def _tool(walk: Walk, document: _Document) -> tuple[str | None, str | None]:
    """Return tool and version of the first `Tool: syft-1.18.0` among the creators."""
    creation = walk.part(document.creation_info, _CREATION, path="$.creationInfo") or _Creation()
    for creator in creation.creators or []:
        if creator.startswith(_TOOL):
            words = creator.removeprefix(_TOOL).strip()[:200]
            name, _, version = words.rpartition("-")
            return (name, version) if name and version[:1].isdigit() else (words or None, None)
    return None, None
