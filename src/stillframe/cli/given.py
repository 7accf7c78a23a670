"""What somebody gave on the command line: files, standard input, JSON, times; or where it is wrong."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillframe.errors import InvalidInput, nearest

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


def summary_in(source: str) -> Mapping[str, Any]:
    """
    Return the summary document in a file.

    Errors  InvalidInput if it is not a JSON object; what is inside is checked where it is kept.
    """
    from stillframe.capture import parse_json

    document = parse_json(read_bytes(source, option="--summary"), path="$.summaries")
    if not isinstance(document, dict):
        raise InvalidInput.at(
            "$.summaries", 'an object is expected: {"schema": "stillframe.summary/1", "summaries": {…}}'
        )
    return document


def rule_in(text: str) -> Any:  # noqa: ANN401  # because a rule is any JSON until it has been checked
    """
    Return the rule that a text holds, or with `@FILE` a file.

    Errors  InvalidInput if it is not JSON; InvalidRule with the path of each fault. Whether a dashboard has what it
            names is said by whoever has the dashboard.
    """
    from stillframe.capture import parse_json
    from stillframe.rules import parse_rule

    source = read_bytes(text.removeprefix("@"), option="--rule") if text.startswith("@") else text
    rule = parse_json(source, path="$.threshold_json")
    parse_rule(rule, path="$.threshold_json")
    return rule


def token_scopes_in(text: str) -> list[str]:
    """
    Return the scopes of a token that a text lists.

    Errors  InvalidInput naming what is none, with the nearest.
    """
    from stillframe.model.identity import TOKEN_SCOPES

    words = [word.strip() for word in text.split(",") if word.strip()]
    unknown = next((word for word in words if word not in TOKEN_SCOPES), None)
    if unknown is not None or not words:
        hint = nearest(unknown or "", TOKEN_SCOPES)
        raise InvalidInput.at(
            "--scopes", f"{unknown!r} is not a scope{hint}" if unknown else f"give at least one{hint}"
        )
    return words


def time_in(text: str | None, *, option: str) -> str | None:
    """
    Return the time that somebody wrote, if any, in its one spelling.

    Errors  InvalidInput naming the option, for anything but RFC 3339 with a zone.
    """
    from stillframe.model.times import time_from_text, time_text

    return None if text is None else time_text(time_from_text(text, path=option))


def named_scope(
    *, dashboard: str | None, scope: str | None, project: str | None, group_id: str | None
) -> dict[str, str | None] | None:
    """
    Return the members of the API that say what a snapshot is of: `scope`, `project_name`, `group_id`.

    A project's or group's name says the scope too. Whether a scope has the name that it needs is said by whoever keeps
    the snapshot.

    Shape   None for a live dashboard.
    Errors  InvalidInput for a dashboard beside a scope, and for neither.
    """
    said = scope or ("project" if project is not None else "group" if group_id is not None else None)
    if (dashboard is None) is (said is None):
        raise InvalidInput.at("--dashboard | --scope", f"give {'one' if said is None else 'only one'} of them")
    return None if said is None else {"scope": said, "project_name": project, "group_id": group_id}


def only_for(fits: bool, given: Mapping[str, object], *, of: str) -> None:
    """
    Let options pass that belong to what was asked for.

    Errors  InvalidInput naming the first one that does not.
    """
    stray = next((name for name, value in given.items() if value is not None), None)
    if stray is not None and not fits:
        raise InvalidInput.at(stray, f"this is for {of} only")


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
