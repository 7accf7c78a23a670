"""Reading the settings: one file, then the environment, with every complaint naming the key."""

from __future__ import annotations

import getpass
import os
import socket
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError

from stillframe.config.sections import ChannelSettings, ConnectionSettings, Section
from stillframe.config.settings import Settings
from stillframe.errors import ConfigurationError, nearest

CONFIG_NAME = "stillframe.toml"
ENVIRONMENT_PREFIX = "STILLFRAME_"
NOT_SETTINGS = frozenset(
    {
        "STILLFRAME_CONFIG",
        "STILLFRAME_DEBUG",
        "STILLFRAME_SERVER",
        "STILLFRAME_TOKEN",
        "STILLFRAME_WEBHOOK_SECRET",
    }
)
"""Environment variables of ours that are not settings."""


def load_settings(path: Path | None = None) -> Settings:
    """
    Read the settings: the file by `path`, `STILLFRAME_CONFIG`, the working directory or the user's config folder; then
    the environment.

    Errors  ConfigurationError for a named file that is absent, broken TOML, an unknown key (with the nearest), or a
            wrong value.
    """
    found = _config_path(path)
    document = {} if found is None else _read_toml(found)
    _merge(document, _from_environment())
    try:
        settings = Settings.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(_complaint(error, found)) from None
    _check_urls(settings)
    return settings.placed(found)


def os_user() -> str:
    """Return the name of whoever runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def process_name() -> str:
    """Return a name for this process that no other running process has: host and number."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _config_path(path: Path | None) -> Path | None:
    named = path or (Path(text) if (text := os.environ.get("STILLFRAME_CONFIG")) else None)
    if named is not None:
        if not named.is_file():
            raise ConfigurationError(f"there is no configuration file at {named}")
        return named
    places = (Path.cwd() / CONFIG_NAME, Path(platformdirs.user_config_dir("stillframe")) / CONFIG_NAME)
    return next((place for place in places if place.is_file()), None)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error


def _from_environment() -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, text in sorted(os.environ.items()):
        if not name.startswith(ENVIRONMENT_PREFIX) or name in NOT_SETTINGS:
            continue
        *sections, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        _merge(document, _nested(sections, {key: _typed(text)}))
    return document


def _nested(sections: list[str], value: Any) -> dict[str, Any]:  # noqa: ANN401  # because a setting is any TOML value
    for section in reversed(sections):
        value = {section: value}
    return dict(value)


def _typed(text: str) -> Any:  # noqa: ANN401  # because a setting is any TOML value
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merge(document: dict[str, Any], other: Mapping[str, Any]) -> None:
    for name, value in other.items():
        if isinstance(value, Mapping) and isinstance(document.get(name), dict):
            _merge(document[name], value)
        else:
            document[name] = value


def _complaint(error: ValidationError, path: Path | None) -> str:
    where = f"{path}: " if path else ""
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        key = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            hint = nearest(str(fault["loc"][-1]), list(_known_keys(fault["loc"][:-1])))
            lines.append(f"unknown key {key}{hint}")
        else:
            lines.append(f"{key}: {fault['msg']}")
    return where + "; ".join(lines)


def _known_keys(location: tuple[str | int, ...]) -> Iterator[str]:
    section: Any = Settings
    for index, name in enumerate(location):
        if location[index - 1 : index] in _NAMED:
            section = _NAMED[location[index - 1 : index]]
        elif (name,) not in _NAMED:
            section = section.model_fields[str(name)].annotation
    yield from section.model_fields


_NAMED: Mapping[tuple[str | int, ...], type[Section]] = {
    ("connections",): ConnectionSettings,
    ("channels",): ChannelSettings,
}
"""Sections whose members have names that the operator chooses."""


def _check_urls(settings: Settings) -> None:
    url = settings.database.url
    if url is not None and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ConfigurationError(
            "database.url: a postgresql:// URL is expected; for SQLite set dashboard.snapshot_db_path"
        )
    public = settings.server.public_url
    if (public and not public.startswith(("http://", "https://"))) or public.endswith("/"):
        raise ConfigurationError("server.public_url: an http(s) URL without a slash at its end is expected")
