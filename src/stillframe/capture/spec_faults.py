"""What a model says is wrong with a view spec, as paths and words for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from stillframe.capture.spec_models import (
    CronPolicy,
    FieldSpec,
    FileSourceSpec,
    HttpSourceSpec,
    Metadata,
    MetricPanel,
    PrimarySpec,
    PrometheusSourceSpec,
    PushSourceSpec,
    ScopeSpec,
    SqlSourceSpec,
    TablePanel,
    ViewSpec,
)
from stillframe.errors import Fault, InvalidViewSpec, nearest

MOST_FAULTS = 20

_Place: TypeAlias = tuple[str | int, ...]
_TAGGED = {"sources", "panels"}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
_MODELS: dict[str, type[BaseModel]] = {
    "sql": SqlSourceSpec,
    "file": FileSourceSpec,
    "http": HttpSourceSpec,
    "prometheus": PrometheusSourceSpec,
    "push": PushSourceSpec,
    "table": TablePanel,
    "metric": MetricPanel,
    "cron": CronPolicy,
}


def invalid(faults: Sequence[Fault]) -> InvalidViewSpec:
    """Return one error for many faults: the first twenty, and how many more there are."""
    shown = list(faults[:MOST_FAULTS])
    if len(faults) > MOST_FAULTS:
        shown.append(Fault(path="$", message=f"and {len(faults) - MOST_FAULTS} more like these"))
    return InvalidViewSpec(faults=shown)


def faults_of(error: ValidationError) -> list[Fault]:
    """Return what a validation found, each with its path in the view spec and what is allowed there."""
    return [_fault(found) for found in error.errors(include_url=False)]


def path_of(place: Sequence[str | int]) -> str:
    """
    Return a place in a view spec as a path.

    >>> path_of(("panels", "leaderboard", "fields", "elo (a)", "better"))
    "$.panels.leaderboard.fields['elo (a)'].better"
    """
    steps = (f".{step}" if _PLAIN_NAME.fullmatch(str(step)) else f"[{str(step)[:80]!r}]" for step in place)
    return "$" + "".join(steps)


def _fault(found: Any) -> Fault:  # noqa: ANN401  # because pydantic's detail is read as a mapping
    place: _Place = tuple(found["loc"])
    if place and place[-1] == "[key]":
        return Fault(path=path_of(_without_tags(place[:-1])), message=_key_words(place))
    written = _without_tags(place)
    match found["type"]:
        case "union_tag_not_found":
            member = found["ctx"]["discriminator"].strip("'")
            return Fault(path=path_of((*written, member)), message=f"needed; known: {_tags(member)}")
        case "union_tag_invalid":
            member, tag = found["ctx"]["discriminator"].strip("'"), str(found["ctx"]["tag"])
            known = _tags(member).split(", ")
            return Fault(path=path_of((*written, member)), message=f"{tag[:80]!r} is no {member}{nearest(tag, known)}")
        case "extra_forbidden":
            return Fault(path=path_of(written), message=_unknown(place))
        case _:
            return Fault(path=path_of(written), message=_words(found))


def _words(found: Any) -> str:  # noqa: ANN401  # because pydantic's detail is read as a mapping
    given, limits = found["input"], found.get("ctx", {})
    match found["type"]:
        case "string_type":
            return f"should be text, not {_shown(given)}"
        case "missing":
            return "needed, and not given"
        case "string_pattern_mismatch":
            return f"{str(given)[:80]!r} is not allowed here{_pattern_words(str(limits['pattern']))}"
        case "too_long":
            return f"{limits['actual_length']} entries, and at most {limits['max_length']} are taken"
        case "too_short":
            return "give at least one"
        case "string_too_long":
            return f"{len(given)} characters, and at most {limits['max_length']} are taken"
        case "string_too_short":
            return "it is empty; leave it out, or say something"
        case "literal_error":
            known = [word.strip("'") for word in re.split(r", | or ", str(limits["expected"]))]
            return f"{_shown(given)} is not one of {', '.join(known)}{_near(given, known)}"
        case "model_type" | "dict_type":
            return f"a mapping of members, not {_shown(given)}"
        case _:
            said = str(found["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
            return f"should be {said}, not {_shown(given)}"


def _pattern_words(pattern: str) -> str:
    if r"\x00" in pattern:
        return ": one line of text"
    if pattern == r"\S":
        return ": it is blank"
    if "A-Z" in pattern:
        return ": a name is letters, digits, _ and -"
    return ": a slug is a-z and digits in parts joined by -"


def _key_words(place: _Place) -> str:
    if place[0] in _TAGGED and len(place) == len(("panels", "name", "[key]")):
        return "a name is 1 to 64 letters, digits, _ and -, and begins with a letter, digit or _; it holds no dot"
    return "a column's name is 1 to 256 characters"


def _unknown(place: _Place) -> str:
    return f"unknown member{nearest(str(place[-1]), sorted(_model_at(place).model_fields))}"


def _model_at(place: _Place) -> type[BaseModel]:
    match place:
        case ("panels", _, "table", "fields", _, _):
            return FieldSpec
        case ("sources" | "panels", _, str(tag), _) | ("metadata", "snapshot_policy", str(tag), _):
            return _MODELS[tag]
        case ("primary", _):
            return PrimarySpec
        case ("scope", _):
            return ScopeSpec
        case ("metadata", _):
            return Metadata
        case _:
            return ViewSpec


def _without_tags(place: _Place) -> _Place:
    """Leave out the steps that name which model of a union was tried, and that nobody wrote."""
    is_tagged = (place[:1] and place[0] in _TAGGED) or place[:2] == ("metadata", "snapshot_policy")
    return (*place[:2], *place[3:]) if is_tagged else place


def _tags(member: str) -> str:
    return "sql, file, http, prometheus, push" if member == "type" else "table, metric"


def _near(given: object, known: Sequence[str]) -> str:
    hint = nearest(given, known) if isinstance(given, str) else ""
    return hint if "did you mean" in hint else ""


def _shown(given: object) -> str:
    if isinstance(given, (dict, list)):
        return "a mapping" if isinstance(given, dict) else "a list"
    if isinstance(given, bool) or given is None:
        return {True: "true", False: "false", None: "null"}[given]
    return repr(given)[:80]
