"""Tokens on the command line: made straight in the database, shown once, revoked."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.config import load_settings
from stillframe.errors import Unauthenticated
from stillframe.flows.identity import authenticate
from stillframe.wiring import build_services
from tests.cli.conftest import Run


def test_a_token_is_made_without_a_server_or_a_database(run: Run, folder: Path) -> None:
    """The very first command may be this one; what it prints proves who asks, until it is revoked."""
    made = run(
        "token", "create", "ci", "--role", "viewer", "--scopes", "read, capture", "--days", "2", "--format", "json"
    )
    assert made.json["token"].startswith("sf_")
    assert "not shown again" in made.err
    services = build_services(load_settings(folder / "stillframe.toml"), create=False)
    try:
        caller = authenticate(services, made.json["token"])
        assert (caller.name, caller.role, caller.scopes) == ("ci", "viewer", ("read", "capture"))
        run("token", "revoke", made.json["id"])
        with pytest.raises(Unauthenticated):
            authenticate(services, made.json["token"])
    finally:
        services.close()


def test_a_list_never_holds_a_token(run: Run) -> None:
    """Only its hash is kept, so there is nothing to show."""
    token = run("token", "create", "ci", "--format", "json").json["token"]
    listed = run("token", "list", "--format", "json")
    assert token not in listed.out
    assert [found["name"] for found in listed.json["items"]] == ["ci"]
    assert token not in run("token", "list").out


def test_a_role_is_not_changed_by_the_way(run: Run) -> None:
    """Making a token for a viewer as an admin is refused, and the message says how to do it."""
    run("token", "create", "bob", "--role", "viewer")
    assert "stillframe user role bob admin" in run("token", "create", "bob", "--role", "admin", code=1).err
