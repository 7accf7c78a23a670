"""Grype's JSON: which packages match which vulnerabilities, and which matches were ignored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.packages import Package, package_named, package_of_url
from stillframe.capture.reports.severities import severity_of_word
from stillframe.capture.reports.vulnerable import Vulnerable
from stillframe.capture.reports.walking import NOTHING, Address, Id, Name, Version, Walk
from stillframe.model.facts import ReportFacts

_ECOSYSTEMS: Final = {
    "python": "pypi",
    "java-archive": "maven",
    "jenkins-plugin": "maven",
    "go-module": "golang",
    "rust-crate": "cargo",
    "php-composer": "composer",
    "dotnet": "nuget",
    "dart-pub": "pub",
    "pod": "cocoapods",
}
"""What Syft calls the types of packages, where the ecosystem has another name."""


class _Document(msgspec.Struct, rename={"ignored": "ignoredMatches"}, gc=False):
    matches: msgspec.Raw = NOTHING
    ignored: msgspec.Raw = NOTHING
    descriptor: msgspec.Raw = NOTHING


class _Descriptor(msgspec.Struct, gc=False):
    name: Name | None = None
    version: Version | None = None


class _Vulnerability(msgspec.Struct, gc=False):
    id: Id
    severity: str | None = None
    description: str | None = None


class _Artifact(msgspec.Struct, gc=False):
    name: Name
    version: Version | None = None
    type: str = ""
    purl: Address = ""


class _Match(msgspec.Struct, rename={"related": "relatedVulnerabilities"}, gc=False):
    vulnerability: _Vulnerability
    artifact: _Artifact
    related: list[_Vulnerability] | None = None


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_DESCRIPTOR: Final = msgspec.json.Decoder(_Descriptor)
_MATCH: Final = msgspec.json.Decoder(_Match)


class Grype:
    """
    Reads what `grype --output json` writes.

    Source  https://github.com/anchore/grype, "Output formats".
    """

    format = "grype"
    title = "Grype JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether this has matches and what Grype puts beside them."""
        return look.syntax == "json" and "matches" in look.keys and bool(look.keys & {"descriptor", "vulnerability"})

    def read(self, report: Report) -> ReportFacts:
        """
        Read matches; those that were ignored are suppressed.

        Errors  CaptureRefused for what is no report of Grype.
        """
        walk = Walk(report, of=self.format)
        document = walk.top(_DOCUMENT)
        descriptor = (
            walk.part(document.descriptor, _DESCRIPTOR, path="$.descriptor", most_bytes=len(report.data))
            or _Descriptor()
        )
        found = Vulnerable(walk)
        for member, raw in (("matches", document.matches), ("ignoredMatches", document.ignored)):
            for _, match in walk.items(raw, _MATCH, path=f"$.{member}"):
                own = match.vulnerability
                found.add(
                    _package(match.artifact),
                    [own.id, *_same(own.id, match.related or [])],
                    severity_of_word(own.severity),
                    title=own.description or next((one.description for one in match.related or []), None),
                    suppressed=member == "ignoredMatches",
                )
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=descriptor.name or self.format,
            version=descriptor.version,
            vulnerabilities=found.listed(),
        )


def _same(own: str, related: Sequence[_Vulnerability]) -> list[str]:
    """
    Return the other names of a vulnerability.

    A distribution's advisory may be related to several CVEs. It is none of them, and joining it with all would make one
    vulnerability of many.
    """
    names = [one.id for one in related]
    cves = {name for name in (own, *names) if name.startswith("CVE-")}
    return names if len(cves) <= 1 else []


def _package(artifact: _Artifact) -> Package:
    named = package_of_url(artifact.purl) if artifact.purl else None
    if named is None:
        named = Package(package_named(_ECOSYSTEMS.get(artifact.type, artifact.type[:100]), artifact.name), None)
    return Package(named.package, artifact.version or named.version)
