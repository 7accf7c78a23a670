"""The evidence store on the command line: the six lines that everybody starts with, as they stand."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Run

SNAPSHOT = ("dashboard", "snapshot")
AS_JSON = ("--format", "json")


@pytest.fixture
def service(run: Run) -> str:
    """A project of a team; its name."""
    run("group", "create", "team-a")
    run("project", "create", "my-service", "--group", "team-a")
    return "my-service"


def keep(run: Run, folder: Path, score: int) -> str:
    """Keep a summary of the project with this score; the snapshot's id."""
    text = f'{{"schema": "stillframe.summary/1", "summaries": {{"sca": {{"score": {score}}}}}}}'
    (folder / "summary.json").write_text(text, encoding="utf8")
    create = (*SNAPSHOT, "create", "--project", "my-service", "--summary", str(folder / "summary.json"), *AS_JSON)
    made: str = run(*create).json["id"]
    return made


@pytest.mark.parametrize("by_server", [False, True])
def test_the_six_lines_work_as_they_stand(
    run: Run, service: str, folder: Path, server: str, monkeypatch: pytest.MonkeyPatch, by_server: bool
) -> None:
    """Here and by a server, with ids filled in."""
    if by_server:
        monkeypatch.setenv("STILLFRAME_SERVER", server)
    created = run(*SNAPSHOT, "create", "--scope", "project", "--project", service, "--reason", "pre-hardening")
    assert "snapshot 1 good" in created.out
    old, new = keep(run, folder, 70), keep(run, folder, 80)
    run(*SNAPSHOT, "create", "--scope", "portfolio")
    listed = run(*SNAPSHOT, "list", "--scope", "portfolio", "--group", "team-a", *AS_JSON).json
    assert [found["scope"] for found in listed["items"]] == ["portfolio"]
    shown = run(*SNAPSHOT, "show", new, *AS_JSON).json
    assert (shown["id"], shown["project_name"], shown["summaries"]["sca"]["score"]) == (new, service, 80)
    policy = run(*SNAPSHOT, "policy", *AS_JSON).json
    assert policy["immutable_governance_mode"] == "no_delete_policy"
    compared = run(*SNAPSHOT, "compare", "--from-snapshot", old, "--to-snapshot", new, "--include-drilldown")
    assert "sca improved" in compared.out
    assert "sca.score: 70 → 80" in compared.out
    exported = run(*SNAPSHOT, "export", new, "--baseline-snapshot", old, "--format", "markdown")
    assert exported.out.startswith("# ")
    assert new in exported.out


def test_a_limit_over_the_longest_page_is_clamped_and_said(run: Run, service: str, folder: Path) -> None:
    """A list that is shorter than was asked for says so itself."""
    text = (folder / "stillframe.toml").read_text(encoding="utf8")
    (folder / "stillframe.toml").write_text(f"[dashboard]\nsnapshot_list_limit = 2\n{text}", encoding="utf8")
    ids = [run(*SNAPSHOT, "create", "--project", service, *AS_JSON).json["id"] for _ in range(3)]
    page = run(*SNAPSHOT, "list", "--limit", "1000000", *AS_JSON).json
    assert (page["limit_applied"], [found["id"] for found in page["items"]]) == (2, ids[:0:-1])
    rest = run(*SNAPSHOT, "list", "--offset", "2", *AS_JSON).json
    assert [found["id"] for found in rest["items"]] == ids[:1]
    assert run(*SNAPSHOT, "list", "--cursor", page["next_cursor"], *AS_JSON).json["items"] == rest["items"]
    assert "--limit" in run(*SNAPSHOT, "list", "--limit", "0", code=2).err


def test_the_policy_says_days_or_forever(run: Run, service: str) -> None:
    """Null is for programs."""
    assert service
    lines = run(*SNAPSHOT, "policy").out.splitlines()
    assert ["retention.release", "forever"] in [line.split() for line in lines]


def test_a_project_is_compared_at_two_times(run: Run, service: str, folder: Path) -> None:
    """At each the newest of then or before; before the first there is none, and its time is said."""
    keep(run, folder, 70)
    at = ("--project", service, "--to-timestamp", "2999-01-01T00:00:00Z", "--from-timestamp")
    assert run(*SNAPSHOT, "compare", *at, "2998-01-01T00:00:00Z", *AS_JSON).json["diff"]["is_empty"]
    early = run(*SNAPSHOT, "compare", *at, "1999-01-01T00:00:00Z", code=1)
    assert "the first is of 20" in early.err


def test_a_document_goes_where_it_is_told(run: Run, service: str, folder: Path) -> None:
    """Into the file, and nothing to standard output."""
    assert service
    done = run(*SNAPSHOT, "export", keep(run, folder, 70), "--format", "pdf", "--output", str(folder / "frame.pdf"))
    assert (done.out, done.err) == ("", "")
    assert (folder / "frame.pdf").read_bytes().startswith(b"%PDF-")


def test_standard_output_gets_the_same_bytes(run: Run, service: str, folder: Path, repository: Path) -> None:
    """No line end is translated and nothing is added: the hash of what came through a pipe is the document's."""
    assert service
    export = (*SNAPSHOT, "export", keep(run, folder, 70), "--format", "json")
    run(*export, "--output", str(folder / "frame.json"))
    program = [sys.executable, "-c", "from stillframe.cli import main; main()", *export]
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    piped = subprocess.run(program, env=environment, capture_output=True, check=True).stdout
    assert piped == (folder / "frame.json").read_bytes()


def test_a_terminal_is_not_sent_a_pdf(run: Run, service: str, folder: Path, repository: Path) -> None:
    """It would ring and scroll, and be no use to anybody; refused before the work is done."""
    assert service
    snapshot = keep(run, folder, 70)
    done = on_a_terminal(*SNAPSHOT, "export", snapshot, "--format", "pdf", repository=repository)
    assert done.code == 2
    assert "--output: name a file" in done.err
    assert on_a_terminal(*SNAPSHOT, "export", snapshot, "--format", "markdown", repository=repository).out


def on_a_terminal(*arguments: str, repository: Path) -> Done:
    """Run a command whose standard output is a terminal."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-c", "from stillframe.cli import main; main()", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    done = subprocess.run(program, stdout=theirs, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(theirs)
    out = b""
    try:
        while chunk := os.read(ours, 65_536):
            out += chunk
    except OSError:  # how a terminal says that its other end is closed
        pass
    os.close(ours)
    return Done(code=done.returncode, out=out.decode(), err=done.stderr.decode())
