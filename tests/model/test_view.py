"""What a reader sees of a snapshot: the whole by its content's name, or less by the view's own."""

from __future__ import annotations

from dataclasses import replace

from stillframe.model.payload import Payload
from stillframe.model.snapshot import Snapshot
from stillframe.model.view import SnapshotView, seen_record, whole
from tests.model.test_snapshot import RECORD

PAYLOAD = Payload(panels={})
WHOLE = whole(Snapshot(record=RECORD, payload=PAYLOAD))
PART = SnapshotView(record=RECORD, payload=PAYLOAD, view_hash="f" * 64)


def test_whoever_sees_the_whole_sees_its_hash() -> None:
    """It names what they have, and can be checked against it."""
    assert not WHOLE.redacted
    assert WHOLE.hash == RECORD.content_hash
    document = WHOLE.as_dict()
    assert (document["content_hash"], document["view_hash"], document["redacted"]) == (RECORD.content_hash, None, False)
    assert document["materialized_data"] == {}


def test_a_view_never_says_the_wholes_hash() -> None:
    """Who may not see the members could otherwise test guesses of what they are against it."""
    assert PART.redacted
    assert PART.hash == "f" * 64
    for document in (PART.record_dict(), PART.as_dict(), seen_record(RECORD, view_hash=None, redacted=True)):
        assert document["redacted"] is True
        assert document["content_hash"] is None
        assert RECORD.content_hash not in repr(document)


def test_both_say_the_same_members() -> None:
    """A program reads one form."""
    assert WHOLE.as_dict().keys() == PART.as_dict().keys()
    assert WHOLE.as_snapshot == Snapshot(record=RECORD, payload=PAYLOAD)
    assert replace(PART, view_hash=None).as_dict() == WHOLE.as_dict()
