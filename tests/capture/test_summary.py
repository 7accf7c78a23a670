"""Summary documents: taken whole with their numbers as they are, or refused with the place of every fault."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture import read_summary, summary_schema
from stillframe.errors import CaptureRefused
from stillframe.health import project_payload
from stillframe.model.canonical import canonical_bytes
from stillframe.model.scope import DIMENSIONS

DOCUMENT: dict[str, Any] = {
    "schema": "stillframe.summary/1",
    "tool": "scorer",
    "version": "2.1",
    "summaries": {
        "sca": {
            "score": 71.0,
            "tolerance": 0.5,
            "measures": [{"id": "critical", "value": 2, "better": "lower", "unit": "findings"}],
        }
    },
    "findings": [{"id": "CVE-2026-1", "dimension": "sca", "severity": "critical", "title": "A flaw"}],
}


def changed(**members: Any) -> dict[str, Any]:
    return {**DOCUMENT, **members}


def refusals(document: Any) -> dict[str, str]:
    with pytest.raises(CaptureRefused) as caught:
        read_summary(document)
    return {fault.path.removeprefix("$.summaries"): fault.message for fault in caught.value.faults}


def test_a_document_becomes_summaries_findings_and_who_made_them() -> None:
    """Whole floats become integers, as everywhere in payloads."""
    found = read_summary(DOCUMENT)
    assert (found.tool, found.version) == ("scorer", "2.1")
    assert found.summaries["sca"]["score"] == 71
    assert isinstance(found.summaries["sca"]["score"], int)
    assert found.summaries["sca"]["measures"][0]["value"] == 2
    assert found.findings == [
        {"id": "CVE-2026-1", "dimension": "sca", "severity": "critical", "title": "A flaw", "location": None}
    ]


def test_text_bytes_and_a_mapping_are_the_same_document() -> None:
    """A file on the command line and the member of a body mean the same."""
    text = json.dumps(DOCUMENT)
    assert read_summary(text) == read_summary(text.encode()) == read_summary(DOCUMENT)


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        (changed(schema="stillframe.summary/2"), ".schema", "stillframe.summary/1"),
        ({"summaries": {}}, ".schema", "required"),
        (changed(summary={}), ".summary", "did you mean 'summaries'"),
        (changed(summaries={"scaa": {}}), ".summaries.scaa", "did you mean 'sca'"),
        (changed(summaries={"sca": {"scor": 1}}), ".summaries.sca.scor", "did you mean 'score'"),
        (changed(summaries={"sca": {"score": 101}}), ".summaries.sca.score", "100"),
        (changed(summaries={"sca": {"score": True}}), ".summaries.sca.score", "valid"),
        (changed(summaries={"sca": {"measures": [{"id": "a b"}]}}), ".summaries.sca.measures[0].id", "pattern"),
        (
            changed(summaries={"sca": {"measures": [{"id": "a"}, {"id": "a"}]}}),
            ".summaries.sca.measures[1].id",
            "twice",
        ),
        (changed(summaries={"sca": {"measures": [{"id": "score"}]}}), ".summaries.sca.measures[0].id", "own score"),
        (
            changed(summaries={"sca": {"measures": [{"id": "a", "value": 2**60}]}}),
            ".summaries.sca.measures[0].value",
            "2^53",
        ),
        (
            changed(summaries={"sca": {"measures": [{"id": "a", "value": float("nan")}]}}),
            ".summaries.sca.measures[0].value",
            "",
        ),
        (changed(findings=[DOCUMENT["findings"][0]] * 2), ".findings[1].id", "twice"),
        (changed(findings=[{"id": "x", "dimension": "sca", "severity": "bad"}]), ".findings[0].severity", "critical"),
        (changed(findings=[{"id": "x", "dimension": "sca", "line": 3}]), ".findings[0].line", "unknown member"),
        ([], "", "an object is expected"),
        ('{"schema": 1, "schema": 2}', "", "twice"),
        (b"{", "", "not JSON"),
        (b"\xff", "", "not UTF-8"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(document: Any, path: str, words: str) -> None:
    """Where, and what is allowed there; nothing is taken in half."""
    found = refusals(document)
    assert path in found
    assert words in found[path]


def test_one_wrong_number_is_told_of_once() -> None:
    """A value that is neither an integer nor a float is one fault and not two."""
    document = changed(summaries={"sca": {"measures": [{"id": "a", "value": "3"}]}})
    assert list(refusals(document)) == [".summaries.sca.measures[0].value"]


numbers = st.one_of(st.integers(-(2**53) + 1, 2**53 - 1), st.floats(-1e9, 1e9))
measures = st.lists(
    st.fixed_dictionaries(
        {"id": st.text("abcXYZ_", min_size=1, max_size=8).filter(lambda text: text != "score")},
        optional={"value": st.one_of(st.none(), numbers), "better": st.sampled_from(["higher", "lower", "none"])},
    ),
    max_size=4,
    unique_by=lambda found: found["id"],
)
dimensions = st.fixed_dictionaries({}, optional={"score": st.integers(0, 100), "measures": measures})


@given(st.dictionaries(st.sampled_from(DIMENSIONS), dimensions))
def test_whatever_is_taken_can_be_stored_and_is_what_the_schema_allows(summaries: dict[str, Any]) -> None:
    """The published schema and the reader agree, and the payload has canonical bytes."""
    document = {"schema": "stillframe.summary/1", "summaries": summaries}
    jsonschema.validate(document, summary_schema())
    found = read_summary(document)
    assert canonical_bytes(project_payload(found.summaries).as_dict())
    assert list(found.summaries) == [name for name in DIMENSIONS if name in summaries]
