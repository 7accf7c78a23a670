"""Tool reports over HTTP: what is sent is in the record byte for byte, or nothing is."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from stillframe.api.evidence import ALIAS, PREFIX
from tests.api.cast import Form, House, coverage
from tests.api.test_problems import assert_problem, paths

PROJECT = "team/my-service"
PATH = f"/api/projects/{PROJECT}/reports"


@pytest.fixture
def project(house: House) -> House:
    """The house with a project, slashes in its name, that Alice edits and Bob reads."""
    house.made("admin", "/api/groups", {"id": "team-a"})
    for name, role in (("alice", "editor"), ("bob", "viewer")):
        house.ask("admin", "PUT", f"/api/groups/team-a/members/{name}", json={"role": role})
    house.made("alice", "/api/projects", {"name": PROJECT, "group_id": "team-a"})
    return house


def taken(house: House, data: bytes, **said: Any) -> dict[str, Any]:
    return house.made("alice", PATH, Form(request=said, reports={"coverage.json": data}))


def test_every_member_of_the_request_is_in_the_record(project: House) -> None:
    """And the initiator is who proved who they are."""
    said = {
        "reason": "nightly",
        "source_ref": "git:abc",
        "as_of": "2026-01-02T03:04:05.678Z",
        "immutable": True,
        "retention_class": "release",
        "analyzer_version": "mine 2",
        "rule_version": "rules 3",
        "trigger_source": "manual",
    }
    made = taken(project, coverage(), **said)
    assert {name: made[name] for name in said} == said
    assert made["initiator"] == "alice"


def test_the_evidence_of_a_report_is_the_hash_of_its_bytes(project: House) -> None:
    """Whoever sent it can compute the same, and its name is the file's."""
    data = coverage() + b"\n"
    (found,) = [one for one in taken(project, data)["source_bundle"] if one["name"] == "coverage.json"]
    assert (found["sha256"], found["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (found["tool"], found["parts"]) == ("coverage.py", ["quality"])


def test_an_answer_says_what_the_reports_make_of_the_health(project: House) -> None:
    """With what is missing: half a picture is no score."""
    health = taken(project, coverage())["health"]
    assert health["health_score_available"] is False
    assert health["health_score"] is None
    assert 0 < health["evidence_coverage"] < 1
    assert "sca_summary_missing" in health["reason_codes"]


@pytest.mark.parametrize("prefix", [PREFIX, ALIAS])
def test_the_health_of_a_project_is_read_at_its_name(project: House, prefix: str) -> None:
    """Before the first report nothing is known, and that is an answer."""
    path = f"{prefix}/snapshots/{PROJECT}/health"
    before = project.ask("bob", "GET", path).json()
    assert (before["persisted"], before["snapshot"], before["health_score"]) == (False, None, None)
    made = taken(project, coverage())
    after = project.ask("bob", "GET", path).json()
    assert after["persisted"] is True
    assert after["snapshot"]["id"] == made["id"]
    assert {name: after[name] for name in made["health"]} == made["health"]
    assert after["freshness"]["quality"] == "current"


@pytest.mark.parametrize("prefix", [PREFIX, ALIAS])
def test_a_snapshot_is_replayed_from_what_was_sent(project: House, prefix: str) -> None:
    """The stored reports give the same picture, to the last digit; nothing is stored by asking."""
    made = taken(project, coverage())
    answer = project.ask("bob", "POST", f"{prefix}/snapshots/{made['id']}/replay")
    assert answer.status_code == 200, answer.text
    replayed = answer.json()
    assert replayed["identical"] is True
    assert replayed["replayed_hash"] == replayed["content_hash"] == made["content_hash"]
    listed = project.ask("bob", "GET", f"{PREFIX}/snapshots?project_name={PROJECT}").json()["items"]
    assert [one["id"] for one in listed] == [made["id"]]


def test_what_was_not_made_from_reports_cannot_be_replayed(project: House) -> None:
    """Said in words."""
    group = project.made("alice", f"{PREFIX}/snapshots", {"scope": "group", "group_id": "team-a"})
    answer = project.ask("alice", "POST", f"{PREFIX}/snapshots/{group['id']}/replay")
    assert "replayed" in assert_problem(answer, 422, "invalid_input")["detail"]


def test_one_report_that_cannot_be_read_keeps_all_of_them_out(project: House) -> None:
    """Nothing is taken in half: the head stays, and the attempt is recorded with the file's name."""
    head = taken(project, coverage())
    form = Form(reports={"coverage.json": coverage(81), "junit.xml": b"<testsuite"})
    answer = project.ask("alice", "POST", PATH, files=form.parts())
    document = assert_problem(answer, 422, "capture_refused")
    assert any("junit.xml" in path for path in paths(document))
    assert document["attempt_id"]
    listed = project.ask("alice", "GET", f"{PREFIX}/snapshots?project_name={PROJECT}").json()["items"]
    assert [one["id"] for one in listed] == [head["id"]]


def test_who_only_reads_brings_no_report(project: House) -> None:
    """Bob sees the project; Charlie does not."""
    form = Form(reports={"coverage.json": coverage()}).parts()
    assert_problem(project.ask("bob", "POST", PATH, files=form), 403, "forbidden")
    assert_problem(project.ask("charlie", "POST", PATH, files=form), 404, "not_found")
    assert_problem(project.ask("bob", "GET", PATH), 404, "not_found")


def test_the_same_key_is_answered_alike_with_the_health_that_was_taken(project: House) -> None:
    """A pipeline that sends its reports twice reads the same score twice, and one snapshot was taken."""
    form = Form(request={}, reports={"coverage.json": coverage()})
    first, again = (
        project.ask("alice", "POST", PATH, files=form.parts(), headers={"Idempotency-Key": "run-7"}) for _ in range(2)
    )
    assert first.status_code == 201
    assert "health" in first.json()
    assert again.json() == first.json()
