"""The release gate on the command line: what continuous integration runs, and reads by its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Run
from tests.flows.gated import bandit, coverage

AS_JSON = ("--format", "json")
PROGRAM = [sys.executable, "-c", "from stillframe.cli import main; main()"]
WARNS = """\
name = "ours"
[[check]]
id = "medium"
type = "security"
severity = "warning"
findings = "medium"
at_most = 0
"""


@pytest.fixture
def gated(run: Run, folder: Path) -> tuple[str, ...]:
    """A project with a team, and reports of it; the command that asks the gate."""
    run("group", "create", "team-a")
    run("project", "create", "my-service", "--group", "team-a")
    (folder / "good.json").write_bytes(bandit(high=1).read())
    (folder / "bad.json").write_bytes(bandit(high=9).read())
    (folder / "medium.json").write_bytes(bandit(medium=1).read())
    (folder / "coverage.json").write_bytes(coverage(90).read())
    (folder / "warns.toml").write_text(WARNS, encoding="utf8")
    return ("release", "check", "--project", "my-service")


def test_a_gate_that_passes_adopts_and_one_that_fails_does_not(run: Run, gated: tuple[str, ...], folder: Path) -> None:
    """0 and 1; the failing candidate fails again, and the project keeps the state that passed."""
    passed = run(*gated, "--report", str(folder / "good.json"), "--source-ref", "v1", *AS_JSON).json
    assert (passed["decision"], passed["adopted"], passed["source_ref"]) == ("pass", True, "v1")
    bad = (*gated, "--report", str(folder / "bad.json"), "--source-ref", "v2")
    for _ in range(2):
        failed = run(*bad, *AS_JSON, code=1).json
        assert (failed["decision"], failed["adopted"]) == ("fail", False)
    state = run("dashboard", "snapshot", "show", passed["state_snapshot_id"], *AS_JSON).json
    now = run("dashboard", "health", "my-service", *AS_JSON).json["snapshot"]
    assert now["content_hash"] == state["content_hash"]
    listed = run("release", "history", "--project", "my-service", *AS_JSON).json["items"]
    assert [(found["decision"], found["source_ref"]) for found in listed] == [
        ("fail", "v2"),
        ("fail", "v2"),
        ("pass", "v1"),
    ]


def test_a_warning_ends_with_2_or_as_a_failure(run: Run, gated: tuple[str, ...], folder: Path) -> None:
    """Whoever wants to stop on warnings says so; the decision is the same."""
    warned = (*gated, "--profile", str(folder / "warns.toml"), "--report", str(folder / "medium.json"))
    assert run(*warned, code=2).out.startswith("WARN  my-service, by ours (")
    assert run(*warned, "--fail-on-warn", *AS_JSON, code=1).json["decision"] == "warn"


def test_standard_output_holds_the_answer_and_nothing_else(run: Run, gated: tuple[str, ...], folder: Path) -> None:
    """JSON is one document, Markdown one page; what was decided is shown again in the same words."""
    done = run(*gated, "--report", str(folder / "good.json"), *AS_JSON)
    assert done.err == ""
    answer = done.json
    shown = run("release", "show", answer["id"], *AS_JSON).json
    assert {**shown, "dispatch": answer["dispatch"]} == answer
    page = run(*gated, "--report", str(folder / "good.json"), "--format", "markdown")
    assert page.out.startswith("#")
    assert "my-service" in page.out.splitlines()[0]


def test_an_answer_in_a_file_leaves_the_decision_on_stderr(run: Run, gated: tuple[str, ...], folder: Path) -> None:
    """The log of a job says how it went, and the file holds the document."""
    done = run(*gated, "--report", str(folder / "bad.json"), "--output", str(folder / "a.json"), *AS_JSON, code=1)
    assert done.out == ""
    assert done.err.startswith("FAIL  my-service")
    assert json.loads((folder / "a.json").read_bytes())["decision"] == "fail"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--oops",), "No such option: --oops"),
        (("--report",), "--report"),
        (("stray",), "stray"),
        (("--format", "xml"), "--format"),
        (("--report", "absent.json"), "--report: absent.json cannot be read"),
        (("--profile", "standrad"), "did you mean 'standard'"),
        (("--profile", "absent.toml"), "--profile: absent.toml cannot be read"),
        (("--config", "absent.toml"), "no configuration file"),
        (("--server", "ftp://x"), "--server"),
        (("--server", "http://127.0.0.1:9"), "http://127.0.0.1:9 cannot be asked"),
        (("--output", "no/such/folder"), "--output"),
    ],
)
def test_an_error_ends_with_3(
    run: Run, gated: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], says: str
) -> None:
    """Neither a failed gate nor a warning, and nothing on standard output that looks like an answer."""
    monkeypatch.setenv("STILLFRAME_TOKEN", "sf_x")
    if "--server" not in more and "--config" not in more:
        monkeypatch.delenv("STILLFRAME_SERVER", raising=False)
    if "--config" in more or "--server" in more:
        monkeypatch.delenv("STILLFRAME_CONFIG")
    refused = run(*gated, *more, code=3)
    assert refused.out == ""
    assert says in refused.err


def test_without_project_token_or_database_it_ends_with_3(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipeline that was set up badly is no release that failed."""
    monkeypatch.delenv("STILLFRAME_TOKEN", raising=False)
    check = ("release", "check", "--project", "my-service")
    assert "--project" in run("release", "check", code=3).err
    assert "STILLFRAME_TOKEN" in run(*check, "--server", "http://127.0.0.1:9", code=3).err
    assert str(folder / "stillframe.db") in run(*check, code=3).err
    assert not (folder / "stillframe.db").exists()


def test_a_refused_token_and_a_foreign_project_end_with_3(
    run: Run, gated: tuple[str, ...], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not ask has no answer."""
    assert "no project here" in run("release", "check", "--project", "other", "--server", server, code=3).err
    monkeypatch.setenv("STILLFRAME_TOKEN", "sf_wrong")
    assert run(*gated, "--server", server, code=3).out == ""


def test_a_state_that_a_check_left_says_that_the_command_line_asked(
    run: Run, gated: tuple[str, ...], folder: Path
) -> None:
    """Where the gate keeps no snapshots of its own, the adopted one names what made it."""
    text = (folder / "stillframe.toml").read_text(encoding="utf8")
    (folder / "stillframe.toml").write_text(
        f"[dashboard]\nsnapshot_release_post_enabled = false\n{text}", encoding="utf8"
    )
    passed = run(*gated, "--report", str(folder / "good.json"), *AS_JSON).json
    assert passed["post_snapshot_id"] is None
    state = run("dashboard", "snapshot", "show", passed["state_snapshot_id"], *AS_JSON).json
    assert state["trigger_source"] == "cli"


def test_help_ends_with_0(run: Run) -> None:
    """It was asked for."""
    assert "--fail-on-warn" in run("release", "check", "--help").out


@pytest.mark.parametrize("sink", ["pipe", "/dev/full"])
def test_an_answer_that_nobody_could_read_ends_with_3(
    run: Run, gated: tuple[str, ...], folder: Path, repository: Path, sink: str
) -> None:
    """The decision is kept; the history has it."""
    if sink != "pipe" and not Path(sink).exists():
        pytest.skip("this machine has no such device")
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    arguments = [*PROGRAM, *gated, "--report", str(folder / "good.json")]
    if sink == "pipe":
        reader, writer = os.pipe()
        os.close(reader)
    else:
        writer = os.open(sink, os.O_WRONLY)
    done = subprocess.run(arguments, env=environment, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert sink == "pipe" or b"standard output cannot be written: No space left" in done.stderr
    assert [found["decision"] for found in run("release", "history", *AS_JSON).json["items"]] == ["pass"]


def test_what_a_check_may_name_is_listed(run: Run, gated: tuple[str, ...], folder: Path) -> None:
    """The JSON has every check of a profile, the table how many."""
    assert gated
    listed = run("release", "profiles", *AS_JSON).json["items"]
    assert [found["name"] for found in listed] == ["gost-56939", "standard", "minimal"]
    heading, *rows = run("release", "profiles").out.splitlines()
    assert heading.split() == ["NAME", "TITLE", "CHECKS", "SOURCE", "DIGEST"]
    assert [str(len(found["check"])) in row.split() for found, row in zip(listed, rows, strict=True)] == [True] * 3


def test_a_project_that_was_never_checked_says_so(run: Run, gated: tuple[str, ...]) -> None:
    """An empty page and one sentence beside it."""
    assert gated
    assert run("release", "history") == Done(code=0, out="", err="No release was checked here yet.\n")


def test_a_gate_that_wants_evidence_fails_without_it(run: Run, gated: tuple[str, ...]) -> None:
    """No report is no pass: the answer is loud about it."""
    assert "EVIDENCE INCOMPLETE" in run(*gated, "--profile", "standard", code=1).out
