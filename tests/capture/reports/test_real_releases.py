"""Seven releases of a real package before the gate of the example: it refuses the one that got worse, and no other."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillframe.capture.reports import read_report
from stillframe.diff import compute_diff
from stillframe.health import Assessment, CompliancePolicy, Formula, assess, project_payload
from stillframe.model.facts import Evidence
from stillframe.model.gate import GateVerdict
from stillframe.rules.gate import decide
from stillframe.rules.profiles import parse_profile

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "release-gate"
VERSIONS = ("1.1.0", "2.0.0", "2.0.1", "2.1.0", "2.1.1", "2.1.2", "2.2.0")
FORMULA = Formula(compliance=CompliancePolicy(denied_licences=("AGPL-3.0-only",)))
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def assessed(version: str) -> Assessment:
    return assess([evidence(path) for path in sorted((EXAMPLE / "reports" / version).iterdir())], formula=FORMULA)


def evidence(path: Path) -> Evidence:
    data = path.read_bytes()
    facts = read_report(path.name, data, root="/project")
    return Evidence(name=path.name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), facts=facts)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, GateVerdict]:
    """Each release decided against the one before it that was adopted."""
    profile = parse_profile(tomllib.loads((EXAMPLE / "release.toml").read_text(encoding="utf8")), source="release.toml")
    found, adopted = {}, None
    for version in VERSIONS:
        candidate = assessed(version)
        payload = project_payload(candidate.summaries, findings=candidate.findings)
        diff = None if adopted is None else compute_diff(adopted, payload, top_n=10)
        found[version] = decide(profile, payload=payload, diff=diff, suppressions=(), now=NOW, places=candidate.places)
        adopted = adopted if found[version].decision == "fail" else payload
    return found


def test_the_gate_refuses_the_release_that_got_worse_and_no_other(verdicts: dict[str, GateVerdict]) -> None:
    """A gate that fails on a real regression, and on nothing before it, is worth having."""
    assert {version: verdict.decision for version, verdict in verdicts.items()} == {
        **dict.fromkeys(VERSIONS[:-1], "pass"),
        "2.2.0": "fail",
    }


def test_the_refusal_names_what_got_worse(verdicts: dict[str, GateVerdict]) -> None:
    """The first high finding, the audit's score, and the documentation."""
    failed = {check.id: check.severity for check in verdicts["2.2.0"].checks if check.status == "fail"}
    assert failed == {"new-high-finding": "blocker", "audit-score": "blocker", "documentation-kept": "warning"}


def test_only_the_first_release_has_nothing_to_be_compared_with(verdicts: dict[str, GateVerdict]) -> None:
    """From the second on no check is skipped for want of evidence."""
    skipped = [version for version, verdict in verdicts.items() if any(c.status == "skipped" for c in verdict.checks)]
    assert skipped == ["1.1.0"]


def test_a_real_package_reaches_the_figures_of_its_reports() -> None:
    """Audit: one high and one low finding in 885 lines; quality: the four shares by their weights."""
    summaries = assessed("2.2.0").summaries
    audit = 100 - 10 * (4 + 0.3) / 0.885
    quality = 100 * (0.4 * 420 / 438 + 0.2 * 48 / 88 + 0.2 * (1 - 6 / 80) + 0.2 * (1 - 2.175 / 20))
    assert summaries["audit"]["score"] == pytest.approx(audit, abs=0.0001)
    assert summaries["quality"]["score"] == pytest.approx(quality, abs=0.0001)
    assert summaries["health"]["score"] is None
    assert "sca_summary_missing" in summaries["health"]["reason_codes"]
