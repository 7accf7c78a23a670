"""The how-to for the command line against a server: followed as it stands, and its tables say what the code does."""

from __future__ import annotations

import json
from pathlib import Path

from stillframe.cli.reference import commands
from tests.docs.documents import table_of
from tests.docs.following import follow

PAGE = Path("docs", "howto", "use-the-command-line-against-a-server.md")


def test_the_page_can_be_followed(repository: Path, tmp_path: Path) -> None:
    """A server, a token of a pipeline, and a snapshot that the pipeline took."""
    steps = follow(repository / PAGE, home=tmp_path, repository=repository)
    assert [step.command for step in steps if not step.is_as_shown] == []
    (kept,) = json.loads((tmp_path / "snapshots.json").read_text(encoding="utf8"))["items"]
    assert (kept["initiator"], kept["reason"]) == ("ci", "pre-hardening")
    assert (tmp_path / "token.json").stat().st_mode & 0o077 == 0


def test_the_table_names_what_can_ask_a_server(repository: Path) -> None:
    """A command that learned it, or forgot it, and a page that did not notice."""
    able = {
        name.split()[1] for name, found in commands() if "--server" in {opt for p in found.params for opt in p.opts}
    }
    groups = {name.split()[1] for name, _ in commands()}
    spans = [
        span.split()[0] for cell, _ in table_of(repository / PAGE, heading="commands") for span in cell.split("`")[1::2]
    ]
    assert {word for word in spans if word in groups} == able
