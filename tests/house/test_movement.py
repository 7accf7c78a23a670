"""The rules of movement are enforced by contracts, and the contracts can break."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDERS = (
    *("api", "capture", "cli", "config", "diff", "flows", "health"),
    *("model", "notify", "render", "report", "rules", "store"),
)
FILES = ("__init__", "errors", "serve", "testing", "wiring")
PERMITTED = {
    "model/a.py": "import orjson, rfc8785, stillframe.errors",
    "diff/a.py": "import stillframe.model.a",
    "rules/a.py": "import cronsim, stillframe.diff.a",
    "health/a.py": "import stillframe.model.a",
    "capture/sql.py": "import sqlalchemy, stillframe.model.a",
    "capture/a.py": "from stillframe.capture import sql",
    "store/a.py": "import sqlalchemy, alembic",
    "notify/a.py": "import aiohttp",
    "render/a.py": "import typst, vl_convert, stillframe.report.a",
    "report/a.py": "import stillframe.diff.a",
    "flows/a.py": "import stillframe.store.a, stillframe.notify.a, stillframe.capture.a",
    "wiring.py": "import stillframe.config, stillframe.flows.a",
    "testing.py": "import stillframe.wiring",
    "api/a.py": "import fastapi, stillframe.wiring",
    "serve.py": "import uvicorn, stillframe.api.a",
    "cli/a.py": "import typer, stillframe.serve, stillframe.wiring",
}


def build(root: Path, repository: Path) -> Path:
    """A house of empty rooms with every permitted kind of door in it, under the repository's own contracts."""
    house = root / "stillframe"
    for folder in FOLDERS:
        (house / folder).mkdir(parents=True)
        (house / folder / "__init__.py").touch()
    for name in FILES:
        (house / f"{name}.py").touch()
    for name, text in PERMITTED.items():
        (house / name).write_text(text + "\n", encoding="utf8")
    shutil.copy(repository / "pyproject.toml", root)
    return house


def lint(root: Path) -> tuple[int, str]:
    command = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-logo", "--no-cache"],
        cwd=root,
        env={"PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_house_that_keeps_the_rules_passes(tmp_path: Path, repository: Path) -> None:
    """Every door that the plan draws is open."""
    build(tmp_path, repository)
    code, said = lint(tmp_path)
    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize(
    ("room", "reaches_for", "contract"),
    [
        ("diff/b.py", "logging", "Quiet rooms"),
        ("report/b.py", "datetime, time", "Quiet rooms"),
        ("model/b.py", "pathlib", "Quiet rooms"),
        ("diff/b.py", "orjson", "no package at all"),
        ("rules/b.py", "rfc8785", "Rules read cron lines"),
        ("rules/b.py", "stillframe.report", "stands on its floor"),
        ("health/b.py", "stillframe.rules", "stands on its floor"),
        ("health/b.py", "time", "Quiet rooms"),
        ("health/b.py", "orjson", "no package at all"),
        ("health/b.py", "sqlalchemy", "SQL is spoken"),
        ("errors.py", "stillframe.model", "stands on its floor"),
        ("store/b.py", "stillframe.notify", "stands on its floor"),
        ("capture/file.py", "sqlalchemy", "SQL is spoken"),
        ("flows/b.py", "sqlalchemy", "SQL is spoken"),
        ("api/b.py", "psycopg", "SQL is spoken"),
        ("flows/b.py", "stillframe.config", "Flows take plain values"),
        ("wiring.py", "fastapi", "HTTP framework"),
        ("flows/b.py", "typer", "terminal framework"),
        ("config/b.py", "stillframe.model", "Config knows errors"),
        ("cli/b.py", "stillframe.api", "The terminal may start serve"),
        ("render/b.py", "stillframe.store", "stands on its floor"),
        ("render/b.py", "sqlalchemy", "SQL is spoken"),
        ("flows/b.py", "typst", "stays in render"),
        ("report/b.py", "vl_convert", "Quiet rooms"),
        ("unplaced.py", "sys", "stands on its floor"),
    ],
)
def test_a_forbidden_door_is_found(
    tmp_path: Path, repository: Path, room: str, reaches_for: str, contract: str
) -> None:
    """A rule that cannot break protects nobody."""
    house = build(tmp_path, repository)
    with (house / room).open("a", encoding="utf8") as file:
        file.write(f"import {reaches_for}\n")
    code, said = lint(tmp_path)
    assert code == 1, said
    assert [line for line in said.splitlines() if contract in line and "BROKEN" in line], said
