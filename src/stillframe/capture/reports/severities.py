"""How scanners grade a vulnerability, in words or figures, and which of two grades is the worse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from stillframe.model.facts import SEVERITIES, Severity

_WORDS: Final[dict[str, Severity]] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    "minor": "low",
    "negligible": "low",
    "info": "info",
    "informational": "info",
    "none": "info",
}
_BANDS: Final[tuple[tuple[float, Severity], ...]] = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))


def severity_of_word(word: str | None) -> Severity | None:
    """
    Return the severity that a word means; None where it says nothing.

    >>> severity_of_word("MODERATE"), severity_of_word("Negligible"), severity_of_word("UNKNOWN")
    ('medium', 'low', None)
    """
    return _WORDS.get((word or "").strip().lower())


def severity_of_score(score: float | None) -> Severity | None:
    """
    Return the severity of a CVSS base score; None where there is no score from 0 to 10.

    >>> severity_of_score(9.0), severity_of_score(8.9), severity_of_score(0.0), severity_of_score(None)
    ('critical', 'high', 'info', None)

    Source  CVSS 3.1, section 5, "Qualitative severity rating scale".
    """
    if score is None or not 0.0 <= score <= 10.0:
        return None
    return next((severity for least, severity in _BANDS if score >= least), "info")


def worst(severities: Iterable[Severity | None]) -> Severity | None:
    """
    Return the worst severity that is known.

    >>> worst(["low", None, "high"]), worst([None])
    ('high', None)
    """
    known = [severity for severity in severities if severity is not None]
    return min(known, key=SEVERITIES.index, default=None)
