"""Gathers the findings of one report, and names them when all are there."""

from __future__ import annotations

from dataclasses import replace

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.identity import LONGEST_TITLE, Place, numbered, one_line, stem_of, title_of
from stillframe.capture.reports.walking import Walk
from stillframe.model.facts import Finding, Part, Severity


class Gathered:
    """The findings of one report, as they are found."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._found: list[Finding] = []

    def add(
        self,
        place: Place,
        *,
        part: Part,
        severity: Severity,
        message: str,
        file: str | None = None,
        suppressed: bool = False,
        tainted: bool = False,
    ) -> None:
        """
        Take one finding.

        Shape   `place.line` 0 or less: nobody knows. `message`: what the tool says of it, of any length. `file`: where
                it is, if that is no part of what it is known by.
        Errors  CaptureRefused for one more than a picture can hold.
        """
        stem, title, rule = stem_of(place), title_of(message), one_line(place.rule)[:LONGEST_TITLE]
        file = file or place.file
        self._walk.keep(stem, title, rule, file)
        if len(self._found) == MOST_FINDINGS:
            raise self._walk.too_many("findings")
        self._found.append(
            Finding(
                id=stem,
                part=part,
                severity=severity,
                title=title,
                rule=rule,
                file=file or None,
                line=place.line if place.line > 0 else None,
                suppressed=suppressed,
                tainted=tainted,
            )
        )

    def findings(self) -> list[Finding]:
        """Return all of them, each with its own id."""
        ids = numbered([found.id for found in self._found], [found.line or 0 for found in self._found])
        return [replace(found, id=id_) for found, id_ in zip(self._found, ids, strict=True)]
