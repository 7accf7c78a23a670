"""The page on receiving webhooks: its receivers run and verify, and its tables are the code's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection, create_server
from time import monotonic, sleep
from typing import get_args

import orjson
import pytest
from standardwebhooks import Webhook

from stillframe.model.verdict import Verdict
from stillframe.notify.verifying import TOLERANCE_SECONDS, Reason
from stillframe.report.message import Message
from stillframe.report.notice import SnapshotLink, notice_body
from stillframe.rules.retry import JITTER_SHARE, LONGEST_RETRY_AFTER_SECONDS, RETRY_DELAYS_SECONDS
from tests.docs.documents import blocks_of, table_of

SECRET = "whsec_c3RpbGxmcmFtZSBzdGlsbGZyYW1lIHN0aWxsZnJhbWU="
UNITS = {"s": 1, "min": 60, "h": 3_600}
START_SECONDS = 20.0


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page itself."""
    return repository / "docs" / "howto" / "receive-webhooks.md"


def body() -> bytes:
    frames = [
        SnapshotLink(
            id=f"s-{n}", sequence=n, timestamp=datetime(2026, 1, n, tzinfo=UTC), content_hash="ab", url=f"/s-{n}"
        )
        for n in (1, 2)
    ]
    message = Message(
        delivery_id="s-2_sub-1",
        kind="alert",
        dashboard_id="d-1",
        dashboard_title="Board",
        created_at=frames[1].timestamp,
        snapshot_a=frames[0],
        snapshot_b=frames[1],
        diff_json=b"{}",
        reason=Verdict(path="$", outcome="true", sentence="1 row was added, limit 1").as_dict(),
        subscription_id="sub-1",
        links={"dashboard": "/d-1"},
    )
    return notice_body(message)


def signed(delivery_id: str, line: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(delivery_id, now, line.decode()),
    }


def post(port: int, line: bytes, headers: dict[str, str]) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/", body=line, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(command: list[str], *, port: int, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """A receiver from the page, as its own process, from the moment that it listens."""
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": SECRET}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=cwd, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            stop_at = monotonic() + START_SECONDS
            while monotonic() < stop_at and process.poll() is None:
                try:
                    create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    sleep(0.05)
            yield process
        finally:
            process.terminate()


def try_receiver(command: list[str], *, cwd: Path) -> list[str]:
    """Send one notice twice, and one that was changed on the way; return what the receiver printed."""
    port, line = free_port(), body()
    with running(command, port=port, cwd=cwd) as process:
        headers = signed("msg-1", line)
        assert post(port, line, headers) == 204
        assert post(port, line, headers) == 204
        assert post(port, line.replace(b"1 row", b"2 row"), headers) == 401
        process.terminate()
        printed, _ = process.communicate(timeout=START_SECONDS)
    return printed.splitlines()


def test_the_python_receiver_works_as_it_stands(page: Path, tmp_path: Path) -> None:
    """Who copies the example has a receiver that verifies, and acts once on what came twice."""
    (block,) = blocks_of(page, language="python")
    script = tmp_path / "receiver.py"
    script.write_text(block.text, encoding="utf8")
    assert try_receiver([sys.executable, str(script)], cwd=tmp_path) == ["d-1 1 row was added, limit 1"]


@pytest.mark.needs("node")
def test_the_node_receiver_works_as_it_stands(page: Path, repository: Path, tmp_path: Path) -> None:
    """The same in the other language, with a verifier that nobody here wrote."""
    modules = repository / "tests" / "npm" / "node_modules"
    if not (modules / "standardwebhooks").is_dir():
        pytest.skip("the npm package standardwebhooks is not installed under tests/npm")
    (block,) = blocks_of(page, language="javascript")
    (tmp_path / "receiver.cjs").write_text(block.text, encoding="utf8")
    (tmp_path / "node_modules").symlink_to(modules)
    assert try_receiver(["node", "receiver.cjs"], cwd=tmp_path) == ["d-1 1 row was added, limit 1"]


def test_the_table_of_tries_is_the_code_s(page: Path) -> None:
    """A receiver's owner plans an outage by this table."""
    rows = table_of(page, heading="Try")
    waits = [int(wait.split()[0]) * UNITS[wait.split()[1]] for _, wait in rows]
    assert [int(number) for number, _ in rows] == list(range(1, len(RETRY_DELAYS_SECONDS) + 1))
    assert tuple(waits) == RETRY_DELAYS_SECONDS


def test_the_figures_in_the_text_are_the_code_s(page: Path) -> None:
    """A number that is written twice is checked."""
    text = page.read_text(encoding="utf8")
    assert f"Up to {JITTER_SHARE * 100:.0f} % is added" in text
    assert f"After the {len(RETRY_DELAYS_SECONDS)}th try" in text
    assert f"at most {LONGEST_RETRY_AFTER_SECONDS // 3_600} hours later" in text


def test_the_table_of_members_is_the_body_s(page: Path) -> None:
    """Every member that arrives is explained, in the order in which it arrives."""
    rows = table_of(page, heading="Member")
    named = [name for members, _ in rows for name in re.findall(r"`(\w+)`", members)]
    assert named == list(orjson.loads(body()))


def test_the_reasons_of_verify_are_the_code_s(page: Path) -> None:
    """Whoever looks a reason up finds it."""
    named = [reason.strip("`") for reason, _ in table_of(page, heading="Reason")]
    assert {*named, "valid"} == set(get_args(Reason))
    assert f"`--tolerance` ({TOLERANCE_SECONDS} seconds)" in page.read_text("utf8")
