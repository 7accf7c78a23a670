"""The reference page is what the commands say of themselves."""

from __future__ import annotations

from pathlib import Path

from stillframe.cli.reference import cli_reference, commands, example_of


def test_the_committed_page_is_what_the_commands_say(repository: Path) -> None:
    """A flag that changed and a page that did not is a page that lies."""
    page = repository / "docs" / "reference" / "cli.md"
    assert page.read_text(encoding="utf8") == cli_reference()


def test_every_command_and_option_is_on_the_page() -> None:
    """What can be typed is documented."""
    page = cli_reference()
    for name, command in commands():
        assert f"### `{name}`" in page
        assert all(found.opts[-1] in page for found in command.params if found.param_type_name == "option")
        assert all(line in page for line in example_of(command))


def test_no_command_is_listed_twice() -> None:
    """A group's commands come under its own heading only."""
    names = [name for name, _ in commands()]
    assert len(names) == len(set(names))
