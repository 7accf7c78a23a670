"""Files that a measuring tool could not parse: named, and where it was all of them, nothing was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stillframe.capture.reports.identity import Place, finding_ids, relative_file
from stillframe.model.facts import Finding

RULE: Final = "not-parsed"
LONGEST_FILE: Final = 400
LONGEST_WHY: Final = 200


@dataclass(frozen=True, slots=True)
class NotParsed:
    """One file, and what is wrong with it in the tool's words."""

    file: str
    why: str


def in_words(files: Sequence[NotParsed]) -> str:
    """Say of a run that parsed none of its files why: the first, and how many more."""
    first = f"it could not parse {files[0].file} ({files[0].why})"
    return first if len(files) == 1 else f"{first}, and {len(files) - 1:,} more"


def findings(files: Sequence[NotParsed], *, tool: str, root: str | None) -> list[Finding] | None:
    """
    Return a finding for each file of which a report's figures say nothing; None where there is none, for the tool looks
    for other things.

    Shape   One file has one id whichever tool could not parse it.
    """
    title = f"{tool} could not parse this file: its figures are without it"
    places = [Place(RULE, file, "", 0) for file in sorted({relative_file(each.file, root) for each in files})]
    return [
        Finding(id=id_, part="quality", severity="info", title=title, rule=RULE, file=place.file)
        for id_, place in zip(finding_ids(places), places, strict=True)
    ] or None
