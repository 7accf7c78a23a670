"""One vulnerability under its many names: reports that share any of them speak of the same one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from stillframe.health.told import KnownVulnerability
from stillframe.model.facts import SEVERITIES, Severity, Vulnerability

UNKNOWN_AS: Final[Severity] = "medium"
"""What a vulnerability counts as whose severity no report gives."""
_PREFIXES: Final = ("CVE-", "GHSA-")
_Name: TypeAlias = tuple[str, str]


def merged_vulnerabilities(found: Iterable[Vulnerability]) -> tuple[KnownVulnerability, ...]:
    """
    Return each vulnerability of each package once, in the order of their ids.

    Shape   Those of one package that share any id are one, and so are those that a third one joins. The order in which
            they come changes nothing.
    Source  docs/reference/reports.md, "Identity".
    """
    every = list(found)
    parents: dict[_Name, _Name] = {}
    for one in every:
        names = _names(one)
        for name in names:
            parents.setdefault(name, name)
            parents[_root(parents, name)] = _root(parents, names[0])
    groups: dict[_Name, list[Vulnerability]] = {}
    for one in every:
        groups.setdefault(_root(parents, _names(one)[0]), []).append(one)
    return tuple(sorted(map(_known, groups.values()), key=lambda known: known.id))


def canonical_id(ids: Iterable[str]) -> str:
    """
    Return the id that a vulnerability is known by: its CVE, else its GHSA, else the least of its others.

    >>> canonical_id(["PYSEC-2021-66", "GHSA-g3rq-g295-4j3m", "CVE-2020-28493"])
    'CVE-2020-28493'
    """
    return min(ids, key=lambda name: (_kind(name), name))


def _kind(name: str) -> int:
    return next((place for place, prefix in enumerate(_PREFIXES) if name.startswith(prefix)), len(_PREFIXES))


def _names(one: Vulnerability) -> list[_Name]:
    """Return its names in its package; one without an id is known by its title."""
    return [(one.package, name) for name in one.ids or (one.title,)]


def _root(parents: dict[_Name, _Name], name: _Name) -> _Name:
    while parents[name] != name:
        parents[name] = parents[parents[name]]
        name = parents[name]
    return name


def _known(group: Sequence[Vulnerability]) -> KnownVulnerability:
    package = group[0].package
    severities = [one.severity for one in group if one.severity is not None]
    return KnownVulnerability(
        id=f"{package}:{canonical_id(name for one in group for _, name in _names(one))}",
        package=package,
        severity=min(severities, key=SEVERITIES.index, default=UNKNOWN_AS),
        severity_unknown=not severities,
        title=min((one.title for one in group if one.title), default=""),
        suppressed=all(one.suppressed for one in group),
    )
