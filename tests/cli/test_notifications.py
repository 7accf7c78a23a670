"""Inboxes on the command line."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_a_mention_is_read_once(run: Run, sellers: str) -> None:
    """What was read leaves the unread and stays in the inbox."""
    run("persona", "add", "ops-desk")
    run("comments", "add", "--dashboard", sellers, "--body", "look at this, @ops-desk")
    inbox = ("notifications", "list", "--persona", "ops-desk")
    (line,) = run(*inbox, "--format", "json").json["items"]
    assert "mentioned @ops-desk" in line["text"]
    assert "mentioned @ops-desk" in run(*inbox).out
    assert run("notifications", "read", line["id"], "--format", "json").json["read_at"] is not None
    assert run(*inbox, "--unread-only", "--format", "json").json["items"] == []
    assert len(run(*inbox, "--format", "json").json["items"]) == 1
    assert "inbox is empty" in run(*inbox, "--unread-only").err
