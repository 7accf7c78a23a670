"""Exporting: one snapshot or a comparison, in three forms, the same bytes each time, and never more than is seen."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from stillframe.errors import Gone, InvalidInput, NotComparable, NotFound
from stillframe.flows.exporting import EXPORT_FORMATS, Exported, export_snapshot
from stillframe.model.identity import Caller
from tests.flows.room import Room
from tests.flows.scoped import SECRET, score, settle_in, take
from tests.store.cast import expire_payloads


@pytest.fixture(autouse=True)
def _settled(room: Room) -> None:
    settle_in(room)


def export(room: Room, snapshot_id: str, who: Caller | None = None, **asked: Any) -> Exported:
    return export_snapshot(room.services, who or room.bob, snapshot_id=snapshot_id, **{"format": "json", **asked})


def test_a_document_is_named_after_what_is_in_it(room: Room) -> None:
    """The ids, and an ending that says how to read it."""
    one, two = (score(room, "my-service", health).record.id for health in (80, 60))
    assert export(room, one).file_name == f"snapshot-{one}.json"
    compared = export(room, two, format="markdown", baseline_snapshot_id=one)
    assert compared.file_name == f"compare-{one}-{two}.md"
    assert compared.media_type.startswith("text/markdown")


def test_the_json_holds_the_payload_that_the_hash_names(room: Room) -> None:
    """Whoever has the file can check it without us."""
    record = score(room, "my-service", 80).record
    document = json.loads(export(room, record.id).content)
    assert record.content_hash in str(document)
    with room.services.store.read() as unit:
        assert hashlib.sha256(unit.snapshots.canonical(record.content_hash)).hexdigest() == record.content_hash


@pytest.mark.parametrize("form", ["json", "markdown"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_same_is_the_same_bytes(room: Room, form: str, language: str) -> None:
    """Of one snapshot and of a comparison, in every language, whenever it is asked."""
    one, two = (score(room, "my-service", health, critical=1).record.id for health in (80, 60))
    for baseline in (None, one):
        asked = {"format": form, "language_code": language, "baseline_snapshot_id": baseline}
        first = export(room, two, **asked).content
        room.clock.move(days=3)
        assert export(room, two, **asked).content == first


def test_a_reader_of_a_part_gets_that_part_only(room: Room) -> None:
    """The view's own hash stands where the whole's would, in either form, alone and compared."""
    ids = []
    for health in (10, 20):
        score(room, "my-service", 50 + health)
        score(room, SECRET, health)
        ids.append(take(room, "portfolio", "all").record)
    for form in ("json", "markdown"):
        for baseline in (None, ids[0].id):
            text = export(room, ids[1].id, format=form, baseline_snapshot_id=baseline).content.decode()
            for told in (SECRET, ids[0].content_hash, ids[1].content_hash):
                assert told not in text
            assert "my-service" in text


@pytest.mark.parametrize(("asked", "path"), [({"format": "docx"}, "$.format"), ({"language_code": "xx"}, "$.language")])
def test_what_nobody_can_write_is_refused_with_what_can_be(room: Room, asked: dict[str, str], path: str) -> None:
    """Before anything is read."""
    with pytest.raises(InvalidInput) as refused:
        export(room, "no-such", **asked)
    assert [fault.path for fault in refused.value.faults] == [path]


def test_what_is_hidden_expired_or_of_another_scope_is_not_exported(room: Room) -> None:
    """As it is not read and not compared."""
    mine, other, secret = (score(room, name, 50).record.id for name in ("my-service", "a/b", SECRET))
    with pytest.raises(NotComparable):
        export(room, mine, baseline_snapshot_id=other)
    for ids in ((secret, None), (mine, secret)):
        with pytest.raises(NotFound):
            export(room, ids[0], baseline_snapshot_id=ids[1])
    score(room, "my-service", 60)
    expire_payloads(room.settings.store_target)
    with pytest.raises(Gone):
        export(room, mine)


def test_the_forms_are_three() -> None:
    """What a body may say."""
    assert EXPORT_FORMATS == ("json", "markdown", "pdf")
