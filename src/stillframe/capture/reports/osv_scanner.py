"""OSV-Scanner's JSON, of versions 1 and 2: vulnerabilities by package, grouped where several names mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.licences import Licences, together
from stillframe.capture.reports.packages import Package, package_named
from stillframe.capture.reports.severities import severity_of_score, severity_of_word, worst
from stillframe.capture.reports.vulnerable import Vulnerable, short_title
from stillframe.capture.reports.walking import NOTHING, Id, Version, Walk, is_there
from stillframe.model.facts import Component, ReportFacts, Severity

_OWN_KEYS: Final = frozenset(
    {"results", "experimental_config", "license_summary", "image_metadata", "experimental_generic_findings"}
)


class _Document(msgspec.Struct, gc=False):
    results: msgspec.Raw = NOTHING


class _Result(msgspec.Struct, gc=False):
    packages: msgspec.Raw = NOTHING


class _Entry(msgspec.Struct, gc=False):
    package: msgspec.Raw = NOTHING
    vulnerabilities: msgspec.Raw = NOTHING
    groups: msgspec.Raw = NOTHING
    licenses: msgspec.Raw = NOTHING


class _Package(msgspec.Struct, gc=False):
    name: str = ""
    version: Version = ""
    ecosystem: str = ""
    commit: Version = ""


class _Words(msgspec.Struct, gc=False):
    severity: str | float | None = None


class _Vulnerability(msgspec.Struct, gc=False):
    id: Id
    aliases: list[Id] | None = None
    summary: str | None = None
    details: str | None = None
    withdrawn: str | None = None
    database_specific: _Words | None = None


class _Called(msgspec.Struct, gc=False):
    called: bool = True
    unimportant: bool = False


class _Group(
    msgspec.Struct, rename={"analysis": "experimentalAnalysis", "analysed": "experimental_analysis"}, gc=False
):
    ids: list[Id] | None = None
    aliases: list[Id] | None = None
    max_severity: str | float | None = None
    analysis: dict[str, _Called] | None = None
    analysed: dict[str, _Called] | None = None


class _Known(NamedTuple):
    """What is kept of a vulnerability until its group is read."""

    names: tuple[str, ...]
    severity: Severity | None
    title: str
    withdrawn: bool


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_RESULT: Final = msgspec.json.Decoder(_Result)
_ENTRY: Final = msgspec.json.Decoder(_Entry)
_PACKAGE: Final = msgspec.json.Decoder(_Package)
_VULNERABILITY: Final = msgspec.json.Decoder(_Vulnerability)
_GROUP: Final = msgspec.json.Decoder(_Group)
_LICENCES: Final = msgspec.json.Decoder(list[str])


class OsvScanner:
    """
    Reads what `osv-scanner --format json` writes; it does not say which version of it wrote the report.

    Source  https://google.github.io/osv-scanner/output/
    """

    format = "osv-scanner"
    title = "OSV-Scanner JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether this has results and none of what other tools put beside theirs."""
        if look.syntax != "json" or look.is_list or "results" not in look.keys:
            return False
        return look.keys <= _OWN_KEYS or bool(look.keys & {"experimental_config", "packages"})

    def read(self, report: Report) -> ReportFacts:
        """
        Read vulnerabilities; licences too, where the scanner was asked for them.

        Errors  CaptureRefused for what is no report of OSV-Scanner.
        """
        walk = Walk(report, of=self.format)
        found = Vulnerable(walk)
        licences = Licences(walk)
        components: list[Component] = []
        for path, entry in _entries(walk):
            package = _package(walk, entry, path)
            for said in _grouped(walk, entry, path):
                found.add(package, said.names, said.severity, title=said.title, suppressed=said.withdrawn)
            if is_there(entry.licenses):
                stated = walk.part(entry.licenses, _LICENCES, path=f"{path}.licenses") or []
                if len(components) >= MOST_FINDINGS:
                    raise walk.too_many("packages")
                walk.keep(*package)
                choices = together(licences.of_expression(text) for text in stated)
                components.append(Component(package=package.package, version=package.version, licences=choices))
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=self.format,
            vulnerabilities=found.listed(),
            components=tuple(components) or None,
        )


def _entries(walk: Walk) -> Iterator[tuple[str, _Entry]]:
    every = len(walk.report.data)
    results = walk.top(_DOCUMENT).results
    for path, result in walk.items(results, _RESULT, path="$.results", most_bytes=every):
        yield from walk.items(result.packages, _ENTRY, path=f"{path}.packages", most_bytes=every)


def _package(walk: Walk, entry: _Entry, path: str) -> Package:
    stated = walk.part(entry.package, _PACKAGE, path=f"{path}.package")
    if stated is not None and not stated.name.strip() and (stated.commit or stated.version):
        # What was matched by its commit, such as a submodule, may have no other name.
        return Package(package_named("", (stated.commit or stated.version or "")[:500]), stated.version or None)
    if stated is None or not stated.name.strip():
        raise walk.refused(f"{path}.package", "a package without name cannot be told from others")
    return Package(package_named(stated.ecosystem[:100], stated.name[:500]), stated.version or stated.commit or None)


def _grouped(walk: Walk, entry: _Entry, path: str) -> Iterator[_Known]:
    """Give each group as one vulnerability, then those that are in none."""
    known = {
        vulnerability.id: _known(walk, vulnerability)
        for _, vulnerability in walk.items(entry.vulnerabilities, _VULNERABILITY, path=f"{path}.vulnerabilities")
    }
    grouped: set[str] = set()
    for _, group in walk.items(entry.groups, _GROUP, path=f"{path}.groups"):
        members = [known[name] for name in group.ids or [] if name in known]
        names = [*(group.ids or []), *(group.aliases or []), *(name for member in members for name in member.names)]
        grouped.update(group.ids or [])
        if names:
            yield _Known(
                tuple(names),
                worst((_scored(group.max_severity), *(member.severity for member in members))),
                next((member.title for member in members if member.title), ""),
                _harmless(group) or (bool(members) and all(member.withdrawn for member in members)),
            )
    yield from (said for name, said in known.items() if name not in grouped)


def _known(walk: Walk, vulnerability: _Vulnerability) -> _Known:
    words = vulnerability.database_specific.severity if vulnerability.database_specific else None
    known = _Known(
        names=(vulnerability.id, *(vulnerability.aliases or [])),
        severity=severity_of_word(words) if isinstance(words, str) else severity_of_score(words),
        title=short_title(vulnerability.summary or vulnerability.details),
        withdrawn=bool(vulnerability.withdrawn),
    )
    walk.keep(known.title, *known.names)
    return known


def _scored(severity: str | float | None) -> Severity | None:
    try:
        return severity_of_score(float(severity)) if severity not in {None, ""} else None
    except ValueError:
        return severity_of_word(str(severity))


def _harmless(group: _Group) -> bool:
    """Say whether the scanner itself found that nothing calls it, or that its distribution holds it unimportant."""
    analyses: Iterable[_Called] = {**(group.analysis or {}), **(group.analysed or {})}.values()
    return bool(analyses) and all(not found.called or found.unimportant for found in analyses)
