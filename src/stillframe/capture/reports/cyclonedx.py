"""CycloneDX JSON: what a project is made of, under which licences, and what is known against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.licences import Alternatives, Licences, together
from stillframe.capture.reports.packages import Package, package_named, package_of_url
from stillframe.capture.reports.severities import severity_of_score, severity_of_word, worst
from stillframe.capture.reports.vulnerable import Vulnerable
from stillframe.capture.reports.walking import MOST_ITEM_BYTES, NOTHING, RAW, Address, Id, Name, Version, Walk, is_there
from stillframe.model.facts import Component, ReportFacts, Severity, Vulnerability

_VERSIONS: Final = ("1.4", "1.5", "1.6", "1.7")
_EMPTY_UNLOOKED: Final = frozenset({"trivy"})
_SUPPRESSED: Final = frozenset({"not_affected", "false_positive", "resolved", "resolved_with_pedigree"})
_NO_PACKAGES: Final = frozenset({"file", "data", "cryptographic-asset"})
_DEEPEST: Final = 32


class _Bom(msgspec.Struct, rename="camel", gc=False):
    spec_version: msgspec.Raw = NOTHING
    metadata: msgspec.Raw = NOTHING
    components: msgspec.Raw = NOTHING
    vulnerabilities: msgspec.Raw = NOTHING


class _Metadata(msgspec.Struct, gc=False):
    tools: msgspec.Raw = NOTHING
    component: msgspec.Raw = NOTHING


class _ToolLists(msgspec.Struct, gc=False):
    components: msgspec.Raw = NOTHING
    services: msgspec.Raw = NOTHING


class _Tool(msgspec.Struct, gc=False):
    name: Name | None = None
    version: Version | None = None


class _Licence(msgspec.Struct, gc=False):
    id: str | None = None
    name: str | None = None
    acknowledgement: str | None = None


class _Choice(msgspec.Struct, gc=False):
    license: _Licence | None = None
    expression: str | None = None
    acknowledgement: str | None = None


class _Nested(msgspec.Struct, gc=False):
    components: msgspec.Raw = NOTHING


class _Component(msgspec.Struct, rename={"ref": "bom-ref"}, gc=False):
    name: Name
    type: str = "library"
    ref: Name | None = None
    group: Name | str | None = None
    version: Version | None = None
    purl: Address | None = None
    scope: str | None = None
    licenses: list[_Choice] | None = None


class _Reference(msgspec.Struct, gc=False):
    id: Id | None = None


class _Rating(msgspec.Struct, gc=False):
    severity: str | None = None
    score: float | None = None


class _Analysis(msgspec.Struct, gc=False):
    state: str | None = None


class _Span(msgspec.Struct, gc=False):
    version: Version | None = None
    status: str = "affected"


class _Affected(msgspec.Struct, gc=False):
    ref: Name
    versions: list[_Span] | None = None


class _Vulnerability(msgspec.Struct, rename={"ref": "bom-ref"}, gc=False):
    id: Id | None = None
    ref: Id | None = None
    references: list[_Reference] | None = None
    ratings: list[_Rating] | None = None
    description: str | None = None
    analysis: _Analysis | None = None
    affects: list[_Affected] | None = None


_BOM: Final = msgspec.json.Decoder(_Bom)
_TEXT: Final = msgspec.json.Decoder(str)
_METADATA: Final = msgspec.json.Decoder(_Metadata)
_TOOL_LISTS: Final = msgspec.json.Decoder(_ToolLists)
_TOOL: Final = msgspec.json.Decoder(_Tool)
_NESTED: Final = msgspec.json.Decoder(_Nested)
_COMPONENT: Final = msgspec.json.Decoder(_Component)
_VULNERABILITY: Final = msgspec.json.Decoder(_Vulnerability)


class CycloneDx:
    """
    Reads a bill of materials of CycloneDX 1.4 to 1.7, with or without vulnerabilities.

    Source  https://cyclonedx.org/docs/1.7/json/
    """

    format = "cyclonedx"
    title = "CycloneDX JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether this is CycloneDX, as JSON or as XML."""
        if look.syntax == "xml":
            return look.root == "bom" and "cyclonedx.org" in look.head
        return "bomFormat" in look.keys or {"components", "bom-ref"} <= look.keys  # the latter in one that is cut off

    def read(self, report: Report) -> ReportFacts:
        """
        Read components, licences and vulnerabilities.

        Errors  CaptureRefused for XML, for another version, and for what is no CycloneDX.
        """
        walk = Walk(report, of=self.format)
        if report.look.syntax == "xml":
            raise walk.refused("", "XML is not read; let the tool write JSON")
        bom = walk.top(_BOM)
        version = walk.part(bom.spec_version, _TEXT, path="$.specVersion", most_bytes=100)
        if version not in _VERSIONS:
            known = f"{', '.join(_VERSIONS[:-1])} and {_VERSIONS[-1]}"
            raise walk.refused("$.specVersion", f"version {version or 'unknown'} is not read; {known} are")
        metadata = walk.part(bom.metadata, _METADATA, path="$.metadata", most_bytes=len(report.data)) or _Metadata()
        tool, tool_version = _tool(walk, metadata)
        materials = _Materials(walk)
        materials.take_root(metadata.component)
        materials.take(bom.components, "$.components", depth=1)
        measured = is_there(bom.components) or bool(materials.components)
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=tool,
            version=tool_version,
            components=tuple(materials.components) if measured else None,
            vulnerabilities=_looked_for(_vulnerabilities(walk, bom.vulnerabilities, materials), tool),
        )


class _Materials:
    """The components of one bill, and what its references mean."""

    __slots__ = ("_licences", "_packages", "_walk", "components", "root")

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._licences = Licences(walk)
        self._packages: dict[str, Package] = {}
        self.components: list[Component] = []
        self.root = Package(package_named("", "project"), None)

    def take_root(self, raw: msgspec.Raw) -> None:
        """Take in the component that the bill is of: it is the project and no part of it, but it may have parts."""
        path = "$.metadata.component"
        if is_there(raw):
            component, nested = self._opened(raw, path)
            self.root = self._named(component)
            self.take(nested, f"{path}.components", depth=1)

    def take(self, raw: msgspec.Raw, path: str, *, depth: int) -> None:
        """Take in a list of components, and those inside them."""
        if depth > _DEEPEST:
            raise self._walk.refused(path, f"components inside components are read {_DEEPEST} deep")
        for where, part in self._walk.items(raw, RAW, path=path, most_bytes=len(self._walk.report.data)):
            component, nested = self._opened(part, where)
            self._keep(component)
            self.take(nested, f"{where}.components", depth=depth + 1)

    def package_of(self, ref: str) -> Package:
        """Return the package that a reference means: of this bill, of another (a BOM-Link), or a package URL itself."""
        own = ref.rpartition("#")[2] if ref.startswith("urn:cdx:") else ref
        return self._packages.get(own) or package_of_url(own) or Package(package_named("", own), None)

    def _opened(self, raw: msgspec.Raw, path: str) -> tuple[_Component, msgspec.Raw]:
        size = len(memoryview(raw))
        nest = self._walk.part(raw, _NESTED, path=path, most_bytes=size) or _Nested()
        own_bytes = MOST_ITEM_BYTES + len(memoryview(nest.components))
        component = self._walk.part(raw, _COMPONENT, path=path, most_bytes=own_bytes)
        if component is None:
            raise self._walk.refused(path, "Expected `object`, got `null`")
        return component, nest.components

    def _named(self, component: _Component) -> Package:
        named = package_of_url(component.purl) if component.purl else None
        if named is None:
            name = f"{component.group}/{component.name}" if component.group else component.name
            named = Package(package_named("", name), component.version or None)
        if component.ref is not None:
            self._walk.keep(component.ref, *named)
            self._packages[component.ref] = named
        return named

    def _keep(self, component: _Component) -> None:
        named = self._named(component)
        nameless = component.purl is None and component.version is None and component.type == "application"
        if nameless or component.scope == "excluded" or (component.purl is None and component.type in _NO_PACKAGES):
            return
        if len(self.components) >= MOST_FINDINGS:
            raise self._walk.too_many("components")
        self._walk.keep(*named)
        licences = self._choices(component.licenses or [])
        version = component.version or named.version
        self.components.append(Component(package=named.package, version=version, licences=licences))

    def _choices(self, stated: Sequence[_Choice]) -> Alternatives:
        concluded = [choice for choice in stated if _acknowledged(choice) == "concluded"]
        return together(self._read(choice) for choice in concluded or stated)

    def _read(self, choice: _Choice) -> Alternatives:
        if choice.license is None:
            return self._licences.of_expression(choice.expression)
        return self._licences.of_name(choice.license.id or choice.license.name)


def _acknowledged(choice: _Choice) -> str | None:
    return choice.acknowledgement or (choice.license.acknowledgement if choice.license else None)


def _tool(walk: Walk, metadata: _Metadata) -> tuple[str | None, str | None]:
    tools, path = metadata.tools, "$.metadata.tools"
    if bytes(memoryview(tools)[:1]) == b"{":
        lists = walk.part(tools, _TOOL_LISTS, path=path, most_bytes=len(walk.report.data)) or _ToolLists()
        part = "components" if is_there(lists.components) else "services"
        tools, path = (lists.components if part == "components" else lists.services), f"{path}.{part}"
    for _, tool in walk.items(tools, _TOOL, path=path):
        if tool.name:
            return tool.name, tool.version
    return None, None


def _looked_for(found: Sequence[Vulnerability] | None, tool: str | None) -> Sequence[Vulnerability] | None:
    """Trivy writes an empty list also where it was not to look for any, which is its way of writing a bill."""
    return None if not found and tool is not None and tool.lower() in _EMPTY_UNLOOKED else found


def _vulnerabilities(walk: Walk, raw: msgspec.Raw, materials: _Materials) -> Sequence[Vulnerability] | None:
    if not is_there(raw):
        return None
    found = Vulnerable(walk)
    for path, vulnerability in walk.items(raw, _VULNERABILITY, path="$.vulnerabilities"):
        own = vulnerability.id or vulnerability.ref
        if own is None:
            raise walk.refused(path, "a vulnerability without `id` and `bom-ref` cannot be told from others")
        names = [own, *(reference.id for reference in vulnerability.references or [] if reference.id)]
        severity = worst(map(_severity, vulnerability.ratings or []))
        state = vulnerability.analysis.state if vulnerability.analysis else None
        for package, suppressed in _affected(vulnerability, materials):
            found.add(
                package,
                names,
                severity,
                title=vulnerability.description,
                suppressed=suppressed or state in _SUPPRESSED,
            )
    return found.listed()


def _affected(vulnerability: _Vulnerability, materials: _Materials) -> Iterator[tuple[Package, bool]]:
    if not vulnerability.affects:
        yield materials.root, False
    for affected in vulnerability.affects or []:
        spans = affected.versions or []
        yield materials.package_of(affected.ref), bool(spans) and all(span.status == "unaffected" for span in spans)


def _severity(rating: _Rating) -> Severity | None:
    return severity_of_word(rating.severity) or severity_of_score(rating.score)
