"""Users on the command line."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_a_role_is_changed_and_listed(run: Run) -> None:
    """A token made before then does what the new role allows."""
    run("token", "create", "bob", "--role", "viewer")
    assert run("user", "role", "bob", "admin", "--format", "json").json["role"] == "admin"
    users = {user["name"]: user["role"] for user in run("user", "list", "--format", "json").json["items"]}
    assert users["bob"] == "admin"
    assert "bob" in run("user", "list").out


def test_a_disabled_user_is_marked(run: Run) -> None:
    """What they own stays; what they may do ends."""
    run("token", "create", "bob")
    assert run("user", "disable", "bob", "--format", "json").json["disabled_at"] is not None
