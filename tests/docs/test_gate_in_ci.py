"""The page on gates in CI: the lines of its recipes run for real, beside a server that lives in another folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server
from threading import Thread
from time import monotonic, sleep
from typing import Any, Self
from urllib.request import urlopen

import pytest
from ruamel.yaml import YAML

from stillframe.cli.endings import NO_DECISION
from stillframe.cli.release import ENDINGS
from tests.docs.documents import blocks_of, table_of
from tests.docs.following import follow

pytestmark = [pytest.mark.needs("curl"), pytest.mark.timeout(600)]
PAGE = Path("docs", "howto", "gate-in-ci.md")
PROFILE = re.compile(r"(?ms)^cat > gate\.toml <<'END'\n(.*?)^END$")
START_SECONDS = 60.0
INSTALLING = "pip install stillframe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """
    A machine of a CI: a checkout, a home without anything in it, and the two secrets.

    Shape   `environment`: all that its shells see.
    """

    checkout: Path
    environment: Mapping[str, str]
    examples: Path

    def brings(self, release: str, **instead: str) -> None:
        """Let `measure.sh` write the reports of a release, single ones of another."""
        lines = ["rm -rf reports", f"cp -r '{self.examples}/{release}' reports"]
        lines += [f"cp '{self.examples}/{other}/{name}.json' reports/" for name, other in instead.items()]
        (self.checkout / "measure.sh").write_text("\n".join([*lines, ""]), encoding="utf8")

    def runs(self, *lines: str, shell: tuple[str, ...], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the lines of one job."""
        return subprocess.run(
            [*shell, "\n".join(lines)],
            cwd=self.checkout,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def asks(self, *arguments: str) -> Any:
        """Return the JSON that a command prints."""
        done = self.runs(f"stillframe {' '.join(arguments)} --format json", shell=("bash", "-ec"))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page itself."""
    return repository / PAGE


@pytest.fixture(scope="module")
def runner(page: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A runner in one folder, and in another one the server that the page's first part prepared."""
    home, elsewhere = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("runner")
    follow(page, repository=repository, home=home)
    token = json.loads((home / "server" / "token.json").read_text(encoding="utf8"))["token"]
    (elsewhere / "home").mkdir()
    shutil.copytree(home / "bin", elsewhere / "bin")
    checkout = elsewhere / "checkout"
    checkout.mkdir()
    found = PROFILE.search((repository / "docs" / "howto" / "gate-a-release.md").read_text(encoding="utf8"))
    assert found
    (checkout / "gate.toml").write_text(found[1], encoding="utf8")
    environment = {
        "HOME": str(elsewhere / "home"),
        "LANG": "C.UTF-8",
        "PATH": f"{elsewhere / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(repository / "src"),
    }
    with serving(home / "server", environment={**environment, "HOME": str(home)}) as address:
        secrets = {"STILLFRAME_SERVER": address, "STILLFRAME_TOKEN": token}
        yield Runner(
            checkout=checkout,
            environment={**environment, **secrets},
            examples=repository / "examples" / "release-gate" / "reports",
        )
    left = {
        path.name for path in elsewhere.rglob("*") if path.suffix in (".db", ".key") or path.name == "stillframe.toml"
    }
    assert left == set()


@contextmanager
def serving(folder: Path, *, environment: Mapping[str, str]) -> Iterator[str]:
    """The address of a server in a folder of its own, as its own process, from the moment that it is ready."""
    with create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    address, stop_at = f"http://127.0.0.1:{port}", monotonic() + START_SECONDS
    command = [sys.executable, "-m", "stillframe.cli", "serve", "--port", port]
    with (
        (folder / "serve.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            while not answers(f"{address}/readyz"):
                assert monotonic() < stop_at, (folder / "serve.log").read_text(encoding="utf8")
                sleep(0.1)
            yield address
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


class Notes:
    """A place that takes one note, as GitLab does."""

    path: str | None
    token: str | None
    body: bytes

    def __enter__(self) -> Self:
        taken = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taken.path, taken.token = self.path, self.headers["PRIVATE-TOKEN"]
                taken.body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(HTTPStatus.CREATED)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Taking)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def recipes(page: Path) -> list[Any]:
    return [YAML(typ="safe").load(block.text) for block in blocks_of(page, language="yaml")]


def github(page: Path, runner: Runner, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the steps of the job as the runner does: each in a shell of its own, none after one that failed."""
    steps = [step["run"] for step in recipes(page)[0]["jobs"]["gate"]["steps"] if "run" in step]
    assert steps[0] == INSTALLING
    done = subprocess.CompletedProcess[str]([], 0)
    for lines in steps[1:]:
        done = runner.runs(lines, shell=("bash", "-e", "-c"), GITHUB_SHA="4be1f0a", **variables)
        if done.returncode:
            break
    return done


def gitlab(page: Path, runner: Runner, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the job as the runner does: one shell, which ends with the first line that fails."""
    script = recipes(page)[1]["release-gate"]["script"]
    assert script[0] == INSTALLING
    return runner.runs(*script[1:], shell=("bash", "-eo", "pipefail", "-c"), CI_COMMIT_SHA="9f2c1d4", **variables)


RUNS = {"GitHub Actions": github, "GitLab CI": gitlab}


@pytest.mark.parametrize("system", RUNS)
def test_a_job_ends_with_the_code_that_the_page_says(page: Path, runner: Runner, system: str) -> None:
    """A pass, a failure, a warning and an error; the answer is where people look for it, and after an error none is."""
    column = 1 + ["`release check`", *RUNS].index(system)
    codes = {row[0].strip("`").partition(":")[0]: row[column] for row in table_of(page, heading="Decision")}
    summary, note = runner.checkout / "summary.md", runner.checkout / "gate.md"
    for decision, release, reports, secrets in (
        ("pass", "2.1.2", {}, {}),
        ("fail", "2.2.0", {}, {}),
        ("none", "2.2.0", {}, {"STILLFRAME_SERVER": "http://127.0.0.1:1"}),
        ("none", "2.2.0", {}, {"STILLFRAME_TOKEN": ""}),
        ("warn", "2.2.0", {"bandit": "2.1.2"}, {}),
    ):
        summary.write_text("", encoding="utf8")
        note.unlink(missing_ok=True)
        runner.brings(release, **reports)
        done = RUNS[system](page, runner, GITHUB_STEP_SUMMARY=str(summary), **secrets)
        assert done.returncode == int(codes[decision].partition(",")[0]), (decision, done.stdout, done.stderr)
        said = (note if note.exists() else summary).read_text(encoding="utf8")
        heading = f"# Release gate: {decision.upper()} for my-service\n"
        assert said.startswith(heading) if decision != "none" else said == ""
        assert ("::warning::" in done.stdout) is (decision == "warn" and system == "GitHub Actions")


def test_the_command_ends_with_the_code_that_the_page_says(page: Path, runner: Runner) -> None:
    """The third column is what the two systems make of the second."""
    codes = {row[0].strip("`").partition(":")[0]: int(row[1]) for row in table_of(page, heading="Decision")}
    assert codes == {**ENDINGS, "none": NO_DECISION}


def test_a_job_that_runs_again_decides_again_and_alike(page: Path, runner: Runner) -> None:
    """A failed candidate stays failed, one that passed is no change from itself, and the history has every run."""
    decided = []
    for release in ("2.1.2", "2.1.2", "2.2.0", "2.2.0"):
        runner.brings(release)
        github(page, runner, GITHUB_STEP_SUMMARY=os.devnull)
        [newest] = runner.asks("release", "history", "--project", "my-service", "--limit", "1")["items"]
        decided.append(runner.asks("release", "show", newest["id"]))
    assert [found["decision"] for found in decided] == ["pass", "pass", "fail", "fail"]
    assert len({found["id"] for found in decided}) == len(decided)
    assert decided[1]["snapshot_diff"]["is_empty"]
    assert decided[2]["snapshot_diff"] == decided[3]["snapshot_diff"]


def test_the_token_of_the_pipeline_suppresses_nothing(runner: Runner) -> None:
    """Whoever asks the gate does not also answer for what it found."""
    line = "stillframe release suppress --project my-service --finding f-1 --reason mine --expires 30d"
    done = runner.runs(line, shell=("bash", "-ec"))
    assert done.returncode == 1
    assert "stillframe: " in done.stderr


def test_the_note_on_a_merge_request_is_the_answer(page: Path, runner: Runner) -> None:
    """The line sends the file as the note's body, with the token that may write notes."""
    (runner.checkout / "gate.md").write_text("# Release gate: PASS\n", encoding="utf8")
    with Notes() as notes:
        variables = {"CI_API_V4_URL": notes.address, "CI_PROJECT_ID": "7", "CI_MERGE_REQUEST_IID": "12"}
        done = runner.runs(*recipes(page)[2]["after_script"], shell=("bash", "-ec"), **variables, NOTE_TOKEN="n-1")
    assert done.returncode == 0, done.stderr
    assert notes.path == "/projects/7/merge_requests/12/notes"
    assert notes.token == "n-1"
    assert b'name="body"\r\n\r\n# Release gate: PASS\n' in notes.body
