"""Groups on the command line: made, joined, left, and shown."""

from __future__ import annotations

from tests.cli.conftest import Run

AS_JSON = ("--format", "json")


def test_a_groups_life(run: Run) -> None:
    """The first command may make the database; each step shows in the next."""
    assert run("group", "create", "team-a", "--name", "Team A", *AS_JSON).json["name"] == "Team A"
    run("token", "create", "bob")
    assert run("group", "add", "team-a", "bob", *AS_JSON).json["role"] == "viewer"
    assert run("group", "add", "team-a", "bob", "--role", "editor", *AS_JSON).json["role"] == "editor"
    assert run("group", "rename", "team-a", "The A team", *AS_JSON).json["name"] == "The A team"
    shown = run("group", "show", "team-a", *AS_JSON).json
    assert [(one["user"], one["role"]) for one in shown["members"]] == [("bob", "editor")]
    table = run("group", "show", "team-a").out
    assert "The A team" in table
    assert "editor" in table
    assert run("group", "remove", "team-a", "bob").out == "bob removed from team-a\n"
    assert run("group", "show", "team-a", *AS_JSON).json["members"] == []
    assert [one["id"] for one in run("group", "list", *AS_JSON).json["items"]] == ["team-a"]


def test_what_is_wrong_ends_with_its_code(run: Run) -> None:
    """2 for what cannot be, 1 for what is not there or is there already."""
    assert "$.id" in run("group", "create", "Team A", code=2).err
    run("group", "create", "team-a")
    run("group", "create", "team-a", code=1)
    assert "nobody" in run("group", "add", "team-a", "nobody", code=1).err
    run("group", "add", "team-a", "nobody", "--role", "owner", code=2)
    for command in ("show", "rename", "remove"):
        run("group", command, "absent", *(["x"] if command != "show" else []), code=1)


def test_an_empty_list_says_so(run: Run) -> None:
    """On stderr: there are no data."""
    run("token", "create", "bob")
    done = run("group", "list")
    assert done.out == ""
    assert "no groups" in done.err
