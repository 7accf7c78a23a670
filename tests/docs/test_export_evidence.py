"""The how-to for exports says what the code does, and its check of a hash works as it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stillframe.report.export import snapshot_json
from stillframe.report.export.document import COLUMNS_MOST, ROWS_MOST
from stillframe.report.export.json_document import SCHEMA
from stillframe.report.languages import LANGUAGES
from tests.docs.documents import blocks_of, table_of
from tests.report.export.frames import carriers, frame, health

PAGE = Path("docs", "howto", "export-evidence.md")


def test_the_check_of_a_hash_runs_as_printed(repository: Path, tmp_path: Path) -> None:
    """Whoever copies it gets an answer, for a whole snapshot and for a view."""
    (check,) = blocks_of(repository / PAGE, language="python")
    forged = frame(carriers("HA"), content_hash="0" * 64)
    for view, answer in ((frame(carriers("HA")), "True"), (frame(health(), redacted=True), "True"), (forged, "False")):
        (tmp_path / "snapshot.json").write_bytes(snapshot_json(view, title="Carriers"))
        ran = subprocess.run(
            [sys.executable, "-c", check.text], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == answer


def test_formats_languages_and_limits_are_those_of_the_code(repository: Path) -> None:
    """What is written twice is checked."""
    page = repository / PAGE
    text = " ".join(page.read_text(encoding="utf8").split())
    assert [row[0] for row in table_of(page, heading="Format")] == ["`json`", "`markdown`", "`pdf`"]
    assert all(f"`{code}`" in text for code in LANGUAGES)
    assert f"first {ROWS_MOST} rows and a wide one its first {COLUMNS_MOST} columns" in text
    assert SCHEMA in text
