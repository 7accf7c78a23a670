"""From the text of a view spec, YAML 1.2 or JSON, to plain values of bounded size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from stillframe.capture.json_text import parse_json
from stillframe.errors import CaptureRefused, Fault, InvalidViewSpec

LONGEST_TEXT_BYTES = 262_144
MOST_VALUES = 20_000
DEEPEST = 20

Format: TypeAlias = Literal["yaml", "json"]


def read_text(text: str | bytes, *, format: Format | None) -> Any:  # noqa: A002, ANN401  # because that is its name, and any value may come
    """
    Return the value that a text holds.

    Without a format a text that begins with `{` and is JSON is read as JSON, every other as YAML.

    Errors  InvalidViewSpec for text that is too long, is not UTF-8, or is broken: with line and column.
    Source  YAML 1.2.2 (core schema): `no` and `on` are text. RFC 8259.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(data) > LONGEST_TEXT_BYTES:
        raise _invalid(f"{len(data)} bytes, and a view spec has at most {LONGEST_TEXT_BYTES}")
    if format == "json":
        return _from_json(data)
    if format is None and data.lstrip().startswith(b"{"):
        try:
            return _from_json(data)
        except InvalidViewSpec:
            return _from_yaml(data)
    return _from_yaml(data)


def plain_document(value: object) -> dict[str, Any]:
    """
    Return a mapping as plain dictionaries, lists, text, numbers, booleans and null, copied.

    Errors  InvalidViewSpec with the path of what JSON cannot say (a date, a number as a member's name), of lone
            surrogates, and for what is too deep or too large: an alias of YAML can make much of little.
    """
    document = _Copier().copy(value, "$", 0)
    if not isinstance(document, dict):
        raise _invalid("a view spec is a mapping of members such as title, sources and panels")
    return document


def _from_json(data: bytes) -> Any:  # noqa: ANN401  # because any value may come
    try:
        return parse_json(data)
    except CaptureRefused as error:
        raise InvalidViewSpec(faults=error.faults) from None


def _from_yaml(data: bytes) -> Any:  # noqa: ANN401  # because any value may come
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _invalid(f"this is not UTF-8: byte {error.start} does not belong there") from None
    except DuplicateKeyError as error:
        raise _invalid(f"a member occurs twice{_place(error)}: {_problem(error).partition(' with value')[0]}") from None
    except MarkedYAMLError as error:
        raise _invalid(f"this is not YAML{_place(error)}: {_problem(error)}") from None
    except RecursionError:
        raise _invalid(f"this is nested deeper than {DEEPEST} levels") from None
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise _invalid(f"this is not YAML: {first[:200]}") from None


def _place(error: Any) -> str:  # noqa: ANN401  # because ruamel.yaml types its marks as anything
    mark = error.problem_mark or error.context_mark
    return f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _problem(error: Any) -> str:  # noqa: ANN401  # because ruamel.yaml types its problems as anything
    return str(error.problem or error.context or "it cannot be read").replace("\n", " ")[:200]


class _Copier:
    def __init__(self) -> None:
        self._values = 0

    def copy(self, value: object, path: str, depth: int) -> Any:  # noqa: ANN401  # because any value may come
        self._values += 1
        if self._values > MOST_VALUES:
            raise _invalid(f"more than {MOST_VALUES} values")
        if depth > DEEPEST:
            raise _invalid(f"this is nested deeper than {DEEPEST} levels")
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, str):
            return _whole(value, path)
        if isinstance(value, Mapping):
            return {_member(name, path): self.copy(found, f"{path}.{name}", depth + 1) for name, found in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.copy(found, f"{path}[{index}]", depth + 1) for index, found in enumerate(value)]
        kind = type(value).__name__
        raise _invalid(f"{str(value)[:40]!r} was read as a {kind}; put it in quotes to say text", path=path)


def _member(name: object, path: str) -> str:
    if isinstance(name, str):
        return _whole(name, path)
    raise _invalid(f"the member {str(name)[:40]} is not text; put it in quotes", path=path)


def _whole(text: str, path: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _invalid("a lone surrogate is no character; write whole characters", path=path) from None
    return text


def _invalid(message: str, *, path: str = "$") -> InvalidViewSpec:
    return InvalidViewSpec(faults=[Fault(path=path, message=message)])
