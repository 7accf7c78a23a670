"""What somebody gave on the command line: files, standard input, JSON, times; or where it is wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillframe.errors import InvalidInput, nearest

if TYPE_CHECKING:
    from stillframe.capture import ViewSpec

STANDARD_INPUT = "-"
_DAYS = re.compile(r"([0-9]{1,4})d")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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


def profile_in(text: str) -> str | Mapping[str, Any]:
    """
    Return the profile that a text names: a name as it is, or of a TOML file, which ends in .toml or holds a slash, the
    document.

    Errors  InvalidInput naming the file, or the path of each fault in it. Whether there is a profile of a name is said
            by whoever has the profiles.
    """
    if not text.endswith(".toml") and "/" not in text:
        return text
    from stillframe.capture.profile_file import profile_document
    from stillframe.rules.profiles import parse_profile

    document = profile_document(read_bytes(text, option="--profile"), name=text, path="$.profile")
    parse_profile(document, source=text, path="$.profile")
    return document


def outcomes_in(on: str | None, *, rule: str | None) -> str | dict[str, list[str]]:
    """
    Return what a subscription is told of, as the API's member `on` says it: `change`, or outcomes of release gates.

    Whether the outcomes are any is said by whoever keeps the subscription.

    Errors  InvalidInput for anything but `change` and `gate:…`, for a change without a rule, and for a rule beside a
            gate.

    >>> outcomes_in("gate:fail, warn", rule=None)
    {'gate': ['fail', 'warn']}
    """
    kind, _, listed = (on or "change").partition(":")
    if kind not in ("change", "gate") or (kind == "change" and listed):
        raise InvalidInput.at("--on", f"{(on or '')[:40]!r} is neither change nor gate:fail,warn")
    if (kind == "gate") is (rule is not None):
        raise InvalidInput.at("--rule | --on gate:…", f"give {'one' if rule is None else 'only one'} of them")
    return "change" if kind == "change" else {"gate": [word.strip() for word in listed.split(",") if word.strip()]}


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


def expiry_in(text: str, *, now: datetime) -> str:
    """
    Return the time that `--expires` names: a time, the beginning of a day in UTC, or so many days from now.

    Errors  InvalidInput naming the option.
    """
    from stillframe.model.times import time_from_text, time_text

    if days := _DAYS.fullmatch(text):
        return time_text(now + timedelta(days=int(days[1])))
    if not _DATE.fullmatch(text) and "T" not in text.upper():
        raise InvalidInput.at("--expires", f"{text[:40]!r} is neither 2026-12-31, nor 2026-12-31T18:00:00Z, nor 30d")
    written = f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text
    return time_text(time_from_text(written, path="--expires"))


def project_with_reports(place: Mapping[str, str | None] | None) -> str:
    """
    Return the name of the project that reports are of.

    Errors  InvalidInput naming the option, for anything but a project.
    """
    if place is None or place["scope"] != "project":
        raise InvalidInput.at("--report", "this is for a project only")
    if place["group_id"] is not None:
        raise InvalidInput.at("--group", "this is for a group only: a project knows its group")
    if place["project_name"] is None:
        raise InvalidInput.at("--project", "name the project that the reports are of")
    return place["project_name"]


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
