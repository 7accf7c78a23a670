"""SARIF logs with boring, complete defaults: each test says only what it is about."""

from __future__ import annotations

from typing import Any

from stillframe.capture.reports.sarif import Sarif
from stillframe.model.facts import Finding
from tests.capture.reports.saying import said

READER = Sarif()


def rule(id_: str = "R1", **members: Any) -> dict[str, Any]:
    return {"id": id_, "shortDescription": {"text": "A rule"}, **members}


def location(
    uri: str | None = "app/store.py", *, line: int = 7, snippet: str | None = "run(x)", **artifact: Any
) -> dict[str, Any]:
    named = artifact if uri is None else {"uri": uri, **artifact}
    region = {"startLine": line, **({} if snippet is None else {"snippet": {"text": snippet}})}
    return {"physicalLocation": {"artifactLocation": named, "region": region}}


def result(**members: Any) -> dict[str, Any]:
    return {"ruleId": "R1", "message": {"text": "It is wrong"}, "locations": [location()], **members}


def run(
    *results: dict[str, Any], tool: str = "Linter", rules: list[Any] | None = None, **members: Any
) -> dict[str, Any]:
    driver = {"name": tool, "version": "1.2", "rules": [rule()] if rules is None else rules}
    return {"tool": {"driver": driver}, "results": [*results], **members}


def log(*runs: dict[str, Any], **members: Any) -> dict[str, Any]:
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return {"$schema": schema, "version": "2.1.0", "runs": [*runs], **members}


def found(*runs: dict[str, Any], root: str | None = None) -> list[Finding]:
    """Give the findings of a log of these runs."""
    findings = said(READER, log(*runs), root=root).findings
    assert findings is not None
    return list(findings)


def the_one(*runs: dict[str, Any], root: str | None = None) -> Finding:
    """Give the only finding of a log of these runs."""
    [one] = found(*runs, root=root)
    return one
