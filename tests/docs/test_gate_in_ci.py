"""The page on gates in CI: the lines of its recipes run for real, beside a server that lives in another folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server
from time import monotonic, sleep
from typing import Any
from urllib.request import urlopen

import pytest
from ruamel.yaml import YAML

from tests.docs.documents import blocks_of, table_of
from tests.docs.following import follow

pytestmark = pytest.mark.timeout(600)
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
    with _serving(home / "server", environment={**environment, "HOME": str(home)}) as address:
        secrets = {"STILLFRAME_SERVER": address, "STILLFRAME_TOKEN": token}
        yield Runner(
            checkout=checkout,
            environment={**environment, **secrets},
            examples=repository / "examples" / "release-gate" / "reports",
        )
    left = {path.name for path in elsewhere.rglob("*") if path.suffix in (".db", ".key") or path.name == "stillframe.toml"}
    assert left == set()


class _serving:  # noqa: N801  # because it is used like a function
    """A server as its own process, from the moment that it is ready."""

    def __init__(self, folder: Path, *, environment: Mapping[str, str]) -> None:
        with create_server(("127.0.0.1", 0)) as free:
            self._port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "stillframe.cli", "serve", "--port", str(self._port)]
        self._log = (folder / "serve.log").open("wb")
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=self._log, stderr=subprocess.STDOUT
        )

    def __enter__(self) -> str:
        address, stop_at = f"http://127.0.0.1:{self._port}", monotonic() + START_SECONDS
        while monotonic() < stop_at:
            try:
                with urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310  # because it is our own server
                    assert answer.status == 200
                    return address
            except OSError:
                sleep(0.1)
        raise TimeoutError(address)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=START_SECONDS)
        self._log.close()


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


def test_the_jobs_end_with_the_code_that_the_page_says(page: Path, runner: Runner) -> None:
    """A pass, a warning, a failure and an error, in both systems; each answer where people look for it."""
    said = {row[0].split(":")[0].strip("`"): row[1:] for row in table_of(page, heading="Decision")}
    said["none"] = said.pop("none", None) or next(row for name, row in said.items() if name.startswith("none"))
    summary, note = runner.checkout.parent / "summary.md", runner.checkout / "gate.md"
    for decision, release, instead, elsewhere in (
        ("pass", "2.1.2", {}, {}),
        ("fail", "2.2.0", {}, {}),
        ("warn", "2.2.0", {"bandit": "2.1.2"}, {}),
        ("none", "2.2.0", {}, {"STILLFRAME_SERVER": "http://127.0.0.1:1"}),
    ):
        runner.brings(release, **instead)
        for run, expected in ((gitlab, said[decision][2]), (github, said[decision][1])):
            if decision == "warn":
                baseline = runner.asks("dashboard", "health", "my-service")["snapshot"]
                assert baseline is not None
            summary.write_text("", encoding="utf8")
            note.unlink(missing_ok=True)
            done = run(page, runner, GITHUB_STEP_SUMMARY=str(summary), **elsewhere)
            assert done.returncode == int(expected.partition(",")[0]), (decision, done.stdout, done.stderr)
