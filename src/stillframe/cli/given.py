"""What somebody gave on the command line: files, standard input, JSON, times; or where it is wrong."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillframe.errors import InvalidInput

if TYPE_CHECKING:
    from stillframe.capture import ViewSpec

STANDARD_INPUT = "-"


def read_bytes(source: str, *, option: str) -> bytes:
    """
    Return what a file, or with `-` standard input, holds.

    Errors  InvalidInput naming the option and the file.
    """
    if source == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise InvalidInput.at(option, f"{source} cannot be read: {error.strerror}") from error


def view_spec_in(source: str) -> ViewSpec:
    """
    Return the view spec in a file: JSON by its name, else YAML, which reads JSON too.

    Errors  InvalidViewSpec with the path of each fault.
    """
    from stillframe.capture import parse_view_spec

    data = read_bytes(source, option="SPEC")
    return parse_view_spec(data, format="json" if source.endswith(".json") else "yaml")


def pushed_in(source: str) -> Mapping[str, Any]:
    """
    Return pushed data, by panel.

    Errors  InvalidInput if it is not a JSON object; what is inside is checked at capture.
    """
    from stillframe.capture import parse_json

    data = parse_json(read_bytes(source, option="--data"), path="$.data")
    if not isinstance(data, dict):
        raise InvalidInput.at(
            "$.data", 'an object is expected, by panel: {"leaderboard": [{"id": "h-1", "score": 0.7}]}'
        )
    return data


def rule_in(text: str) -> Any:  # noqa: ANN401  # because a rule is not checked here
    """
    Return the rule that a text holds, or with `@FILE` a file.

    Errors  InvalidInput if it is not JSON.
    """
    from stillframe.capture import parse_json

    source = read_bytes(text.removeprefix("@"), option="--rule") if text.startswith("@") else text
    return parse_json(source, path="$.threshold_json")


def time_in(text: str | None, *, option: str) -> datetime | None:
    """
    Return the time that somebody wrote, if any.

    Errors  InvalidInput naming the option, for anything but RFC 3339 with a zone.
    """
    from stillframe.model.times import time_from_text

    return None if text is None else time_from_text(text, path=option)


def exactly_one(given: Mapping[str, str | None]) -> tuple[str, str]:
    """
    Return the one option that was given, and its value.

    Errors  InvalidInput naming all of them if none or several were.
    """
    said = [(name, value) for name, value in given.items() if value is not None]
    if len(said) != 1:
        raise InvalidInput.at(_listed(list(given)), f"give one of them, not {len(said)}")
    return said[0]


def _listed(names: Sequence[str]) -> str:
    return " | ".join(names)
