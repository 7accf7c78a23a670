"""A dashboard's thread on the command line."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_a_thread_is_written_answered_and_settled(run: Run, sellers: str) -> None:
    """Oldest first, each line with its author; what is settled says so."""
    add = ("comments", "add", "--dashboard", sellers, "--format", "json", "--body")
    asked = run(*add, "why did tea fall?", "--type", "question").json
    answer = run(*add, "the import was late", "--type", "answer", "--parent", asked["id"]).json
    assert answer["parent_comment_id"] == asked["id"]
    run("comments", "resolve", asked["id"])
    thread = run("comments", "list", "--dashboard", sellers).out
    assert thread.index("why did tea fall?") < thread.index("the import was late")
    assert "(question, settled by local:" in thread


def test_a_type_that_people_do_not_write_is_refused(run: Run, sellers: str) -> None:
    """An alert that nobody sent would be a forgery."""
    forged = ("comments", "add", "--dashboard", sellers, "--body", "x", "--type", "snapshot_alert")
    assert "$.comment_type" in run(*forged, code=2).err


def test_an_escape_in_a_comment_reaches_no_terminal(run: Run, sellers: str) -> None:
    """Whoever writes in a thread does not paint on the reader's screen."""
    run("comments", "add", "--dashboard", sellers, "--body", "\x1b[2Jgone")
    assert "\x1b" not in run("comments", "list", "--dashboard", sellers).out


def test_silence_is_said(run: Run, sellers: str) -> None:
    """An empty thread is no fault."""
    assert "Nobody has written" in run("comments", "list", "--dashboard", sellers).err
