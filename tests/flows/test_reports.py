"""Reports in, snapshot out: whole or not at all, scored, told of by the ordinary rules, kept byte for byte."""

from __future__ import annotations

import pytest

from stillframe.errors import CaptureRefused, Forbidden, InvalidInput, NotFound
from stillframe.flows.replay import replay_snapshot
from stillframe.flows.storing import SnapshotRequest
from stillframe.model.payload import Table
from stillframe.model.snapshot import Snapshot
from tests.flows import scoped
from tests.flows.gated import PROJECT, bandit, bring, check, coverage, pip_audit, report
from tests.flows.room import Room

DASHBOARD = f"project:{PROJECT}"


@pytest.fixture(autouse=True)
def _teams(room: Room) -> None:
    scoped.settle_in(room)


def shown(room: Room) -> Snapshot:
    with room.services.store.read() as unit:
        head_id = unit.heads.get(DASHBOARD).head_snapshot_id
        assert head_id is not None
        found = unit.snapshots.get(head_id)
    assert found is not None
    return found


def test_reports_become_the_projects_picture_and_their_bytes_are_kept(room: Room) -> None:
    """The record names each report with its tool and hash, and under that hash the same bytes are found."""
    given = bandit(high=2, medium=1)
    taken = bring(room, given, coverage(80), source_ref="4be1f0a").taken
    entries = {entry["name"]: entry for entry in taken.record.source_bundle}
    assert list(entries) == ["reading", "bandit.json", "coverage.json"]
    assert entries["bandit.json"] | {"sha256": "", "bytes": 0} == {
        "name": "bandit.json", "sha256": "", "bytes": 0, "tool": "bandit", "version": None, "format": "bandit",
        "reader": 1, "parts": ["audit", "quality"],
    }  # fmt: skip
    with room.services.store.read() as unit:
        assert unit.reports.get(entries["bandit.json"]["sha256"]) == given.read()
    assert taken.record.analyzer_version == "bandit; coverage.py 7.10.0"
    payload = shown(room).payload
    assert {found["id"]: found["value"] for found in payload.summaries["audit"]["measures"]}["high"] == 2
    assert len(payload.tables["findings"].rows) == 3


def test_a_finding_that_only_moved_is_neither_new_nor_fixed(room: Room) -> None:
    """Lines inserted above change no finding, and so no picture: even the hash is the same."""
    first = bring(room, bandit(high=2)).taken
    moved = bring(room, bandit(high=2, below=3)).taken
    assert moved.record.content_hash == first.record.content_hash
    assert moved.diff_summary is not None
    assert moved.diff_summary["headline"] == "Nothing changed"


def test_a_picture_of_reports_replaces_the_whole(room: Room) -> None:
    """What the new reports do not say is missing from then on, neither bad nor good."""
    bring(room, bandit(high=1), coverage(80))
    bring(room, bandit(high=1))
    assert "coverage.line" not in {found["id"] for found in shown(room).payload.summaries["quality"]["measures"]}


def test_ordinary_rules_tell_of_a_projects_dimension(room: Room) -> None:
    """One grammar serves boards and projects: bob hears that SCA regressed, and only then."""
    bring(room, bandit(high=1), pip_audit())
    with room.services.store.read() as unit:
        dashboard = unit.dashboards.get(DASHBOARD)
    assert dashboard is not None
    room.subscribe(dashboard, "bob", {"dimension_state": "regressed", "on_dimension": "sca"}, caller=room.bob)
    assert bring(room, bandit(high=5), pip_audit()).taken.dispatch.matched == 0
    taken = bring(room, bandit(high=5), pip_audit("CVE-2026-0001"))
    assert taken.taken.dispatch.delivered == 1


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (report("empty.json", b""), "empty.json: the report is empty"),
        (report("photo.png", b"\x89PNG\r\n\x1a\n\x00"), "photo.png: this is no text"),
        (report("odd.json", b'{"odd": true}'), "odd.json: this is none of the formats"),
        (
            report("cut.json", b'{"errors": [], "generated_at": "x", "metrics": {}, "results": [{"test'),
            "cut.json: byte",
        ),
        (report("gate.json", b'{"schema": "stillframe.gate/1", "decision": "pass"}'), "only Stillframe itself writes"),
    ],
)
def test_one_bad_report_refuses_all_of_them(room: Room, bad: object, said: str) -> None:
    """Nothing is taken in half: the project keeps its last state, and the attempt says what was wrong where."""
    bring(room, bandit(high=1))
    before = shown(room).record
    with pytest.raises(CaptureRefused) as refusal:
        bring(room, bandit(high=4), bad)  # type: ignore[arg-type]  # because the table holds reports
    assert said in refusal.value.message
    assert shown(room).record == before
    with room.services.store.read() as unit:
        [attempt] = unit.attempts.list(DASHBOARD, limit=5).items
    assert said in attempt.message
    assert refusal.value.attempt_id == attempt.id


def test_two_reports_of_one_name_are_refused_and_the_same_report_twice_counts_once(room: Room) -> None:
    """Errors and evidence must be able to say which; the same bytes under two names are one answer."""
    with pytest.raises(CaptureRefused, match="have this name"):
        bring(room, bandit(high=1), bandit(high=2))
    taken = bring(room, bandit(high=2), bandit(name="again.json", high=2)).taken
    assert [entry["name"] for entry in taken.record.source_bundle] == ["reading", "bandit.json"]


def test_who_may_bring_reports(room: Room) -> None:
    """An editor of the project's group; a reader is refused, and a stranger learns nothing."""
    with pytest.raises(Forbidden):
        bring(room, bandit(high=1), who=room.bob)
    with pytest.raises(NotFound):
        bring(room, bandit(high=1), who=room.charlie)
    with pytest.raises(InvalidInput, match="at least one report"):
        bring(room)


@pytest.mark.parametrize(
    "said", [SnapshotRequest(retention_class="odd"), SnapshotRequest(reason="x" * 3_000)], ids=["class", "reason"]
)
def test_what_no_snapshot_may_say_is_refused_before_a_report_is_read(room: Room, said: SnapshotRequest) -> None:
    """A wrong member is not found after minutes of reading."""
    with pytest.raises(InvalidInput):
        bring(room, report("empty.json", b""), reason=said.reason, retention_class=said.retention_class)


def test_a_carried_frame_keeps_reports_formula_and_replay(room: Room) -> None:
    """A frame without reports carries what is known, with everything that proves it."""
    first = bring(room, bandit(high=1)).taken.record
    carried = scoped.take(room, "project", PROJECT, reason="before the move").record
    assert (carried.content_hash, carried.formula_digest, carried.source_bundle) == (
        first.content_hash, first.formula_digest, first.source_bundle,
    )  # fmt: skip
    assert replay_snapshot(room.services, room.bob, snapshot_id=carried.id)["identical"]


def test_a_group_ranks_its_projects_by_what_their_reports_say(room: Room) -> None:
    """The group's picture needs no reports of its own; a project without a score stands last."""
    check(room, bandit(high=1))
    scoped.score(room, "a/b", 91)
    taken = scoped.take(room, "group", "team-a")
    with room.services.store.read() as unit:
        snapshot = unit.snapshots.get(taken.record.id)
    assert snapshot is not None
    table = snapshot.payload.panels["projects"]
    assert isinstance(table, Table)
    assert [(row["project"], row["release"]) for row in table.rows] == [("a/b", None), (PROJECT, 100)]
