"""Which part of a JSON value a source means, in JMESPath."""

from __future__ import annotations

import jmespath
from jmespath.exceptions import JMESPathError

from stillframe.errors import CaptureRefused, Fault

LONGEST_EXPRESSION = 4_096
_PATH = "$.select"


def select(value: object, expression: str | None) -> object:
    """
    Return the part of a value that an expression names; the whole without one.

    Shape   None where it finds nothing: JMESPath does not tell an absent member from a null.
    Errors  CaptureRefused at `$.select` for what is no JMESPath, or asks a value for what it is not.
    Source  https://jmespath.org/specification.html

    >>> select({"knowledge": {"papers": 15025}}, "knowledge.papers")
    15025
    """
    if expression is None:
        return value
    if len(expression) > LONGEST_EXPRESSION:
        raise _refused(f"at most {LONGEST_EXPRESSION} characters are taken")
    try:
        return jmespath.compile(expression).search(value)
    except JMESPathError as error:
        raise _refused(f"JMESPath cannot do this: {' '.join(str(error).split())[:200]}") from None
    except RecursionError:
        raise _refused("this is nested too deep") from None


def _refused(message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=_PATH, message=message)])
