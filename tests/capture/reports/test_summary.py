"""A project's own summary as a report: taken as `read_summary` takes it, and bounded as every report is."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture import read_summary
from stillframe.capture.reports.looking import look_at
from stillframe.capture.reports.summary import MOST_SUMMARY_BYTES, SummaryReport
from stillframe.errors import CaptureRefused
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import NAME, refusal, said, written

READER = SummaryReport()


def summary(**members: Any) -> dict[str, Any]:
    measures = [{"id": "critical", "value": 2, "better": "lower", "unit": "findings", "tolerance": 0.5}]
    return {
        "schema": "stillframe.summary/1",
        "tool": "scorer",
        "version": "2.1",
        "summaries": {"sca": {"score": 71, "measures": measures}},
        "findings": [finding("CVE-2026-1")],
        **members,
    }


def finding(id_: str, **members: Any) -> dict[str, Any]:
    return {"id": id_, "dimension": "sca", "severity": "critical", "title": "A flaw", "location": "jinja2", **members}


def long(**members: Any) -> dict[str, Any]:
    """A summary so long that it is looked through before it is read."""
    return summary(**{"findings": [finding(f"CVE-2026-{index}") for index in range(3_000)], **members})


@pytest.mark.parametrize("document", [summary(), long()], ids=["short", "long"])
def test_a_summary_says_the_same_as_one_that_comes_alone(document: dict[str, Any]) -> None:
    """Its scores, measures and findings are the project's own words."""
    facts, alone = said(READER, document), read_summary(document)
    assert (facts.summaries, facts.rows) == (alone.summaries, alone.findings)
    assert (facts.tool, facts.version, facts.findings) == ("scorer", "2.1", None)


def test_without_findings_nobody_looked() -> None:
    """An empty list found none."""
    assert said(READER, summary(findings=None)).rows is None
    assert said(READER, summary(findings=[])).rows == []


def test_every_fault_is_told_with_file_format_and_place() -> None:
    """As where a summary comes alone."""
    with pytest.raises(CaptureRefused) as caught:
        said(READER, summary(summaries={"scaa": {}, "sca": {"score": 101}}))
    assert {str(fault).partition("stillframe.summary/1: ")[0] for fault in caught.value.faults} == {
        f"{NAME}: $.summaries.scaa: ",
        f"{NAME}: $.summaries.sca.score: ",
    }


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (long(other=1), "$: stillframe.summary/1: Object contains unknown field `other`"),
        (long(summaries={"sca": {"measures": [{"idd": 1}]}}), "$.summaries.sca.measures[0]: "),
        (long(findings=[finding(str(index), title="a\nb") for index in range(3_000)]), "$.findings[0].title: "),
        (long(findings=[finding("x" * 513)] * 3_000), "$.findings[0].id: "),
        (long(findings=[finding(str(index)) for index in range(50_001)]), "$.findings"),
        (long(tool="x" * MOST_SUMMARY_BYTES), "more than 16,777,216 bytes"),
    ],
    ids=["unknown", "measure", "title", "id", "many", "size"],
)
def test_a_long_summary_is_refused_at_its_first_fault(document: dict[str, Any], words: str) -> None:
    """So that a hostile one cannot cost a list of a million faults."""
    assert words in refusal(READER, document)


def test_it_is_known_by_its_schema_whatever_its_version() -> None:
    """Another version is refused by the reader that knows which there are."""
    assert READER.recognises(look_at(written(summary(schema="stillframe.summary/2"))))
    assert "stillframe.summary/1" in refusal(READER, summary(schema="stillframe.summary/2"))
    assert not READER.recognises(look_at(b'{"schema": "stillframe.gate/1"}'))


def test_damaged_summaries_are_refused_or_read() -> None:
    """Never anything else."""
    assert_law(READER, [written(summary())])


def test_no_summary_costs_more_memory_than_there_is() -> None:
    """Whatever it is that there is too much of."""
    assert_bounded(READER, [written(summary())])
