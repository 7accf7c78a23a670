"""Profiles of a release gate in TOML: from the bytes of a file to the document that they hold."""

from __future__ import annotations

import tomllib
from typing import Any, Final

from stillframe.errors import InvalidInput

LARGEST_BYTES: Final = 262_144

_END = "(at end of document)"


def profile_document(data: bytes, *, name: str, path: str = "$") -> dict[str, Any]:
    """
    Return the document that a profile's TOML file holds; what it means is for `rules.profiles.parse_profile`.

    Shape   `name`: the file's, for the error.
    Errors  InvalidInput at `path`, naming the file: too large, not UTF-8, or not TOML, with line and column.
    Source  TOML 1.0.

    >>> profile_document(b'name = "ours"', name="gate.toml")
    {'name': 'ours'}
    """
    if len(data) > LARGEST_BYTES:
        raise _refused(path, name, f"{len(data)} bytes, and a profile has at most {LARGEST_BYTES}")
    try:
        text = data.decode("utf-8-sig")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(path, name, f"this is not UTF-8: a byte at line {line} does not belong there") from None
    except tomllib.TOMLDecodeError as error:
        place = f"(at line {len(text.splitlines()) or 1}, the end)"
        raise _refused(path, name, f"this is not TOML: {str(error).replace(_END, place)}") from None
    except ValueError:
        raise _refused(path, name, "a number or a date in it cannot be read") from None
    except RecursionError:
        raise _refused(path, name, "this is nested deeper than any profile") from None


def _refused(path: str, name: str, message: str) -> InvalidInput:
    return InvalidInput.at(path, f"{name}: {message}")
