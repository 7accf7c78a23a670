"""Profiles of a release gate: the three that are built in, and what names one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from stillframe.model.canonical import digest_of
from stillframe.model.gate import Check, Profile
from stillframe.rules.profile_grammar import read_profile


def parse_profile(document: object, *, source: str, path: str = "$") -> Profile:
    """
    Return the profile that a document holds; its digest is the same however it was spelled.

    Shape   `{name, title?, check: [{id, type, severity, title?, findings | metric | forbid, within?, at_most?,
            at_least?, on_missing?}]}`: what a TOML file with `[[check]]` says. `source`: where it came from.
    Errors  InvalidInput with every fault found: its JSON path, and what is allowed there. The name of a built-in
            profile is taken.
    Source  docs/reference/release-profiles.md.

    >>> check = {"id": "critical", "type": "security", "severity": "blocker", "findings": "critical", "at_most": 0}
    >>> parse_profile({"name": "ours", "check": [check]}, source="given").checks[0].within
    ('audit', 'sca')
    """
    return _profile(read_profile(document, path=path, taken=BUILT_IN), source=source)


def _profile(document: Mapping[str, Any], *, source: str) -> Profile:
    """Return the profile of a canonical document."""
    return Profile(
        name=document["name"],
        title=document["title"],
        checks=tuple(Check(**{**check, "within": tuple(check.get("within", ()))}) for check in document["check"]),
        digest=digest_of(document),
        document=document,
        source=source,
    )


def _open_findings(severity: str, at_most: int) -> dict[str, Any]:
    return {
        "id": f"{severity}-findings",
        "type": "security",
        "title": f"{severity.capitalize()} findings",
        "findings": severity,
        "at_most": at_most,
    }


_BLOCKER = {"severity": "blocker", "on_missing": "fail"}
"""A gate that asks for evidence and has none says so, and fails."""
_WARNING = {"severity": "warning", "on_missing": "skip"}
_LINE_COVERAGE = {
    "id": "line-coverage",
    "type": "testing",
    "title": "Line coverage",
    "metric": "quality.coverage.line",
    "at_least": 0.55,
    **_WARNING,
}
_GOST_56939 = {
    "name": "gost-56939",
    "title": "Secure development after GOST R 56939",
    "check": [
        _open_findings("critical", 0) | _BLOCKER,
        _open_findings("high", 0) | _BLOCKER,
        {
            "id": "taint-paths",
            "type": "security",
            "title": "Unresolved taint paths",
            "metric": "audit.taint_paths",
            "at_most": 0,
            **_BLOCKER,
        },
        {
            "id": "compliance-score",
            "type": "compliance",
            "title": "Compliance score",
            "metric": "compliance.score",
            "at_least": 60,
            **_BLOCKER,
        },
        {
            "id": "threat-model",
            "type": "review",
            "title": "Threat model is current",
            "metric": "compliance.threat_model_current",
            "at_least": 1,
            **_BLOCKER,
        },
        {
            "id": "security-files",
            "type": "review",
            "title": "Security files are reviewed",
            "metric": "compliance.security_files_reviewed",
            "at_least": 1,
            **_BLOCKER,
        },
        {
            "id": "dead-methods",
            "type": "quality",
            "title": "Dead methods",
            "metric": "quality.dead_code",
            "at_most": 0.05,
            **_WARNING,
        },
        _LINE_COVERAGE,
        _open_findings("medium", 20) | _WARNING,
    ],
}
_STANDARD = {
    "name": "standard",
    "title": "Standard",
    "check": [
        _open_findings("critical", 0) | _BLOCKER,
        _open_findings("high", 5) | _BLOCKER,
        {
            "id": "complexity",
            "type": "quality",
            "title": "Average cyclomatic complexity",
            "metric": "quality.complexity",
            "at_most": 15,
            **_WARNING,
        },
        _LINE_COVERAGE,
    ],
}
_MINIMAL = {
    "name": "minimal",
    "title": "Minimal",
    "check": [_open_findings("critical", 0) | {"severity": "blocker", "on_missing": "skip"}],
}

BUILT_IN: Mapping[str, Profile] = MappingProxyType(
    {
        str(document["name"]): _profile(read_profile(document), source="built-in")
        for document in (_GOST_56939, _STANDARD, _MINIMAL)
    }
)
"""By name, the strictest first."""
