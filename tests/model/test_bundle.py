"""Bundles: what is ours is no tool's, what has no bytes is not kept, and a tool is one however it writes its name."""

from __future__ import annotations

from stillframe.model.bundle import kept_entries, tool_entries

READING = {"name": "reading", "format": "stillframe.reading/1", "tool": "stillframe"}
MEMBER = {"name": "project:my-service", "sha256": "0" * 64}
BANDIT = {"name": "bandit.json", "format": "bandit", "tool": "bandit"}
SARIF = {"name": "bandit.sarif", "format": "sarif", "tool": "Bandit"}


def test_a_members_frame_is_no_report() -> None:
    """A group's picture names frames of its projects; their bytes lie elsewhere."""
    assert kept_entries([READING, MEMBER, BANDIT]) == [READING, BANDIT]


def test_one_tool_is_one_tool_in_every_format() -> None:
    """A change of the format is no other tool."""
    assert [tool for tool, _ in tool_entries([READING, MEMBER, BANDIT, SARIF])] == ["bandit", "bandit"]
