"""Trivy's JSON: vulnerable packages, all packages with their licences, wrong settings, open secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.licences import Alternatives, Licences, together
from stillframe.capture.reports.packages import Package, package_named, package_of_url
from stillframe.capture.reports.severities import severity_of_word
from stillframe.capture.reports.trivy_findings import MISCONFIGURATION, SECRET, TrivyFindings
from stillframe.capture.reports.vulnerable import Vulnerable
from stillframe.capture.reports.walking import MOST_ITEM_BYTES, NOTHING, RAW, Address, Id, Name, Version, Walk, is_there
from stillframe.model.facts import Component, ReportFacts

_SCHEMA: Final = 2
_PACKAGES: Final = frozenset({"os-pkgs", "lang-pkgs"})
_SETTINGS: Final = frozenset({"config", "secret"})
_PROJECT: Final = frozenset({"root", "workspace"})
_SUPPRESSED: Final = frozenset({"ignored", "not_affected", "fixed"})
_ECOSYSTEMS: Final = {
    "pip": "pypi",
    "pipenv": "pypi",
    "poetry": "pypi",
    "uv": "pypi",
    "pylock": "pypi",
    "python-pkg": "pypi",
    "npm": "npm",
    "bun": "npm",
    "yarn": "npm",
    "pnpm": "npm",
    "node-pkg": "npm",
    "javascript": "npm",
    "jar": "maven",
    "pom": "maven",
    "gradle": "maven",
    "sbt": "maven",
    "gomod": "golang",
    "gobinary": "golang",
    "rustbinary": "cargo",
    "bundler": "gem",
    "gemspec": "gem",
    "dotnet-core": "nuget",
    "packages-props": "nuget",
    "composer-vendor": "composer",
    "conda-pkg": "conda",
    "conda-environment": "conda",
    "sles": "suse",
    "slem": "suse",
    "opensuse-leap": "opensuse",
    "opensuse-tumbleweed": "opensuse",
}
"""What Trivy calls the types of targets, where the ecosystem has another name."""


class _Document(msgspec.Struct, rename="pascal", gc=False):
    schema_version: msgspec.Raw = NOTHING
    results: msgspec.Raw = NOTHING
    trivy: msgspec.Raw = NOTHING


class _Tool(msgspec.Struct, rename="pascal", gc=False):
    version: Version | None = None


class _Lists(msgspec.Struct, rename="pascal", gc=False):
    packages: msgspec.Raw = NOTHING
    vulnerabilities: msgspec.Raw = NOTHING
    misconfigurations: msgspec.Raw = NOTHING
    secrets: msgspec.Raw = NOTHING
    licenses: msgspec.Raw = NOTHING
    experimental_modified_findings: msgspec.Raw = NOTHING


class _Target(msgspec.Struct, rename={"name": "Target", "kind": "Class", "type": "Type"}, gc=False):
    name: str = ""
    kind: str = ""
    type: str = ""


class _Identifier(msgspec.Struct, rename={"url": "PURL"}, gc=False):
    url: Address = ""


class _Vulnerability(msgspec.Struct, rename="pascal", gc=False):
    pkg_name: Name
    id: Id = msgspec.field(name="VulnerabilityID")
    pkg_identifier: _Identifier | None = None
    installed_version: Version | None = None
    severity: str | None = None
    status: str | None = None
    title: str | None = None
    description: str | None = None


class _Package(msgspec.Struct, rename="pascal", gc=False):
    name: Name
    version: Version | None = None
    identifier: _Identifier | None = None
    licenses: list[str] | None = None
    relationship: str | None = None


class _Licence(msgspec.Struct, rename="pascal", gc=False):
    pkg_name: str = ""
    name: str = ""


class _Modified(msgspec.Struct, rename="pascal", gc=False):
    type: str = ""
    status: str = ""
    finding: msgspec.Raw = NOTHING


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_NUMBER: Final = msgspec.json.Decoder(int)
_TOOL: Final = msgspec.json.Decoder(_Tool)
_LISTS: Final = msgspec.json.Decoder(_Lists)
_TARGET: Final = msgspec.json.Decoder(_Target)
_VULNERABILITY: Final = msgspec.json.Decoder(_Vulnerability)
_PACKAGE: Final = msgspec.json.Decoder(_Package)
_LICENCE: Final = msgspec.json.Decoder(_Licence)
_MODIFIED: Final = msgspec.json.Decoder(_Modified)


class Trivy:
    """
    Reads what `trivy --format json` writes, with schema version 2.

    A target without packages says nothing of vulnerabilities, and a report without any such target does not measure
    them: it is the same whether Trivy found no package or was not asked for them.

    Source  https://trivy.dev/latest/docs/configuration/reporting/
    """

    format = "trivy"
    title = "Trivy JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether this is a report of Trivy, old or new."""
        if look.syntax != "json":
            return False
        if look.is_list:
            return "Target" in look.keys
        return "SchemaVersion" in look.keys and bool(look.keys & {"ArtifactName", "ArtifactType", "Results"})

    def read(self, report: Report) -> ReportFacts:
        """
        Read all results.

        Errors  CaptureRefused for another schema version, and for what is no report of Trivy.
        """
        walk = Walk(report, of=self.format)
        if report.look.is_list:
            raise walk.refused("$", f"a list without SchemaVersion is not read; SchemaVersion {_SCHEMA} is")
        document = walk.top(_DOCUMENT)
        schema = walk.part(document.schema_version, _NUMBER, path="$.SchemaVersion", most_bytes=100)
        if schema != _SCHEMA:
            raise walk.refused("$.SchemaVersion", f"version {schema} is not read; {_SCHEMA} is")
        tool = walk.part(document.trivy, _TOOL, path="$.Trivy") or _Tool()
        reading = _Reading(walk)
        for path, raw in walk.items(document.results, RAW, path="$.Results", most_bytes=len(report.data)):
            reading.take(raw, path)
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=self.format,
            version=tool.version,
            vulnerabilities=reading.vulnerable.listed() if reading.packages_asked else None,
            components=reading.components(),
            findings=reading.findings.listed(),
            looks_for=("audit",) if reading.findings.asked else (),
        )


class _Reading:
    """What the results of one report add up to."""

    __slots__ = ("_components", "_licences", "_named", "_walk", "findings", "packages_asked", "vulnerable")

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._licences = Licences(walk)
        self._components: list[tuple[str, Component]] = []
        self._named: dict[str, list[Alternatives]] = {}
        self.packages_asked = False
        self.vulnerable = Vulnerable(walk)
        self.findings = TrivyFindings(walk)

    def take(self, raw: msgspec.Raw, path: str) -> None:
        """Take in one result: a target with the lists of what was found in it."""
        walk = self._walk
        size = len(memoryview(raw))
        lists = walk.part(raw, _LISTS, path=path, most_bytes=size) or _Lists()
        listed = sum(len(memoryview(part)) for part in msgspec.structs.astuple(lists))
        target = walk.part(raw, _TARGET, path=path, most_bytes=MOST_ITEM_BYTES + listed) or _Target()
        self.packages_asked |= target.kind in _PACKAGES or is_there(lists.vulnerabilities)
        self.findings.asked |= is_there(lists.misconfigurations) or is_there(lists.secrets) or target.kind in _SETTINGS
        for _, package in walk.items(lists.packages, _PACKAGE, path=f"{path}.Packages"):
            self._package(target, package)
        for _, licence in walk.items(lists.licenses, _LICENCE, path=f"{path}.Licenses"):
            self._licence(licence)
        for where, part in walk.items(lists.vulnerabilities, RAW, path=f"{path}.Vulnerabilities"):
            self._finding("vulnerability", target, part, path=where, suppressed=False)
        for where, part in walk.items(lists.misconfigurations, RAW, path=f"{path}.Misconfigurations"):
            self._finding("misconfiguration", target, part, path=where, suppressed=False)
        for where, part in walk.items(lists.secrets, RAW, path=f"{path}.Secrets"):
            self._finding("secret", target, part, path=where, suppressed=False)
        modified = f"{path}.ExperimentalModifiedFindings"
        for where, change in walk.items(lists.experimental_modified_findings, _MODIFIED, path=modified):
            suppressed = change.status in _SUPPRESSED
            self._finding(change.type, target, change.finding, path=f"{where}.Finding", suppressed=suppressed)

    def components(self) -> tuple[Component, ...] | None:
        """Return the packages; the licence scanner's names go to those that say no licence themselves."""
        if not self._components and not self._named:
            return None
        known = [
            component if component.licences else replace(component, licences=together(self._named.get(name, [])))
            for name, component in self._components
        ]
        unlisted = self._named.keys() - {name for name, _ in self._components}
        for name in sorted(unlisted):
            package = package_named("", name)
            known.append(Component(package=package, version=None, licences=together(self._named[name])))
        return tuple(known)

    def _package(self, target: _Target, package: _Package) -> None:
        if package.relationship in _PROJECT:
            return
        if len(self._components) >= MOST_FINDINGS:
            raise self._walk.too_many("packages")
        named = _named(target, package.identifier, package.name)
        licences = together(self._licences.of_name(licence) for licence in package.licenses or [])
        version = package.version or named.version
        self._walk.keep(package.name, named.package, version)
        self._components.append((package.name, Component(package=named.package, version=version, licences=licences)))

    def _licence(self, licence: _Licence) -> None:
        if licence.pkg_name:
            self._walk.keep(licence.pkg_name)
            self._named.setdefault(licence.pkg_name[:500], []).append(self._licences.of_name(licence.name))

    def _finding(self, kind: str, target: _Target, raw: msgspec.Raw, *, path: str, suppressed: bool) -> None:
        if kind == "vulnerability":
            vulnerability = self._walk.part(raw, _VULNERABILITY, path=path)
            if vulnerability is not None:
                self._vulnerability(target, vulnerability, suppressed=suppressed)
        elif kind == "misconfiguration":
            setting = self._walk.part(raw, MISCONFIGURATION, path=path)
            if setting is not None:
                self.findings.misconfigured(target.name, setting, suppressed=suppressed)
        elif kind == "secret":
            secret = self._walk.part(raw, SECRET, path=path)
            if secret is not None:
                self.findings.exposed(target.name, secret, suppressed=suppressed)

    def _vulnerability(self, target: _Target, said: _Vulnerability, *, suppressed: bool) -> None:
        self.packages_asked = True
        named = _named(target, said.pkg_identifier, said.pkg_name)
        self.vulnerable.add(
            Package(named.package, said.installed_version or named.version),
            [said.id],
            severity_of_word(said.severity),
            title=said.title or said.description,
            suppressed=suppressed or said.status == "not_affected",
        )


def _named(target: _Target, identifier: _Identifier | None, name: str) -> Package:
    named = package_of_url(identifier.url) if identifier and identifier.url else None
    return named or Package(package_named(_ECOSYSTEMS.get(target.type, target.type[:100]), name), None)
