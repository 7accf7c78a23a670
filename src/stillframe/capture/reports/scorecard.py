"""OpenSSF Scorecard's JSON: how far a repository follows each practice, from 0 to 10."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.vulnerable import short_title
from stillframe.capture.reports.walking import NOTHING, Id, Version, Walk
from stillframe.model.facts import PolicyCheck, ReportFacts

NOT_MEASURED: Final = -1
"""The score of a check that Scorecard could not decide."""
_MOST_CHECKS: Final = 1000


class _Document(msgspec.Struct, gc=False):
    scorecard: msgspec.Raw = NOTHING
    checks: msgspec.Raw = NOTHING


class _Tool(msgspec.Struct, gc=False):
    version: Version | None = None


class _Check(msgspec.Struct, gc=False):
    name: Id
    score: Annotated[float, msgspec.Meta(ge=NOT_MEASURED, le=10)]
    reason: str | None = None


_DOCUMENT: Final = msgspec.json.Decoder(_Document)
_TOOL: Final = msgspec.json.Decoder(_Tool)
_CHECK: Final = msgspec.json.Decoder(_Check)


class Scorecard:
    """
    Reads what `scorecard --format json` writes, and what the Scorecard API answers.

    The aggregate score is not read: it is made of the checks, each of which counts.

    Source  https://github.com/ossf/scorecard, `json.v2.schema`.
    """

    format = "scorecard"
    title = "OpenSSF Scorecard JSON"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether this has checks beside the scorecard that made them."""
        return (
            look.syntax == "json"
            and not look.is_list
            and "scorecard" in look.keys
            and bool(look.keys & {"checks", "repo"})
        )

    def read(self, report: Report) -> ReportFacts:
        """
        Read the checks; of a check that is named twice the lower score counts.

        Errors  CaptureRefused for a score that is not within -1 to 10, and for what is no report of Scorecard.
        """
        walk = Walk(report, of=self.format)
        document = walk.top(_DOCUMENT)
        tool = walk.part(document.scorecard, _TOOL, path="$.scorecard") or _Tool()
        found: dict[str, PolicyCheck] = {}
        for path, check in walk.items(document.checks, _CHECK, path="$.checks", most=_MOST_CHECKS):
            if NOT_MEASURED < check.score < 0:
                raise walk.refused(f"{path}.score", f"{check.score} is no score; those go from 0 to 10, -1 is none")
            score = None if check.score == NOT_MEASURED else check.score
            known = found.get(check.name)
            if known is None or (score is not None and (known.score is None or score < known.score)):
                found[check.name] = PolicyCheck(id=check.name, score=score, title=short_title(check.reason))
        return ReportFacts(
            format=self.format,
            reader=self.version,
            tool=self.format,
            version=tool.version,
            policy_checks=tuple(found.values()),
        )
