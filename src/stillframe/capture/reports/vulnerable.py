"""Collects what one report says of vulnerable packages: each vulnerability of each once, with its worst severity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.packages import Package
from stillframe.capture.reports.severities import worst
from stillframe.capture.reports.walking import Walk
from stillframe.model.facts import Severity, Vulnerability

LONGEST_TITLE: Final = 160
_MOST_NAMES: Final = 200
"""Of one vulnerability: one that has more is no vulnerability but a list of them."""


class Vulnerable:
    """
    The vulnerabilities of one report, in its order.

    The same vulnerability of the same package may stand in a report several times: for each file that names the
    package, for each version of it. It is one, as bad as the worst of them says, and suppressed only where all are.
    """

    __slots__ = ("_found", "_walk")

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._found: dict[tuple[str, str], Vulnerability] = {}

    def add(
        self,
        package: Package,
        names: Iterable[str],
        severity: Severity | None,
        *,
        title: str | None,
        suppressed: bool = False,
    ) -> None:
        """
        Take in what the report says at one place.

        Shape   `names`: at least one, the report's own first.
        Errors  CaptureRefused for more than a picture can hold.
        """
        ids = tuple(dict.fromkeys(names))[:_MOST_NAMES]
        key = (package.package, ids[0])
        known = self._found.get(key)
        if known is None and len(self._found) >= MOST_FINDINGS:
            raise self._walk.too_many("vulnerabilities")
        said = Vulnerability(
            package=package.package,
            version=package.version,
            ids=ids,
            severity=severity,
            title=short_title(title) or f"{ids[0]} in {package.package}",
            suppressed=suppressed,
        )
        if known is None:
            self._walk.keep(said.package, said.version, said.title, *ids)
            self._found[key] = said
        else:
            self._found[key] = self._joined(known, said)

    def listed(self) -> tuple[Vulnerability, ...]:
        """Return all of them, in the order in which the report names them first."""
        return tuple(self._found.values())

    def _joined(self, one: Vulnerability, other: Vulnerability) -> Vulnerability:
        first = other if one.suppressed and not other.suppressed else one
        ids = tuple(dict.fromkeys((*one.ids, *other.ids)))[:_MOST_NAMES]
        if ids != one.ids:
            self._walk.keep(*ids)
        return Vulnerability(
            package=one.package,
            version=first.version,
            ids=ids,
            severity=worst((one.severity, other.severity)),
            title=one.title,
            suppressed=one.suppressed and other.suppressed,
        )


def short_title(text: str | None) -> str:
    """
    Return the first line of a text that says something, cut to the length of a title.

    >>> short_title("\\n  Remote   code execution\\nLong story")
    'Remote code execution'
    """
    for line in (text or "")[:10_000].splitlines():
        words = " ".join(line.strip("#* \t").split())
        if words:
            return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1].rstrip() + "…"
    return ""
