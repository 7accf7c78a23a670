"""Reports and gates in a room: small reports as tools write them, brought by the editor of a project."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stillframe.flows.release import GateAnswer, GateRequest, check_release
from stillframe.flows.reports import GivenReport, ReadingOptions, ReportsTaken, take_report_snapshot
from stillframe.flows.storing import SnapshotRequest
from stillframe.model.identity import Caller
from tests.flows.room import Room

PROJECT = "my-service"
SEVERITIES = {"high": "HIGH", "medium": "MEDIUM", "low": "LOW"}


def report(name: str, document: Any) -> GivenReport:
    """Return a report file: its bytes, or the JSON of a document."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return GivenReport(name=name, size=len(data), read=lambda: data)


def bandit(*, loc: int = 1_000, below: int = 0, name: str = "bandit.json", **counts: int) -> GivenReport:
    """
    Return a Bandit report with so many findings of each severity, each in a line of its own.

    Units   `below`: lines that were inserted above all of them.
    """
    severities = [severity for severity, count in counts.items() for _ in range(count)]
    results = [
        {
            "test_id": "B307",
            "test_name": "eval",
            "filename": "src/app.py",
            "line_number": 10 + number + below,
            "line_range": [10 + number + below],
            "code": f"{10 + number + below} value_{number} = eval(text_{number})\n",
            "issue_severity": SEVERITIES[severity],
            "issue_confidence": "HIGH",
            "issue_text": "Use of eval",
            "issue_cwe": {"id": 78, "link": ""},
            "more_info": "",
        }
        for number, severity in enumerate(severities)
    ]
    metrics = {"_totals": {"loc": loc, "nosec": 0, "skipped_tests": 0}}
    head = {"errors": [], "generated_at": "2026-05-04T12:00:00Z", "metrics": metrics}
    return report(name, {**head, "results": results})


def coverage(covered: int = 80, *, of: int = 100) -> GivenReport:
    """Return a report of coverage.py with lines only."""
    totals = {
        "covered_lines": covered,
        "num_statements": of,
        "percent_covered": 100 * covered / of,
        "missing_lines": of - covered,
        "excluded_lines": 0,
    }
    meta = {"format": 3, "version": "7.10.0", "branch_coverage": False, "show_contexts": False}
    return report("coverage.json", {"meta": meta, "files": {}, "totals": totals})


def pip_audit(*vulnerabilities: str) -> GivenReport:
    """Return a report of pip-audit about one package with these vulnerabilities."""
    vulns = [{"id": name, "aliases": [], "fix_versions": [], "description": name} for name in vulnerabilities]
    return report(
        "pip-audit.json", {"dependencies": [{"name": "jinja2", "version": "3.0", "vulns": vulns}], "fixes": []}
    )


def bring(
    room: Room, *reports: GivenReport, who: Caller | None = None, options: ReadingOptions | None = None, **said: Any
) -> ReportsTaken:
    """Bring reports of the project, as its editor; a minute passes first."""
    room.clock.move(minutes=1)
    return take_report_snapshot(
        room.services,
        who or room.alice,
        project_name=PROJECT,
        reports=reports,
        request=SnapshotRequest(**said),
        options=options or ReadingOptions(),
    )


def check(
    room: Room,
    *reports: GivenReport,
    profile: str | Mapping[str, Any] = "standard",
    who: Caller | None = None,
    **said: Any,
) -> GateAnswer:
    """Put reports before a gate, as the project's editor; a minute passes first."""
    room.clock.move(minutes=1)
    asked = GateRequest(project_name=PROJECT, profile=profile, **said)
    return check_release(room.services, who or room.alice, request=asked, reports=reports, trigger="api")


def profile(*checks: Mapping[str, Any], name: str = "ours") -> dict[str, Any]:
    """Return a profile's document: blockers of the type custom, unless a check says otherwise."""
    plain = {"type": "custom", "severity": "blocker"}
    return {"name": name, "check": [{"id": f"check-{number}", **plain, **found} for number, found in enumerate(checks)]}


def statuses(answer: GateAnswer) -> dict[str, str]:
    """Return how each check went, by its id."""
    checks: Sequence[Mapping[str, Any]] = answer.document["checks"]
    return {found["id"]: found["status"] for found in checks}
