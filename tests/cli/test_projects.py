"""Projects on the command line: made in a group, listed page by page, moved."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

AS_JSON = ("--format", "json")


@pytest.fixture
def teams(run: Run) -> None:
    """Two groups."""
    for group in ("team-a", "team-b"):
        run("group", "create", group)


@pytest.mark.usefixtures("teams")
def test_a_projects_life(run: Run) -> None:
    """A name may have slashes, and be a word of somebody's path."""
    for name in ("a/b", "policy"):
        made = run("project", "create", name, "--group", "team-a", *AS_JSON).json
        assert (made["name"], made["scope_ref"]) == (name, f"project:{name}")
    changed = run("project", "change", "a/b", "--title", "Ab", "--group", "team-b", *AS_JSON).json
    assert (changed["title"], changed["group_id"]) == ("Ab", "team-b")
    assert run("project", "show", "a/b", *AS_JSON).json == changed
    assert "team-b" in run("project", "show", "a/b").out
    first = run("project", "list", "--limit", "1", *AS_JSON).json
    assert [one["name"] for one in first["items"]] == ["a/b"]
    rest = run("project", "list", "--cursor", first["next_cursor"], *AS_JSON).json
    assert [one["name"] for one in rest["items"]] == ["policy"]
    of_group = run("project", "list", "--group", "team-a").out
    assert "policy" in of_group
    assert "a/b" not in of_group


@pytest.mark.usefixtures("teams")
def test_what_is_wrong_ends_with_its_code(run: Run) -> None:
    """2 for what cannot be, 1 for what is not there or is there already."""
    run("project", "create", "a", "--group", "team-a")
    run("project", "create", "a", "--group", "team-b", code=1)
    run("project", "create", "b", "--group", "absent", code=1)
    run("project", "create", "a//b", "--group", "team-a", code=2)
    assert "--title | --group" in run("project", "change", "a", code=2).err
    run("project", "change", "absent", "--title", "x", code=1)
    run("project", "show", "absent", code=1)
    run("project", "list", "--group", "absent", code=1)


@pytest.mark.usefixtures("teams")
def test_an_empty_list_says_so(run: Run) -> None:
    """On stderr: there are no data."""
    done = run("project", "list")
    assert done.out == ""
    assert "no projects" in done.err
