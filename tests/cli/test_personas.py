"""Personas on the command line."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_a_persona_is_made_once_and_listed(run: Run) -> None:
    """Its slug is what mentions call it, so nobody else can have it."""
    run("persona", "add", "ops-desk", "--name", "Operations desk")
    assert "Operations desk" in run("persona", "list").out
    assert "exists" in run("persona", "add", "ops-desk", code=1).err


def test_a_persona_can_be_somebody_elses(run: Run) -> None:
    """An admin makes it for its owner; a name that nobody has is not found."""
    bob = run("token", "create", "bob", "--format", "json").json["user_id"]
    assert run("persona", "add", "bobs", "--owner", "bob", "--format", "json").json["owner_id"] == bob
    assert "no user charlie" in run("persona", "add", "charlies", "--owner", "charlie", code=1).err


def test_nobody_yet_is_said(run: Run) -> None:
    """An empty list is no fault."""
    run("migrate")
    assert "no personas yet" in run("persona", "list").err
