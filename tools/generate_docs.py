"""Writes the generated files of docs/reference from the code, or checks that they are up to date."""

from __future__ import annotations

import argparse
import inspect
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeGuard

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stillframe.api.app import create_app
from stillframe.api.reference import http_reference
from stillframe.capture.spec import view_spec_schema
from stillframe.capture.summary import summary_schema
from stillframe.cli.reference import cli_reference
from stillframe.config import ChannelSettings, ConnectionSettings, Settings, load_settings
from stillframe.wiring import build_services

REPOSITORY = Path(__file__).resolve().parent.parent


def view_spec_document() -> str:
    """Return the published JSON Schema of view specs, as the bytes that stand in the repository."""
    return json.dumps(view_spec_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def summary_document() -> str:
    """Return the published JSON Schema of summaries."""
    return json.dumps(summary_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@cache
def http_document() -> str:
    """Return the reference of the HTTP API, as a server over an empty database describes itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stillframe.toml"
        path.touch()
        services = build_services(load_settings(path), create=True)
        try:
            return http_reference(create_app(services).openapi())
        finally:
            services.close()


def configuration_document() -> str:
    """Return the reference of every setting: its key, its default, what it means."""
    sections = [_section(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join([_CONFIGURATION_HEAD, *sections])


def _section(name: str, field: FieldInfo) -> str:
    model: type[BaseModel] | None = None
    title = f"[{name}]"
    if name in _NAMED:
        model, title = _NAMED[name], f"[{name}.NAME]"
    elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
        model = field.annotation
    if model is None:
        return f"## `{title}`\n\n{field.description} Default: `{json.dumps(field.default)}`.\n"
    return _table(title, model)


def _table(title: str, model: type[BaseModel]) -> str:
    """Return a heading, what the section is for, and a row for each key; a section inside it follows."""
    about = inspect.cleandoc(model.__doc__ or "")
    inner = {key: found.annotation for key, found in model.model_fields.items() if _is_section(found.annotation)}
    rows = [
        f"| `{key}` | {_default(found)} | {found.description} |"
        for key, found in model.model_fields.items()
        if key not in inner
    ]
    head = [f"## `{title}`\n\n{about}\n", "| key | default | meaning |", "| --- | --- | --- |"]
    sections = [_table(f"{title[:-1]}.{key}]", found) for key, found in inner.items() if _is_section(found)]
    return "\n".join([*head, *rows, "", *sections])


def _is_section(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


_NAMED: Mapping[str, type[BaseModel]] = {"connections": ConnectionSettings, "channels": ChannelSettings}


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    return "required" if field.is_required() else "none" if value is None else f"`{json.dumps(value)}`"


_CONFIGURATION_HEAD = """# Configuration

Stillframe reads one TOML file: the one named by `--config` or `STILLFRAME_CONFIG`, else `stillframe.toml` in the
working directory, else in the user's configuration folder. Then the environment: `STILLFRAME_DASHBOARD__DIFF_TOP_N=5`
sets `diff_top_n` of `[dashboard]`. An unknown key is refused with the nearest one. Relative paths start at the file's
folder; without a file, at the user's data folder.

Who can open the SQLite file can do everything: the command line then acts as an administrator.
"""

GENERATED: Mapping[str, Callable[[], str]] = {
    "docs/reference/cli.md": cli_reference,
    "docs/reference/configuration.md": configuration_document,
    "docs/reference/http-api.md": http_document,
    "docs/reference/summary.schema.json": summary_document,
    "docs/reference/view-spec.schema.json": view_spec_document,
}


def find_stale(root: Path) -> tuple[str, ...]:
    """Return the generated files under `root` that differ from what the code says now."""
    return tuple(name for name, produce in GENERATED.items() if _read(root / name) != produce())


def write_all(root: Path) -> None:
    """Write every generated file under `root`."""
    for name, produce in GENERATED.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(produce(), encoding="utf8")


def main() -> int:
    """Write the files, or with --check name the stale ones; 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a file is stale")
    if not parser.parse_args().check:
        write_all(REPOSITORY)
        return 0
    stale = find_stale(REPOSITORY)
    for name in stale:
        print(f"{name} is not what the code says now: run `make docs` and commit it")
    return 1 if stale else 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
