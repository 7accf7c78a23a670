"""The pages on groups and on the audit log: their commands run as they stand, one after the other."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillframe.cli import main
from stillframe.model.audit import AuditEntry
from tests.docs.documents import blocks_of

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = ("share-with-a-group.md", "read-the-audit-log.md")


def test_the_commands_run_as_they_stand(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From an empty folder to a project that moved, and every step of it in the log."""
    pages = [repository / "docs" / "howto" / name for name in PAGES]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STILLFRAME_CONFIG", str(tmp_path / "stillframe.toml"))
    (tmp_path / "stillframe.toml").write_text("", encoding="utf8")
    (spec,) = blocks_of(pages[0], language="yaml")
    (tmp_path / "open-issues.yaml").write_text(spec.text, encoding="utf8")
    said = ""
    for page in pages:
        for block in blocks_of(page, language="sh"):
            for line in block.text.splitlines():
                program, *arguments = shlex.split(line)
                assert program == "stillframe"
                capsys.readouterr()
                with pytest.raises(SystemExit) as ended:
                    main(arguments)
                said, complaints = capsys.readouterr()
                assert ended.value.code in (0, None), (line, complaints)
    listed = json.loads(said)["items"]
    assert [line["action"] for line in listed] == ["group.member", "group.member", "group.member", "group.create"]


def test_the_line_that_is_shown_has_every_member(repository: Path) -> None:
    """Whoever writes a program against it sees all of it."""
    (shown,) = blocks_of(repository / "docs" / "howto" / PAGES[1], language="json")
    assert list(json.loads(shown.text)) == list(
        AuditEntry(at=_NOW, actor="a", actor_id=None, action="x.y", object="x").as_dict()
    )
