"""pip-audit's JSON: the distributions of a Python environment, and what is known against each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.packages import Package, package_named
from stillframe.capture.reports.vulnerable import Vulnerable
from stillframe.capture.reports.walking import NOTHING, RAW, Id, Name, Version, Walk
from stillframe.model.facts import Component, ReportFacts

_LONGEST_REASON: Final = 300


class _Audit(msgspec.Struct, gc=False):
    dependencies: msgspec.Raw = NOTHING


class _Advisory(msgspec.Struct, gc=False):
    id: Id
    aliases: list[Id] | None = None
    description: str | None = None


class _Dependency(msgspec.Struct, gc=False):
    name: Name
    version: Version | None = None
    vulns: list[_Advisory] | None = None
    skip_reason: str | None = None


_AUDIT: Final = msgspec.json.Decoder(_Audit)
_DEPENDENCY: Final = msgspec.json.Decoder(_Dependency)


class PipAudit:
    """
    Reads what `pip-audit --format json` writes: since version 2 an object, before that a list.

    It names no severity, and does not say which version of it wrote the report.

    Source  pip-audit 2.10, README, "JSON".
    """

    format = "pip-audit"
    title = "pip-audit JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether this is a list of dependencies with what is known against them."""
        if look.syntax != "json":
            return False
        if look.is_list:
            return "name" in look.keys and bool(look.keys & {"vulns", "skip_reason"})
        return "dependencies" in look.keys and bool(look.keys & {"fixes", "vulns"})

    def read(self, report: Report) -> ReportFacts:
        """
        Read the dependencies and their vulnerabilities.

        A dependency that was skipped is listed without vulnerabilities; where all of them were, nothing was measured.

        Errors  CaptureRefused for what is no report of pip-audit.
        """
        walk = Walk(report, of=self.format)
        components: list[Component] = []
        found = Vulnerable(walk)
        skipped: list[str] = []
        for dependency in _dependencies(walk):
            package = Package(package_named("PyPI", dependency.name), dependency.version)
            walk.keep(package.package, package.version)
            components.append(Component(package=package.package, version=package.version))
            if dependency.skip_reason is not None:
                skipped.append(dependency.skip_reason[:_LONGEST_REASON] if not skipped else "")
            for advisory in dependency.vulns or []:
                found.add(package, [advisory.id, *(advisory.aliases or [])], None, title=advisory.description)
        if components and len(skipped) == len(components):
            why = f"all {len(components):,} dependencies were skipped; the first: {skipped[0]}"
            return ReportFacts(
                format=self.format, reader=self.version, tool=self.format, looks_for=("sca",), failed=why
            )
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=self.format,
            components=tuple(components),
            vulnerabilities=found.listed(),
        )


def _dependencies(walk: Walk) -> Iterator[_Dependency]:
    if walk.report.look.is_list:
        raw, path = walk.top(RAW), "$"
    else:
        raw, path = walk.top(_AUDIT).dependencies, "$.dependencies"
    for _, dependency in walk.items(raw, _DEPENDENCY, path=path):
        yield dependency
