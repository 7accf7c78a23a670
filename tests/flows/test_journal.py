"""The log of a process is one JSON object a line, knows its request, and shows nothing that a frame held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import structlog

from stillframe.flows.journal import request_id

PROGRAM = """
import logging
import structlog
from stillframe.flows.journal import keep_journal
keep_journal(for_good=True)
log = structlog.get_logger("x")
def opened():
    secret = "whsec_canary"
    raise ValueError("a fault")
try:
    opened()
except ValueError:
    log.exception("failed", delivery_id="d-1")
with structlog.contextvars.bound_contextvars(request_id="r-1"):
    log.info("said", name="Größe", at=object)
log.debug("not worth saying")
logging.getLogger("lib").warning("of a library")
"""


def written() -> list[str]:
    """The lines that a process writes to stderr."""
    source = str(Path(__file__).resolve().parents[2] / "src")
    environment = {**os.environ, "PYTHONPATH": source}
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_line_is_json_with_its_time_level_and_request() -> None:
    """Whoever collects logs parses them; what a library says is a line like ours, with its name."""
    failed, said, library = written()
    line = json.loads(said)
    assert (line["event"], line["level"], line["request_id"], line["name"]) == ("said", "info", "r-1", "Größe")
    assert line["timestamp"].endswith("Z")
    assert json.loads(failed)["level"] == "error"
    assert json.loads(library).items() >= {"event": "of a library", "level": "warning", "logger": "lib"}.items()


def test_a_traceback_in_the_log_never_shows_what_a_frame_held() -> None:
    """Frames hold secrets: keys, addresses, tokens."""
    failed = written()[0]
    assert "a fault" in failed
    assert "opened" in failed
    assert "whsec_canary" not in failed


def test_outside_a_request_there_is_no_id() -> None:
    """What a worker does by itself belongs to nobody's request."""
    assert request_id() is None
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        assert request_id() == "r-1"
