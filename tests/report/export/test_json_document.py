"""Reports as JSON: canonical, checkable against the hashes, and of a view nothing of the whole."""

from __future__ import annotations

import json

from hypothesis import given

from stillframe.model.canonical import canonical_bytes, content_hash
from stillframe.report.export import Compared, attachment_of, compare_json, snapshot_json
from tests.report.export.frames import carriers, compared, comparisons, frame, health

WHOLE = b"c0ffee" + b"0" * 58


def test_the_payload_has_the_hash_that_the_record_names() -> None:
    """Whoever holds the file can prove it without asking anybody."""
    for view in (frame(carriers("HA", "UA")), frame(health(71, critical=2), redacted=True)):
        document = json.loads(snapshot_json(view, title="Carriers"))
        assert document["schema"] == "stillframe.export/1"
        assert document["kind"] == "snapshot"
        assert document["dashboard"] == {"id": "carriers", "title": "Carriers"}
        named = document["snapshot"]["view_hash"] or document["snapshot"]["content_hash"]
        assert content_hash(canonical_bytes(document["payload"])) == named
        assert content_hash(attachment_of(view).content) == named


def test_a_view_carries_its_own_hash_and_nothing_of_the_whole() -> None:
    """The whole goes only to those who see all members."""
    pair = compared(health(88), health(71), redacted=True)
    for made in (snapshot_json(pair.b, title="p"), compare_json(pair, title="p"), attachment_of(pair.b).content):
        assert WHOLE not in made
    document = json.loads(compare_json(pair, title="p"))
    for name, view in (("snapshot_a", pair.a), ("snapshot_b", pair.b)):
        assert document[name]["redacted"] is True
        assert document[name]["view_hash"] == view.view_hash
        assert document[name]["content_hash"] is None


def test_a_compare_document_holds_the_whole_diff() -> None:
    """A program gets every entry; the lists are for people."""
    before = carriers(*(f"c{number}" for number in range(200)))
    after = carriers(*(f"c{number}" for number in reversed(range(200))))
    pair = compared(before, after, drilldown={"categories": {}, "previews": {}})
    document = json.loads(compare_json(pair, title="Carriers"))
    assert document["kind"] == "compare"
    assert document["diff"] == json.loads(json.dumps(pair.diff.as_dict()))
    assert document["comparability"] == {"level": "full", "reasons": []}
    assert document["trend_direction"] == "stable"
    assert document["headline"].startswith("c199 rose from 200th to 1st")
    assert document["drilldown"] == {"categories": {}, "previews": {}}


def test_an_attachment_is_called_by_its_snapshot() -> None:
    """Two attachments of one document are told apart."""
    assert attachment_of(frame(carriers("HA"), sequence=7)).name == "snapshot-019aa2f0-0000-7000-8000-000000000007.json"


@given(made=comparisons())
def test_documents_are_canonical(made: tuple[Compared, str]) -> None:
    """The same input gives the same bytes, on every machine and in every language."""
    pair, title = made
    for document in (snapshot_json(pair.a, title=title), compare_json(pair, title=title)):
        assert canonical_bytes(json.loads(document, parse_int=float)) == document


def test_a_difference_beyond_a_doubles_whole_numbers_is_written() -> None:
    """Two cells that JSON can say may be further apart than any whole number that it can say."""
    most = 2**53 - 1
    pair = compared(carriers("HA", papers=-most), carriers("HA", papers=most))
    (metric,) = json.loads(compare_json(pair, title=""))["diff"]["metric_deltas"]
    assert metric["delta"] == float(2 * most)
