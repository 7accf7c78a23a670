"""A project over time on a terminal: a line for each time, a column for each metric."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.cli.trends import trend_lines
from tests.cli.conftest import Run

SUMMARY = '{"schema": "stillframe.summary/1", "summaries": {"sca": {"score": 80}}}'
PERIODS = (
    *("--from", "2026-01-01T00:00:00Z", "--to", "2999-01-01T00:00:00Z"),
    *("--baseline-from", "2025-01-01T00:00:00Z", "--baseline-to", "2025-12-01T00:00:00Z"),
)


@pytest.fixture
def service(run: Run, folder: Path) -> str:
    """A project with one snapshot; its name, which has a slash in it."""
    run("group", "create", "team-a")
    run("project", "create", "policy/app", "--group", "team-a")
    (folder / "summary.json").write_text(SUMMARY, encoding="utf8")
    return "policy/app"


def test_a_point_of_a_span_is_its_average() -> None:
    """The extremes are in the JSON."""
    spans = {"avg": [1.5], "min": [1], "max": [2], "first": [1], "last": [2]}
    document = {"sampled": True, "as_of": ["2026-01-01T00:00:00.000Z"], "metrics": {"health_score": spans}}
    assert trend_lines(document) == ["AS OF                     HEALTH SCORE", "2026-01-01T00:00:00.000Z  1.5"]


def test_a_snapshot_is_a_point(run: Run, service: str, folder: Path) -> None:
    """At the time that its data describes."""
    create = ("dashboard", "snapshot", "create", "--project", service, "--summary", str(folder / "summary.json"))
    run(*create, "--as-of", "2026-01-02T03:04:05Z")
    lines = run("dashboard", "trends", service, "--metric", "sca.score").out.splitlines()
    assert lines == ["AS OF                     SCA.SCORE", "2026-01-02T03:04:05.000Z  80"]


def test_a_project_without_snapshots_is_said_to_have_none(run: Run, service: str) -> None:
    """Nothing on stdout, exit code 0: it is there, and nothing was kept of it yet."""
    for command in (("trends", service), ("compare-periods", service, *PERIODS)):
        done = run("dashboard", *command)
        assert (done.out, done.err) == ("", f"{service} has no snapshots yet.\n")


def test_two_periods_stand_side_by_side(run: Run, service: str, folder: Path) -> None:
    """Where one of them has nothing, its mean is empty and nothing moved."""
    create = ("dashboard", "snapshot", "create", "--project", service, "--summary", str(folder / "summary.json"))
    run(*create)
    head, *lines = run("dashboard", "compare-periods", service, *PERIODS).out.splitlines()
    assert head.split() == ["METRIC", "BASELINE", "MEAN", "PERIOD", "MEAN", "DELTA", "DELTA", "PCT", "STATE"]
    assert ["sca.score", "80", "unchanged"] in [line.split() for line in lines]


def test_a_time_without_its_zone_is_named_by_its_option(run: Run, service: str) -> None:
    """Four times are given; which one is wrong must be clear."""
    wrong = [text.replace("2025-12-01T00:00:00Z", "2025-12-01") for text in PERIODS]
    assert (
        "--baseline-to: '2025-12-01' is not a time" in run("dashboard", "compare-periods", service, *wrong, code=2).err
    )
