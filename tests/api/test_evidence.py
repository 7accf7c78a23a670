"""The evidence store over HTTP: every address under both names, every member of a body, and files that are files."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest
import rfc8785

from stillframe.api.evidence import ALIAS, PREFIX
from tests.api.cast import House
from tests.stories.estate import summary

PROJECT = "my-service"


@pytest.fixture
def evidence(house: House) -> House:
    """The house with a group that Alice edits and Bob reads, and a project in it."""
    house.made("admin", "/api/groups", {"id": "team-a"})
    for name, role in (("alice", "editor"), ("bob", "viewer")):
        answer = house.ask("admin", "PUT", f"/api/groups/team-a/members/{name}", json={"role": role})
        assert answer.is_success, answer.text
    house.made("admin", "/api/projects", {"name": PROJECT, "group_id": "team-a"})
    return house


def scored(house: House, health: float, **members: Any) -> dict[str, Any]:
    """Keep a summary of the project, as Alice."""
    body = {"scope": "project", "project_name": PROJECT, "summaries": summary(health), **members}
    return house.made("alice", f"{PREFIX}/snapshots", body)


def test_every_member_of_a_body_is_in_the_record(evidence: House) -> None:
    """And the initiator is who proved who they are."""
    said = {
        "reason": "pre-hardening",
        "source_ref": "git:abc",
        "as_of": "2026-01-02T03:04:05.678Z",
        "immutable": True,
        "retention_class": "release",
        "analyzer_version": "mine 2",
        "rule_version": "rules 3",
        "trigger_source": "manual",
    }
    taken = scored(evidence, 80, **said)
    assert {name: taken[name] for name in said} == said
    assert taken["initiator"] == "alice"


@pytest.mark.parametrize("member", ["initiator", "group", "members", "sequence", "timestamp"])
def test_a_member_that_no_body_has_is_refused(evidence: House, member: str) -> None:
    """Nothing that widens what one may do, or says what the product says, gets in."""
    body = {"scope": "project", "project_name": PROJECT, member: "x"}
    answer = evidence.ask("alice", "POST", f"{PREFIX}/snapshots", json=body)
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == [f"$.{member}"]


def test_the_evidence_of_a_summary_is_the_hash_of_its_canonical_form(evidence: House) -> None:
    """Whoever sent it can compute the same."""
    (found,) = scored(evidence, 80)["source_bundle"]
    canonical = rfc8785.dumps(summary(80))
    assert (found["sha256"], found["bytes"]) == (hashlib.sha256(canonical).hexdigest(), len(canonical))


@pytest.mark.parametrize("prefix", [PREFIX, ALIAS])
def test_both_names_of_the_store_answer_alike(evidence: House, prefix: str) -> None:
    """What is written by one is read by the other."""
    taken = scored(evidence, 80)
    for path in (f"/snapshots/{taken['id']}", "/snapshots", "/snapshots/policy", f"/snapshots/{PROJECT}/trends"):
        assert evidence.ask("bob", "GET", prefix + path).json() == evidence.ask("bob", "GET", PREFIX + path).json()
    body = {"from_snapshot_id": taken["id"], "to_snapshot_id": taken["id"]}
    answer = evidence.ask("bob", "POST", f"{prefix}/snapshots/compare", json=body)
    assert answer.json()["trend_direction"] == "stable"


@pytest.mark.parametrize(("form", "media"), [("json", "application/json"), ("markdown", "text/markdown")])
def test_an_export_is_a_file_to_keep(evidence: House, form: str, media: str) -> None:
    """With a name, a kind, and an order not to guess another one."""
    taken = scored(evidence, 80)
    answer = evidence.ask("bob", "POST", f"{PREFIX}/snapshots/{taken['id']}/export", json={"format": form})
    assert answer.headers["Content-Type"].startswith(media)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert f'filename="snapshot-{taken["id"]}.' in answer.headers["Content-Disposition"]
    if form == "json":
        assert rfc8785.dumps(json.loads(answer.content)) == answer.content.strip()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ({"from_snapshot_id": "x"}, "$.to_snapshot_id"),
        ({"project_name": PROJECT, "from_timestamp": "2026-01-01T00:00:00Z"}, "$.to_timestamp"),
        ({"project_name": PROJECT, "to_timestamp": "2026-01-01T00:00:00Z"}, "$.from_timestamp"),
        ({"project_name": PROJECT, "from_timestamp": "yesterday", "to_timestamp": "now"}, "$.from_timestamp"),
    ],
)
def test_a_comparison_names_both_of_its_ends(evidence: House, body: dict[str, Any], path: str) -> None:
    """The one that is missing, or is no time, is named."""
    answer = evidence.ask("bob", "POST", f"{PREFIX}/snapshots/compare", json=body)
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == [path]


def test_times_in_addresses_compare_a_project(evidence: House) -> None:
    """`diff` and `compare-periods` take RFC 3339, and what is no time is refused by its name."""
    first = scored(evidence, 80, as_of="2026-01-01T00:00:00Z")
    last = scored(evidence, 60, as_of="2026-01-03T00:00:00Z")
    start = f"{PREFIX}/snapshots/{quote(PROJECT)}"
    span = "from=2026-01-02T00:00:00Z&to=2026-01-04T00:00:00Z"
    found = evidence.ask("bob", "GET", f"{start}/diff?{span}").json()
    assert (found["snapshot_a"]["id"], found["snapshot_b"]["id"]) == (first["id"], last["id"])
    baseline = "baseline_from=2026-01-01T00:00:00Z&baseline_to=2026-01-01T00:00:00Z"
    periods = evidence.ask("bob", "GET", f"{start}/compare-periods?{span}&{baseline}").json()
    assert (periods["period"]["snapshots"], periods["baseline"]["snapshots"]) == (1, 1)
    assert evidence.ask("bob", "GET", f"{start}/diff?from=yesterday&to=now").status_code == 422
    assert evidence.ask("bob", "GET", f"{start}/trends?from=yesterday").json()["errors"][0]["path"] == "$.from"


def test_who_sees_nothing_hears_nothing(evidence: House) -> None:
    """Charlie is in no group: lists are empty, and everything else is 404 in the words of what is absent."""
    taken = scored(evidence, 80)
    assert evidence.ask("charlie", "GET", f"{PREFIX}/snapshots").json()["items"] == []
    for method, path, body in (
        ("GET", f"/snapshots/{taken['id']}", None),
        ("POST", f"/snapshots/{taken['id']}/export", {"format": "json"}),
        ("POST", "/snapshots/compare", {"from_snapshot_id": taken["id"], "to_snapshot_id": taken["id"]}),
        ("GET", f"/snapshots/{PROJECT}/trends", None),
        ("POST", "/snapshots", {"scope": "project", "project_name": PROJECT}),
        ("POST", "/snapshots", {"scope": "group", "group_id": "team-a"}),
    ):
        answer = evidence.ask("charlie", method, PREFIX + path, json=body)
        assert answer.status_code == 404, path
        assert PROJECT not in answer.text.replace(path, "")


def test_a_head_is_named_to_those_only_who_see_all_of_it(evidence: House) -> None:
    """The hash of a group's picture is the whole's: it is left out where a member is hidden."""
    scored(evidence, 80)
    evidence.made("alice", f"{PREFIX}/snapshots", {"scope": "group", "group_id": "team-a"})
    before = evidence.ask("bob", "GET", "/api/dashboard/group:team-a").json()["head"]
    assert before["head_content_hash"]
    evidence.made("admin", "/api/groups", {"id": "team-b"})
    moved = evidence.ask("admin", "PATCH", f"/api/projects/{PROJECT}", json={"group_id": "team-b"})
    assert moved.is_success, moved.text
    after = evidence.ask("bob", "GET", "/api/dashboard/group:team-a").json()["head"]
    assert after == {**before, "head_content_hash": None}
