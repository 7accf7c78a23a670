"""What Trivy finds beside packages: settings that are wrong and secrets that lie open, as findings of the audit."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.identity import Place, finding_ids, relative_file
from stillframe.capture.reports.severities import severity_of_word
from stillframe.capture.reports.vulnerable import short_title
from stillframe.capture.reports.walking import Name, Walk
from stillframe.model.facts import Finding, Severity

_UNKNOWN: Final[Severity] = "medium"
"""What a finding counts as whose severity Trivy does not know, as for vulnerabilities."""


class _Cause(msgspec.Struct, rename={"resource": "Resource", "line": "StartLine"}, gc=False):
    resource: str | None = None
    line: int | None = None


class Misconfiguration(
    msgspec.Struct,
    rename={
        "id": "ID",
        "avd_id": "AVDID",
        "title": "Title",
        "message": "Message",
        "severity": "Severity",
        "status": "Status",
        "cause": "CauseMetadata",
    },
    gc=False,
):
    """A setting that was looked at; most of them are as they should be."""

    id: Name | None = None
    avd_id: Name | None = None
    title: str | None = None
    message: str | None = None
    severity: str | None = None
    status: str = "FAIL"
    cause: _Cause | None = None


class Secret(
    msgspec.Struct,
    rename={"rule": "RuleID", "title": "Title", "severity": "Severity", "line": "StartLine", "match": "Match"},
    gc=False,
):
    """A secret that lies open; Trivy itself stars it out in `Match`."""

    rule: Name
    title: str | None = None
    severity: str | None = None
    line: int | None = None
    match: str | None = None


MISCONFIGURATION: Final = msgspec.json.Decoder(Misconfiguration)
SECRET: Final = msgspec.json.Decoder(Secret)


class TrivyFindings:
    """The findings of one report; they get their ids when all are known."""

    __slots__ = ("_found", "_places", "_walk", "asked")

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._found: list[Finding] = []
        self._places: list[Place] = []
        self.asked = False
        """Whether the report speaks of settings or secrets at all."""

    def misconfigured(self, target: str, said: Misconfiguration, *, suppressed: bool) -> None:
        """Take in a setting that failed; an exception that somebody made of it is suppressed."""
        if said.status == "PASS":
            return
        cause = said.cause or _Cause()
        title = short_title(said.title) or short_title(said.message)
        content = f"{cause.resource or ''} {said.message or title}"[:2000]
        self._take(
            Place(said.avd_id or said.id or "misconfiguration", target, content, cause.line or 0),
            severity_of_word(said.severity),
            title=title,
            suppressed=suppressed or said.status == "EXCEPTION",
        )

    def exposed(self, target: str, said: Secret, *, suppressed: bool) -> None:
        """Take in a secret."""
        place = Place(said.rule, target, (said.match or said.title or "")[:2000], said.line or 0)
        self._take(place, severity_of_word(said.severity), title=short_title(said.title), suppressed=suppressed)

    def listed(self) -> tuple[Finding, ...] | None:
        """Return all of them; None where the report does not speak of any."""
        if not self.asked:
            return None
        ids = finding_ids(self._places)
        return tuple(replace(found, id=name) for found, name in zip(self._found, ids, strict=True))

    def _take(self, place: Place, severity: Severity | None, *, title: str, suppressed: bool) -> None:
        if len(self._found) >= MOST_FINDINGS:
            raise self._walk.too_many("findings")
        file = relative_file(place.file, self._walk.report.root)
        self._walk.keep(place.rule, file, place.content, title)
        self._places.append(place._replace(file=file))
        self._found.append(
            Finding(
                id="",
                part="audit",
                severity=severity or _UNKNOWN,
                title=title or place.rule,
                rule=place.rule,
                file=file,
                line=place.line if place.line > 0 else None,
                suppressed=suppressed,
            )
        )
