"""Findings of all reports: each once under its id, where it stands, and the rows that a dashboard shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from stillframe.health.compliance import CompliancePolicy, asks_for_licences, denied_packages
from stillframe.health.told import Told, open_findings
from stillframe.model.facts import PARTS, SEVERITIES, Finding, Part, Severity
from stillframe.model.payload import Row

LONGEST_TEXT: Final = 1_000
DENIED_LICENCE: Final[Severity] = "high"
FAILED_CHECK: Final[Severity] = "medium"


def merged_findings(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """
    Return each finding once, in the order of their ids: the worst severity that any report gives it.

    Shape   Suppressed if every report that names it says so, tainted if any does.
    """
    groups: dict[str, list[Finding]] = {}
    for finding in found:
        groups.setdefault(finding.id, []).append(finding)
    return tuple(_one(groups[name]) for name in sorted(groups))


def finding_rows(told: Told, policy: CompliancePolicy) -> list[Row] | None:
    """
    Return the open findings as rows of `FINDING_COLUMNS`, in the order of their ids.

    Shape   None where no report speaks of findings, and where the run of a tool failed that would have: what it no
            longer names is not resolved.
    """
    sources = [told.vulnerabilities, told.unused, told.rows, *told.findings.values()]
    speaks = asks_for_licences(told, policy) or any(check.score is not None for check in told.policy_checks or ())
    if told.failed or not (speaks or any(found is not None for found in sources)):
        return None
    rows: dict[str, Row] = {}
    for row in _every_row(told, policy):
        name = str(row["id"])
        rows[name] = min(row, rows[name], key=_severity) if name in rows else row
    return [rows[name] for name in sorted(rows)]


def places_of(found: Iterable[Finding]) -> dict[str, str]:
    """Return where each finding stands, `file:line`, by its id; for people, and never part of a picture."""
    places: dict[str, tuple[str, int]] = {}
    for finding in found:
        if finding.file:
            place = (finding.file, finding.line or 0)
            places[finding.id] = min(place, places.get(finding.id, place))
    return {name: f"{file}:{line}" if line else file for name, (file, line) in sorted(places.items())}


def _one(group: Sequence[Finding]) -> Finding:
    if len(group) == 1:
        return group[0]
    return Finding(
        id=group[0].id,
        part=min((each.part for each in group), key=PARTS.index),
        severity=min((each.severity for each in group), key=SEVERITIES.index),
        title=min(each.title for each in group),
        rule=min(each.rule for each in group),
        file=min((each.file for each in group if each.file), default=None),
        suppressed=all(each.suppressed for each in group),
        tainted=any(each.tainted for each in group),
    )


def _every_row(told: Told, policy: CompliancePolicy) -> Iterator[Row]:
    for found in (*told.findings.values(), told.unused):
        for finding in open_findings(found) or ():
            yield _row(finding.id, finding.part, finding.severity, title=finding.title, location=finding.file)
    for known in told.vulnerabilities or ():
        if not known.suppressed:
            yield _row(known.id, "sca", known.severity, title=known.title, location=known.package)
    for check in told.policy_checks or ():
        if check.score is not None and not policy.passes(check):
            yield _row(f"policy:{check.id}", "compliance", FAILED_CHECK, title=check.title or check.id, location=None)
    for component in denied_packages(told, policy).values() if asks_for_licences(told, policy) else ():
        licence = " OR ".join(sorted(" AND ".join(sorted(names)) for names in component.licences))
        title = f"the licence {licence} is denied"
        name = f"licence:{component.package}"
        yield _row(name, "compliance", DENIED_LICENCE, title=title, location=component.package)
    yield from told.rows or ()


def _row(name: str, part: Part, severity: Severity, *, title: str, location: str | None) -> Mapping[str, str | None]:
    where = None if location is None else location[:LONGEST_TEXT]
    return {
        "id": name,
        "dimension": part,
        "severity": severity,
        "title": " ".join(title.split())[:LONGEST_TEXT],
        "location": where,
    }


def _severity(row: Row) -> tuple[int, str]:
    said = next((place for place, name in enumerate(SEVERITIES) if name == row["severity"]), len(SEVERITIES))
    return said, repr(sorted(row.items(), key=lambda item: item[0]))
