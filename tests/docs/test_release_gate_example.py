"""The example of a release gate: its walk runs to its end, and the pages show what it printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.documents import blocks_of
from tests.docs.following import alike

pytestmark = pytest.mark.timeout(600)
LONGEST_SECONDS = 400
BOLD = re.compile(r"\x1b\[\d*m")
LEFT_OUT = re.compile(r"  pass |compared with |pre snapshot |post snapshot |the project's state now: ")


@pytest.fixture(scope="module")
def walked(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Each command of the walk with what it printed; it ended with 0."""
    home = tmp_path_factory.mktemp("home")
    shim = home / "bin" / "stillframe"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stillframe.cli "$@"\n', encoding="utf8")
    shim.chmod(0o755)
    done = subprocess.run(
        [repository / "examples" / "release-gate" / "walk.sh", str(home / "walk")],
        env={
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PATH": f"{shim.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(repository / "src"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    steps = re.split(r"(?m)^\$ ", BOLD.sub("", done.stdout))[1:]
    return [(command, said) for command, _, said in (step.partition("\n") for step in steps)]


def printed(walked: list[tuple[str, str]], *words: str) -> list[str]:
    """What the commands with these words printed, without what the pages leave out."""
    return [
        alike("\n".join(line for line in said.splitlines() if line and not LEFT_OUT.match(line)))
        for command, said in walked
        if all(word in command for word in words)
    ]


def shown(page: Path) -> list[str]:
    return [alike(block.text) for block in blocks_of(page, language="text")]


def test_six_releases_pass_and_the_seventh_is_refused_twice(walked: list[tuple[str, str]]) -> None:
    """The second refusal says what the first one said."""
    answers = printed(walked, "release check")
    assert [answer.split()[0] for answer in answers] == ["PASS"] * 5 + ["FAIL"] * 2
    assert answers[-2] == answers[-1]


def test_the_pages_show_what_it_printed(repository: Path, walked: list[tuple[str, str]]) -> None:
    """The figures in the documentation come from a run, and stay those of a run."""
    page = repository / "examples" / "release-gate" / "README.md"
    refused = printed(walked, "release check", "2.2.0")[0]
    trends = printed(walked, "dashboard trends", "quality.coverage.line")[0]
    assert shown(page) == [trends, refused]
    assert shown(repository / "docs" / "howto" / "gate-a-release.md")[-1] == refused


def test_the_trend_never_saw_the_refused_release(walked: list[tuple[str, str]]) -> None:
    """No point of it has the new finding."""
    trend = printed(walked, "dashboard trends", "--metric audit.high")[-1]
    assert {line.split()[1] for line in trend.splitlines()[1:]} == {"0"}
