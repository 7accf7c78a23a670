"""A project's health on the command line: what it comes to, what it rests on, what is missing, and its proof."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stillframe.cli.health import card_lines, score_lines
from tests.cli.conftest import Run
from tests.flows.gated import bandit, coverage

SNAPSHOT = ("dashboard", "snapshot")
AS_JSON = ("--format", "json")


@pytest.fixture
def reported(run: Run, folder: Path) -> tuple[str, ...]:
    """A project; the command that brings reports of it."""
    run("group", "create", "team-a")
    run("project", "create", "my-service", "--group", "team-a")
    (folder / "bandit.json").write_bytes(bandit(high=2).read())
    (folder / "coverage.json").write_bytes(coverage(80).read())
    files = ("--report", str(folder / "bandit.json"), "--report", str(folder / "coverage.json"))
    return (*SNAPSHOT, "create", "--project", "my-service", *files)


def test_reports_become_a_snapshot_and_a_score_that_says_what_is_missing(run: Run, reported: tuple[str, ...]) -> None:
    """The lines of any snapshot, then score, grade, risk, and which evidence nobody brought."""
    lines = run(*reported, "--source-ref", "v1").out.splitlines()
    assert lines[0].startswith("snapshot 1 good")
    assert lines[3].startswith("  health score not available (")
    assert lines[3].endswith("from 40 % of the evidence), grade N/A, risk unknown")
    assert lines[4] == "  missing: compliance_report_missing, release_gate_missing, sca_summary_missing"
    taken = run(*reported, "--kloc", "2", "--as-of", "2026-01-02T03:04:05Z", *AS_JSON).json
    assert [entry["name"] for entry in taken["source_bundle"]] == ["reading", "bandit.json", "coverage.json"]
    assert taken["health"]["evidence_coverage"] == 0.4
    assert taken["as_of"] == "2026-01-02T03:04:05.000Z"


def test_health_shows_a_line_for_each_part(run: Run, reported: tuple[str, ...]) -> None:
    """With its weight, value, contribution, reason, freshness and the reports that it came from."""
    run(*reported)
    shown = run("dashboard", "health", "my-service").out.splitlines()
    assert ["score", "not", "available"] in [line.split() for line in shown]
    rows = {line.split()[0]: line.split() for line in shown[shown.index("") + 2 :]}
    assert list(rows) == ["audit", "compliance", "release", "sca", "quality"]
    assert rows["audit"] == ["audit", "0.3", "0.2", "6", "current", "bandit.json"]
    assert rows["sca"] == ["sca", "0.15", "sca_summary_missing", "missing"]
    document = run("dashboard", "health", "my-service", *AS_JSON).json
    assert document["freshness"]["audit"] == "current"
    assert {line["part"]: line["value"] for line in document["score_breakdown"]}["audit"] == 0.2


def test_a_project_without_a_snapshot_has_no_health_and_says_so(run: Run, reported: tuple[str, ...]) -> None:
    """Nothing is known, which is neither good nor bad."""
    assert reported
    done = run("dashboard", "health", "my-service")
    assert done.err == "my-service has no snapshots yet.\n"
    assert ["grade", "N/A"] in [line.split() for line in done.out.splitlines()]


def test_a_snapshot_of_reports_can_be_read_again(run: Run, reported: tuple[str, ...]) -> None:
    """The same picture, to the last digit: exit code 0."""
    taken = run(*reported, *AS_JSON).json
    replayed = run(*SNAPSHOT, "replay", taken["id"], *AS_JSON).json
    assert replayed["identical"]
    assert replayed["replayed_hash"] == taken["content_hash"]
    assert "the same picture, to the last digit" in run(*SNAPSHOT, "replay", taken["id"]).out


def test_a_picture_that_cannot_be_made_again_ends_with_1(run: Run, reported: tuple[str, ...], folder: Path) -> None:
    """A script that proves evidence must notice; what differs is said."""
    taken = run(*reported, *AS_JSON).json["id"]
    run(*reported[:-2])
    with closing(sqlite3.connect(folder / "stillframe.db")) as database, database:
        move_evidence(database)
    done = run(*SNAPSHOT, "replay", taken, code=1)
    assert "ANOTHER picture" in done.out
    assert run(*SNAPSHOT, "replay", taken, *AS_JSON, code=1).json["differences"]["is_empty"] is False


def move_evidence(database: sqlite3.Connection) -> None:
    """Let the first snapshot's record name the evidence of the second, past every guard of the database."""
    triggers = database.execute("select name from sqlite_master where type = 'trigger'").fetchall()
    for (name,) in triggers:
        database.execute(f'drop trigger "{name}"')
    wanted = "(select source_bundle from snapshots where sequence = 2)"
    database.execute(f"update snapshots set source_bundle = {wanted} where sequence = 1")


CARD: Mapping[str, Any] = {
    "project_name": "my-service",
    "health_score": 91.5,
    "provisional_score": 91.5,
    "grade": "A",
    "risk_level": "low",
    "evidence_coverage": 1,
    "reason_codes": [],
    "snapshot": None,
    "freshness": {},
    "score_breakdown": [],
}


def test_a_score_that_is_there_is_said_alone() -> None:
    """A provisional one beside it would be a second score."""
    assert list(score_lines(CARD)) == ["  health score 91.5, grade A, risk low"]
    assert not [line for line in card_lines(CARD) if line.startswith(("provisional", "missing"))]
    nothing = {**CARD, "health_score": None, "provisional_score": None, "evidence_coverage": 0, "grade": "N/A"}
    assert list(score_lines(nothing)) == ["  health score not available (0 % of the evidence), grade N/A, risk low"]
