"""`webhook verify` as somebody with a receiver that refuses everything uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stillframe.testing import Received, WebhookReceiver
from tests.cli.conftest import Run
from tests.notify.letters import BODY, SECRET, a_letter, send

NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")


@pytest.fixture
def kept(folder: Path) -> Received:
    """A webhook that came, kept as a body, a head and a secret."""
    with WebhookReceiver() as receiver:
        send(a_letter(receiver.url()))
        (request,) = receiver.ledger
    (folder / "body.json").write_bytes(request.body)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    (folder / "head.txt").write_text(f"POST /hook HTTP/1.1\r\n{head}\r\nnot: a header", encoding="utf8")
    (folder / "secret.txt").write_text(f"{SECRET}\n", encoding="utf8")
    return request


def given(folder: Path, *more: str) -> list[str]:
    """Return a command about what was kept."""
    named = ("--headers-file", str(folder / "head.txt"), "--secret-file", str(folder / "secret.txt"))
    return ["webhook", "verify", str(folder / "body.json"), *named, *more]


def test_what_came_is_valid(run: Run, folder: Path, kept: Received) -> None:
    """Exit code 0, and which delivery it was."""
    assert "the signature is valid" in run(*given(folder)).out
    found = run(*given(folder, "--format", "json")).json
    assert (found["valid"], found["reason"], found["webhook_id"], found["secret"]) == (True, "valid", "delivery-1", 1)


def test_a_head_may_be_one_that_curl_printed(run: Run, folder: Path, kept: Received) -> None:
    """People paste what they have."""
    lines = ["> POST /hook HTTP/1.1", *(f"> {name}: {kept.headers[name]}" for name in NAMES), "> ", "* noise"]
    (folder / "head.txt").write_text("\n".join(lines), encoding="utf8")
    assert run(*given(folder)).code == 0


def test_headers_and_secret_may_come_by_other_ways(
    run: Run, folder: Path, kept: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headers one by one, the secret from the environment, where no list of processes shows it, the body by a pipe."""
    monkeypatch.setenv("STILLFRAME_WEBHOOK_SECRET", f"whsec_AAAA {SECRET}")
    headers = [part for name in NAMES for part in ("--header", f"{name.title()}: {kept.headers[name]}")]
    command = [sys.executable, "-m", "stillframe.cli", "webhook", "verify", *headers, "--format", "json"]
    piped = subprocess.run(command, input=BODY, capture_output=True, check=True)
    found = json.loads(piped.stdout)
    assert (found["valid"], found["secret"]) == (True, 2)
    assert run("config", "show").code == 0, "the secret was taken for a setting"


def test_what_is_not_valid_says_why(run: Run, folder: Path, kept: Received) -> None:
    """Exit code 1, the reason, and what to look at."""
    (folder / "body.json").write_bytes(kept.body + b"\n")
    altered = run(*given(folder), code=1)
    assert "line break" in altered.out
    assert "as they arrived" in altered.out
    (folder / "body.json").write_bytes(kept.body)
    late = run(*given(folder, "--header", "webhook-timestamp: 1", "--format", "json"), code=1).json
    assert (late["valid"], late["reason"]) == (False, "other_secret")
    (folder / "head.txt").write_text("", encoding="utf8")
    assert run(*given(folder, "--format", "json"), code=1).json["reason"] == "no_signature"


def test_the_tolerance_is_the_user_s(run: Run, folder: Path, kept: Received) -> None:
    """A request that was kept is old, and its signature can still be looked at."""
    assert run(*given(folder, "--tolerance", "86400")).code == 0


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--header", "no header"), "--header"),
        (("--headers-file", "nowhere"), "nowhere cannot be read"),
        (("--secret-file", "nowhere"), "nowhere cannot be read"),
        (("--secret-file", "-"), "standard input is the body's"),
    ],
)
def test_what_cannot_be_read_is_wrong_input(
    run: Run, folder: Path, kept: Received, option: tuple[str, str], said: str
) -> None:
    """Exit code 2: nothing was verified."""
    assert said in run(*given(folder, *option), code=2).err


def test_without_a_secret_nothing_is_verified(run: Run, folder: Path, kept: Received) -> None:
    """And what is no secret is not shown."""
    command = given(folder)[:5]
    assert "STILLFRAME_WEBHOOK_SECRET" in run(*command, code=2).err
    (folder / "secret.txt").write_text("hush not base64!", encoding="utf8")
    refused = run(*given(folder), code=2)
    assert "no signing secret" in refused.err
    assert "hush" not in refused.err
