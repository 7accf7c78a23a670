"""Groups, members and projects as they are shown, and what people may call them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stillframe.errors import InvalidInput
from stillframe.model.ownership import LONGEST_LINE, Group, Membership, Project, shown_line

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_group_and_its_members_are_shown_by_name() -> None:
    """An id is for addresses; people read names."""
    group = Group(id="team-a", name="Team A", created_at=NOW, created_by="root")
    member = Membership(group_id="team-a", user_id="u", user_name="bob", role="editor", since=NOW)
    assert group.as_dict()["name"] == "Team A"
    assert (member.as_dict()["user"], member.as_dict()["role"]) == ("bob", "editor")
    assert member.as_dict()["since"] == "2026-01-01T00:00:00.000Z"


def test_a_project_names_its_health_dashboard() -> None:
    """So that whoever has the project needs no second question."""
    project = Project(name="a/b", group_id="team-a", title="A", created_at=NOW, created_by="bob")
    assert project.scope_ref == project.as_dict()["scope_ref"] == "project:a/b"


@pytest.mark.parametrize("text", ["", " \t", "x" * (LONGEST_LINE + 1), "a\x00b", "a\x1b[1mb", "a\u200fb", "\udfff"])
def test_what_cannot_be_shown_is_no_name(text: str) -> None:
    """Nothing, too much, and what moves a cursor or turns a line around."""
    with pytest.raises(InvalidInput, match=r"\$\.title"):
        shown_line(text, path="$.title")


@pytest.mark.parametrize("text", ["x", "x" * LONGEST_LINE, "Команда", "数据", "🚀 team", "O'Neill & co."])
def test_every_writing_is_a_name(text: str) -> None:
    """Letters of any language, and pictures."""
    assert shown_line(f"  {text} ", path="$.name") == text
