"""Upgrading a database of the first release: every snapshot, promise and word is what it was, and work goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from stillframe.errors import SchemaBehind, Unauthenticated
from stillframe.flows.autosnapshot import autosnapshot
from stillframe.flows.comparing import compare_snapshots
from stillframe.flows.deliveries import replay_delivery
from stillframe.flows.dispatch import deliver_due
from stillframe.flows.groups import create_group
from stillframe.flows.history import list_attempts
from stillframe.flows.idempotency import KeptAnswer, begin
from stillframe.flows.identity import authenticate, local_caller
from stillframe.flows.projects import create_project
from stillframe.flows.scopes import take_scope_snapshot
from stillframe.flows.services import Services
from stillframe.flows.snapshots import SnapshotRequest, take_snapshot
from stillframe.model.canonical import canonical_bytes
from stillframe.model.dashboard import Dashboard
from stillframe.model.identity import Caller
from stillframe.model.scope import Scope
from stillframe.store import Store, packed_report
from stillframe.store.connect import open_engine
from stillframe.store.inspection import inspected
from stillframe.testing import MemoryChannel
from tests.store.cast import Scene, user
from tests.store.first_release import TOKEN, held, opened, write_first_release
from tests.store.kept import decision, suppression

HELD = held()
BOARDS: dict[str, Any] = {found["dashboard"]["slug"]: found for found in HELD["dashboards"].values()}


@pytest.fixture
def old(target: str, tmp_path: Path) -> str:
    """Where a database of the first release is."""
    write_first_release(target, tmp_path)
    return target


@pytest.fixture
def channel() -> MemoryChannel:
    """Where letters go."""
    return MemoryChannel()


@pytest.fixture
def services(old: str, tmp_path: Path, channel: MemoryChannel) -> Iterator[Services]:
    """The upgraded installation."""
    with opened(old, tmp_path, channel) as found:
        yield found


def alice(services: Services) -> Caller:
    return authenticate(services, TOKEN.format("alice"))


def board_id(slug: str) -> str:
    found: str = BOARDS[slug]["dashboard"]["id"]
    return found


def wire(value: Any) -> Any:
    """Return a value as it reads after a way through JSON."""
    return json.loads(json.dumps(value))


def _known(found: Sequence[Any], wanted: Sequence[Mapping[str, Any]]) -> Any:
    """Return what things say now, of it the members that the first release knew."""
    members = {name for document in wanted for name in document}
    return wire([{name: said for name, said in one.as_dict().items() if name in members} for one in found])


def test_an_older_schema_is_not_used_before_it_is_migrated(old: str) -> None:
    """Whoever did not ask for a migration is told to."""
    with pytest.raises(SchemaBehind):
        Store.open(old, create=False)
    Store.open(old, create=True).close()
    Store.open(old, create=False).close()


@pytest.mark.parametrize("slug", sorted(BOARDS))
def test_every_snapshot_is_what_it_was(services: Services, slug: str) -> None:
    """The same ids in the same order, the same records, and payloads that are what their hashes say."""
    members = HELD["record_members"]
    with services.store.read() as unit:
        records = unit.snapshots.list(board_id(slug), limit=1000).items[::-1]
        found = []
        for record in records:
            said = record.as_dict()
            digest = hashlib.sha256(canonical_bytes({name: said[name] for name in members})).hexdigest()
            canonical = unit.snapshots.canonical(record.content_hash)
            assert hashlib.sha256(canonical).hexdigest() == record.content_hash
            snapshot = unit.snapshots.get(record.id)
            assert snapshot is not None
            assert canonical_bytes(snapshot.payload.as_dict()) == canonical
            found.append([record.id, digest, record.content_hash, len(canonical)])
    assert found == BOARDS[slug]["snapshots"]


@pytest.mark.parametrize("slug", sorted(BOARDS))
def test_heads_series_promises_and_words_are_what_they_were(services: Services, slug: str) -> None:
    """
    Nothing that was promised is forgotten, and nothing that was measured.

    A series has one value more for an empty capture that was accepted: the first release kept it and did not show it.
    """
    wanted, here = BOARDS[slug], board_id(slug)
    with services.store.read() as unit:
        head = unit.heads.get(here)
        dashboard = unit.dashboards.get(here)
        assert dashboard is not None
        assert {name: dashboard.as_dict()[name] for name in wanted["dashboard"]} == wanted["dashboard"]
        assert {name: str(getattr(head, name)) for name in wanted["head"]} == wanted["head"]
        for metric, points in wanted["series"].items():
            values = unit.series.values(here, metric)
            shown = [point for point in values if not unit.snapshots.accepted(point.snapshot_id)]
            assert [[point.sequence, point.value] for point in shown] == points
        subscriptions = unit.subscriptions.list(here, None)
        assert [found.as_dict()["on"] for found in subscriptions] == ["change"] * len(subscriptions)
        assert all(found.calm.is_none and found.importance == "normal" for found in subscriptions)
        assert _known(subscriptions, wanted["subscriptions"]) == wanted["subscriptions"]
        for subscription_id, entries in wanted["deliveries"].items():
            kept = unit.outbox.deliveries(subscription_id, limit=1000).items
            assert _known(kept, entries) == entries
        assert wire([found.as_dict() for found in unit.comments.list(here, limit=1000).items]) == wanted["comments"]
    attempts = list_attempts(services, local_caller(services, "root"), dashboard_ref=here, limit=100).items
    assert wire([found.as_dict() for found in attempts]) == wanted["attempts"]


def test_people_their_tokens_and_inboxes_are_what_they_were(services: Services) -> None:
    """Who could come in still can, and who could not still cannot."""
    assert alice(services).is_admin
    assert authenticate(services, TOKEN.format("bob")).role == "viewer"
    with pytest.raises(Unauthenticated):
        authenticate(services, TOKEN.format("carol"))
    with services.store.read() as unit:
        people = {user.name: [user.id, user.role, user.disabled_at is not None] for user in unit.users.list()}
        assert people == HELD["people"]
        for name, (user_id, *_) in people.items():
            lines = unit.notifications.list(user_id, limit=1000).items
            assert wire([line.as_dict() for line in lines]) == HELD["inbox"][name]


def test_a_request_made_before_the_upgrade_is_not_made_again_after_it(services: Services) -> None:
    """An Idempotency-Key outlives the upgrade."""
    found = begin(services, alice(services), route="POST /kept", key="k-1", body=b"{}")
    assert isinstance(found, KeptAnswer)
    assert (found.status, found.document) == (201, {"id": "kept"})


def test_what_waited_to_be_sent_is_sent(services: Services, channel: MemoryChannel) -> None:
    """A promise made by the first release is kept by this one, to the address that only the key opens."""
    waiting = {
        entry["id"]
        for board in BOARDS.values()
        for entries in board["deliveries"].values()
        for entry in entries
        if entry["state"] == "pending"
    }
    assert waiting
    services.clock.move(days=1)  # type: ignore[attr-defined]  # because it is a clock that stands
    deliver_due(services, seconds=20)
    assert {letter.delivery_id for letter in channel.letters} == waiting
    assert {letter.address for letter in channel.letters} <= {
        "https://example.org/hook/one",
        "https://example.net/hook/two",
        "https://example.com/hook/three",
    }


def test_what_was_sent_can_be_sent_again(services: Services, channel: MemoryChannel) -> None:
    """The letter is built from what the first release stored."""
    (sent, *_) = [
        entry["id"]
        for entries in BOARDS["kinds"]["deliveries"].values()
        for entry in entries
        if entry["state"] == "sent" and entry["tries"]
    ]
    replay_delivery(services, alice(services), delivery_id=sent)
    deliver_due(services, seconds=20)
    assert sent in {letter.delivery_id for letter in channel.letters}


@pytest.mark.parametrize("slug", sorted(BOARDS))
def test_the_next_capture_follows_the_last_one(services: Services, slug: str) -> None:
    """The next number, the head as its parent, a readable payload upon the old chain, and a diff with old ones."""
    if slug == "timed":
        services.clock.move(hours=1)  # type: ignore[attr-defined]  # because it is a clock that stands
        (tick,) = autosnapshot(services, wait_for_sends=True)
        assert tick.taken is not None
        taken = tick.taken
    else:
        key = "name" if slug == "changed" else "id"
        data = {"board": [{key: "new", "score": 99}, {key: "a", "score": 1}], "total": 1_000}
        request = SnapshotRequest(data=data)
        taken = take_snapshot(
            services, alice(services), dashboard_ref=board_id(slug), request=request, wait_for_sends=True
        )
    before = BOARDS[slug]["snapshots"]
    assert taken.record.sequence == len(before) + 1
    assert taken.record.parent_snapshot_id == BOARDS[slug]["head"]["head_snapshot_id"]
    with services.store.read() as unit:
        assert (
            hashlib.sha256(unit.snapshots.canonical(taken.record.content_hash)).hexdigest() == taken.record.content_hash
        )
    compared = compare_snapshots(services, alice(services), from_id=before[0][0], to_id=taken.record.id)
    assert compared.a.record.id == before[0][0]
    if slug == "kinds":
        assert taken.dispatch.matched >= 2


def test_a_slot_that_was_taken_is_not_taken_again(services: Services) -> None:
    """The timer goes on where it was."""
    assert autosnapshot(services, wait_for_sends=True) == []


def test_scopes_begin_on_an_upgraded_database(services: Services) -> None:
    """Groups, projects and portfolios are there for a house that never had them."""
    root = local_caller(services, "root")
    create_group(services, root, group_id="team-a")
    create_project(services, root, name="my-service", group_id="team-a")
    for scope in (
        Scope(kind="project", name="my-service"),
        Scope(kind="group", name="team-a"),
        Scope(kind="portfolio", name="all"),
    ):
        taken = take_scope_snapshot(services, root, scope=scope, request=SnapshotRequest())
        assert (taken.record.sequence, taken.record.scope_ref) == (1, scope.ref)


def test_reports_gates_and_suppressions_begin_on_an_upgraded_database(services: Services, old: str) -> None:
    """There were none before; a board of the first release can keep them, and the doctor finds nothing."""
    here = Scene(store=services.store, alice=user(), dashboard=_board(services, "kinds"))
    with services.store.write() as unit:
        assert unit.reports.standing(["ab" * 32]) == set()
        assert unit.gates.list(None, limit=9).items == []
        decided, suppressed = decision(here), suppression()
        unit.gates.add(decided)
        unit.suppressions.add(suppressed)
        unit.reports.keep([packed_report(b"report")])
    with services.store.read() as unit:
        assert unit.gates.get(decided.id) == decided
        assert unit.suppressions.active("my-service", suppressed.created_at) == [suppressed]
        assert unit.reports.get(hashlib.sha256(b"report").hexdigest()) == b"report"
        rules = {group.rule_id for group in unit.subscriptions.groups(here.dashboard.id)}
        listed = unit.subscriptions.list(here.dashboard.id, None)
        assert rules == {found.rule_id for found in listed if found.state == "active"}
    assert [found.message for found in inspected(old) if found.level == "broken"] == []


def _board(services: Services, slug: str) -> Dashboard:
    with services.store.read() as unit:
        found = unit.dashboards.get(board_id(slug))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "statement", ["UPDATE snapshots SET reason='x'", "DELETE FROM snapshots", "DELETE FROM payloads"]
)
def test_old_evidence_is_guarded_like_new(services: Services, old: str, statement: str) -> None:
    """The triggers hold for what the first release wrote."""
    engine = open_engine(old)
    with pytest.raises(Exception, match=r"never|must be kept"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_the_doctor_finds_it_healthy(services: Services, old: str) -> None:
    """Every payload is what its hash says, every chain is whole, and the schema is this program's."""
    found = list(inspected(old))
    assert found
    assert [(one.check, one.message) for one in found if one.level != "ok" and one.check != "library"] == []
