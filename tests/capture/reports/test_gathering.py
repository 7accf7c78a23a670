"""Gathering: every finding of a report with an id of its own, and no more than a picture holds."""

from __future__ import annotations

import pytest

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.gathering import Gathered
from stillframe.capture.reports.identity import Place
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.walking import Walk
from stillframe.errors import CaptureRefused


def gathered() -> Gathered:
    return Gathered(Walk(Report(name="r.json", data=b"", look=Look(syntax="json")), of="f"))


def test_findings_keep_their_order_and_get_their_ids_at_the_end() -> None:
    """The same line further up is the first of its kind, although the tool told of it later."""
    found = gathered()
    for line in (9, 4):
        place = Place(rule="B602", file="a.py", content="run(x)", line=line)
        found.add(place, part="audit", severity="high", message="A\nshell", tainted=True)
    second, first = found.findings()
    assert second.id == f"{first.id}:2"
    assert (first.line, second.line) == (4, 9)
    assert (first.title, first.file, first.rule, first.tainted) == ("A shell", "a.py", "B602", True)


def test_a_place_that_nobody_knows_is_none() -> None:
    """And a file can be told that is no part of the identity."""
    found = gathered()
    found.add(Place(rule="R", file="", content="x", line=0), part="audit", severity="low", message="m")
    found.add(Place(rule="R", file="", content="y", line=0), part="audit", severity="low", message="m", file="a.py")
    nowhere, somewhere = found.findings()
    assert (nowhere.file, nowhere.line) == (None, None)
    assert (somewhere.file, somewhere.id.split(":")[1]) == ("a.py", "")


def test_one_more_than_a_picture_holds_is_refused() -> None:
    """Half of a report would look like findings that were fixed."""
    found = gathered()
    place = Place(rule="R", file="a.py", content="x", line=1)
    for _ in range(MOST_FINDINGS):
        found.add(place, part="audit", severity="low", message="m")
    assert len({one.id for one in found.findings()}) == MOST_FINDINGS
    with pytest.raises(CaptureRefused, match="more than 50,000 findings"):
        found.add(place, part="audit", severity="low", message="m")
