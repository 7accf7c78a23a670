"""The page on gates, followed from an empty folder; and the notice of a decision that the page on webhooks shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stillframe.cli.endings import NO_DECISION
from stillframe.cli.release import ENDINGS
from stillframe.testing import Received, WebhookReceiver
from tests.docs.documents import table_of
from tests.docs.following import Step, alike, follow

pytestmark = pytest.mark.timeout(600)
PROFILE = re.compile(r"(?ms)^cat > gate\.toml <<'END'\n(.*?)^END$")
BODY = re.compile(r"(?ms)^```json\n(\{\n  \"type\": \"release\.decided\".*?)^```$")


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page on gates."""
    return repository / "docs" / "howto" / "gate-a-release.md"


@pytest.fixture(scope="module")
def steps(page: Path, repository: Path) -> list[Step]:
    """What each block of the page printed."""
    return follow(page, repository=repository, instead={"~/stillframe/": f"{repository}/"})


def test_every_block_prints_what_the_page_shows(steps: list[Step]) -> None:
    """Who follows the page sees what they were told they would see."""
    assert len(steps) > 10
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []


def test_a_refused_candidate_warns_when_somebody_answers_for_it_and_fails_again_afterwards(steps: list[Step]) -> None:
    """The page's own story, whatever it shows."""
    decisions = re.findall(
        r"(?m)^(?:PASS|FAIL|WARN)  itsdangerous|^exit code \d$", "".join(step.printed for step in steps)
    )
    assert [found.split()[0 if "itsdangerous" in found else -1] for found in decisions] == [
        "PASS", "1", "FAIL", "1", "1", "1", "FAIL", "1", "WARN", "2", "1", "2", "1",
    ]  # fmt: skip


def test_the_exit_codes_are_the_command_s(page: Path) -> None:
    """A pipeline is built on them."""
    codes = {row[0].strip("`"): row[2] for row in table_of(page, heading="Decision")}
    assert {name: int(code[0]) for name, code in codes.items()} == {**ENDINGS, "none": NO_DECISION}


def test_the_notice_that_is_shown_is_a_real_one(page: Path, repository: Path, tmp_path: Path) -> None:
    """Whoever writes a receiver against the page has seen every member of it, in its order."""
    webhooks = repository / "docs" / "howto" / "receive-webhooks.md"
    shown = BODY.search(webhooks.read_text(encoding="utf8"))
    notice = real_notice(page, examples=repository / "examples" / "release-gate" / "reports", folder=tmp_path)
    assert notice.verified
    assert shown
    body = json.loads(notice.body)
    assert alike(shown[1]) == alike(ordered(body))
    rows = table_of(webhooks, heading="Member of a decision")
    assert sorted(name for members, _ in rows for name in re.findall(r"`(\w+)`", members)) == sorted(body)


def real_notice(page: Path, *, examples: Path, folder: Path) -> Received:
    """What a webhook is sent when the page's profile refuses the last release after the one before it."""
    found = PROFILE.search(page.read_text(encoding="utf8"))
    assert found
    (folder / "gate.toml").write_text(found[1], encoding="utf8")
    (folder / "stillframe.toml").write_text("[webhook]\nallow_private_targets = true\n", encoding="utf8")

    def run(line: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "stillframe.cli", *line.split(), *words]
        environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(page.parents[2] / "src")}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    def check(release: str) -> int:
        given = [word for report in sorted((examples / release).iterdir()) for word in ("--report", str(report))]
        said = f"--project itsdangerous --source-ref {release} --root /project --profile ./gate.toml"
        return run(f"release check {said}", *given).returncode

    run("group create team-a")
    run("project create itsdangerous --group team-a")
    with WebhookReceiver() as receiver:
        wanted = f"--dashboard project:itsdangerous --webhook {receiver.url()} --on gate:fail --format json"
        receiver.trust(json.loads(run(f"subscription add {wanted}").stdout)["secret"])
        assert (check("2.1.2"), check("2.2.0")) == (0, 1)
        [notice] = receiver.ledger
    return notice


def ordered(document: Any) -> str:
    """A document as text with its members in the order that they have."""
    return json.dumps(document, indent=2, ensure_ascii=False)
