"""Suppressions on the command line: who answers for a finding, until when, and what the gate makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Done, Run
from tests.flows.gated import bandit

AS_JSON = ("--format", "json")
PROFILE = (
    'name = "ours"\n[[check]]\nid = "high"\ntype = "security"\nseverity = "blocker"\nfindings = "high"\nat_most = 0\n'
)


@pytest.fixture
def check(run: Run, folder: Path) -> tuple[str, ...]:
    """The command that asks a gate which one finding fails."""
    run("group", "create", "team-a")
    run("project", "create", "my-service", "--group", "team-a")
    (folder / "bandit.json").write_bytes(bandit(high=1).read())
    (folder / "ours.toml").write_text(PROFILE, encoding="utf8")
    files = ("--report", str(folder / "bandit.json"), "--profile", str(folder / "ours.toml"))
    return ("release", "check", "--project", "my-service", *files)


def test_a_finding_that_somebody_answers_for_lets_the_release_pass_and_is_said(
    run: Run, check: tuple[str, ...]
) -> None:
    """Until it is taken back; then it counts again, and the history keeps who answered."""
    (blocker,) = run(*check, *AS_JSON, code=1).json["checks"]
    finding = blocker["witnesses"][0]["id"]
    answer = ("release", "suppress", "--project", "my-service", "--finding", finding, "--reason", "a test's own eval")
    made = run(*answer, "--expires", "30d", "--ticket", "T-1", *AS_JSON).json
    assert (made["finding_id"], made["ticket"], made["state"]) == (finding, "T-1", "active")
    passed = run(*check)
    assert "a test's own eval" in passed.out
    assert "suppressed already" in run(*answer, "--expires", "1d", code=1).err
    run("release", "unsuppress", made["id"])
    run(*check, code=1)
    assert run("release", "unsuppress", made["id"], code=1).out == ""
    assert run("release", "suppressions") == Done(code=0, out="", err="Nothing is suppressed here.\n")
    (kept,) = run("release", "suppressions", "--project", "my-service", "--all", *AS_JSON).json["items"]
    assert (kept["id"], kept["state"]) == (made["id"], "lifted")
    assert kept["lifted_by"].startswith("local:")


def test_a_suppression_needs_an_end(run: Run, check: tuple[str, ...]) -> None:
    """And at most a year ahead; each fault names its option or its member."""
    assert check
    answer = ("release", "suppress", "--project", "my-service", "--finding", "f-1", "--reason", "r")
    assert "--expires" in run(*answer, code=2).err
    assert "$.expires_at: is more than 365 days" in run(*answer, "--expires", "400d", code=2).err
    assert "$.expires_at: is not in the future" in run(*answer, "--expires", "2001-01-01", code=2).err
    assert "--expires: 'never'" in run(*answer, "--expires", "never", code=2).err
    assert run("release", "suppressions", "--all", *AS_JSON).json["items"] == []
