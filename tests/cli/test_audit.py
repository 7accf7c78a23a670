"""The audit log on the command line: what a command changed, by whom, and no secret of it."""

from __future__ import annotations

from stillframe.config import os_user
from tests.cli.conftest import Run

AS_JSON = ("--format", "json")


def test_a_command_is_in_the_log_under_who_ran_it(run: Run) -> None:
    """Whoever can open the database is an administrator with a name."""
    token = run("token", "create", "bob", *AS_JSON).json
    run("user", "role", "bob", "reviewer")
    lines = run("audit", "list", "--actor", f"local:{os_user()}", *AS_JSON)
    found = [(line["action"], line["object"]) for line in lines.json["items"]]
    assert found[:3] == [
        ("user.role", "user:bob"),
        ("token.create", f"token:{token['id']}"),
        ("user.create", "user:bob"),
    ]
    assert token["token"] not in lines.out
    assert "user.role" in run("audit", "list", "--object", "user:bob").out


def test_the_log_is_asked_from_a_time_on_and_page_by_page(run: Run) -> None:
    """As every list is."""
    run("token", "create", "bob")
    first = run("audit", "list", "--limit", "1", *AS_JSON).json
    rest = run("audit", "list", "--cursor", first["next_cursor"], *AS_JSON).json
    assert first["items"][0]["key"] > rest["items"][0]["key"]
    done = run("audit", "list", "--from", "2100-01-01T00:00:00Z")
    assert done.out == ""
    assert "No line" in done.err
    run("audit", "list", "--from", "yesterday", code=2)
    run("audit", "list", "--limit", "100000", code=2)
