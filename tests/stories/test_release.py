"""The release gate, through the HTTP door on both databases: what is refused changes nothing, what is decided stays."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from stillframe.testing import WebhookReceiver
from tests.flows.gated import bandit, coverage, pip_audit, profile
from tests.stories.estate import EVIDENCE, Estate, estate_of
from tests.stories.house import House, Person, said

PROJECT = "my-service"
CHECK = "/api/v1/release/check"
NOT_WORSE = profile(
    {"forbid": {"dimension_state": "regressed", "on_dimension": "sca"}},
    {"forbid": {"dimension_state": "regressed", "on_dimension": "audit"}},
    {"findings": "critical", "at_most": 0},
)


@pytest.fixture
def estate(house: House) -> Estate:
    return estate_of(house)


def upload(who: Person, path: str, request: dict[str, Any], *reports: Any, **headers: str) -> Any:
    """Bring reports; return the answer."""
    files = [("request", (None, json.dumps(request), "application/json"))]
    files += [("report", (found.name, found.read(), "application/octet-stream")) for found in reports]
    given = {"Authorization": f"Bearer {who.token}", **headers}
    return who.client.post(path, files=files, headers=given)


def check(estate: Estate, *reports: Any, who: Person | None = None, **said: Any) -> Any:
    """Put reports before a gate, as the team's editor; a minute passes first."""
    estate.house.clock.move(minutes=1)
    request = {"project_name": PROJECT, "profile": NOT_WORSE, **said}
    answer = upload(who or estate.house.bob, CHECK, request, *reports)
    assert answer.status_code == 200, answer.text
    return answer.json()


def bring(estate: Estate, *reports: Any, project: str = PROJECT) -> Any:
    """Bring reports of a project, as the administrator; a minute passes first."""
    estate.house.clock.move(minutes=1)
    answer = upload(estate.house.alice, f"/api/projects/{project}/reports", {}, *reports)
    assert answer.status_code == 201, answer.text
    return answer.json()


def series(estate: Estate) -> list[float | None]:
    found = estate.house.bob.get(f"{EVIDENCE}/snapshots/{PROJECT}/trends?metric=audit.high")
    values: list[float | None] = found["metrics"]["audit.high"]
    return values


def test_a_refused_candidate_leaves_no_trace_but_evidence(estate: Estate, receiver: WebhookReceiver) -> None:
    """State, trends and subscriptions of a project never see a candidate that failed, however often it is tried."""
    house = estate.house
    bring(estate, bandit(high=1), pip_audit())
    house.subscribe(f"project:{PROJECT}", receiver, {"any_change": True})
    state, trend = house.bob.get(f"{EVIDENCE}/snapshots/{PROJECT}/health"), series(estate)
    answers = [check(estate, bandit(high=7), pip_audit("CVE-2026-0001"), source_ref=f"try-{n}") for n in range(2)]
    house.settle()
    assert [(found["decision"], found["adopted"]) for found in answers] == [("fail", False)] * 2
    assert [found["message"] for found in answers[0]["checks"]] == [found["message"] for found in answers[1]["checks"]]
    assert set(series(estate)) == set(trend)
    now = house.bob.get(f"{EVIDENCE}/snapshots/{PROJECT}/health")
    assert now["snapshot"]["content_hash"] == state["snapshot"]["content_hash"]
    assert receiver.ledger == ()
    listed = house.bob.get(f"{EVIDENCE}/snapshots?project_name={PROJECT}")["items"]
    assert [found["adopted"] for found in listed if found["trigger_source"] == "release_gate_post"] == [False, False]


def test_an_unchanged_candidate_passes_and_is_told_of_as_no_change(estate: Estate, receiver: WebhookReceiver) -> None:
    """A gate that forbids getting worse lets through what stayed, and nobody is told that nothing happened."""
    bring(estate, bandit(high=3), pip_audit("CVE-2026-0001"))
    check(estate, bandit(high=3, below=40), pip_audit("CVE-2026-0001"))
    estate.house.subscribe(f"project:{PROJECT}", receiver, {"any_change": True})
    answer = check(estate, bandit(high=3, below=80), pip_audit("CVE-2026-0001"))
    estate.house.settle()
    assert (answer["decision"], answer["snapshot_diff"]["is_empty"]) == ("pass", True)
    assert receiver.ledger == ()


def test_gate_subscriptions_hear_of_the_refused_candidate(estate: Estate, receiver: WebhookReceiver) -> None:
    """They alone do, with the ids of the evidence, and each decision once."""
    house = estate.house
    bring(estate, bandit(high=1))
    body = {"subscriber_kind": "webhook", "subscriber_id": receiver.url(), "on": {"gate": ["fail"]}}
    made = house.alice.post(f"/api/dashboard/project:{PROJECT}/subscriptions", body)
    receiver.trust(made["secret"])
    check(estate, bandit(high=1))
    answer = check(estate, bandit(high=7), source_ref="4be1f0a")
    house.settle()
    assert answer["dispatch"]["matched"] == 1
    [delivery] = receiver.ledger
    told = said(delivery)
    assert delivery.verified
    assert (told["type"], told["decision"], told["post_snapshot_id"]) == (
        "release.decided", "fail", answer["post_snapshot_id"],
    )  # fmt: skip
    deliveries = house.alice.get(f"/api/dashboard/project:{PROJECT}/subscriptions/{made['id']}/deliveries")["items"]
    assert [(found["kind"], found["cause"], found["state"]) for found in deliveries] == [("gate", answer["id"], "sent")]


def test_a_decision_is_the_same_a_year_later_whatever_happened_since(estate: Estate) -> None:
    """The profile was edited, a finding was suppressed, the project moved on: what was decided then stays."""
    bring(estate, bandit(high=1))
    answer = check(estate, bandit(high=7))
    frozen = {name: value for name, value in answer.items() if name != "dispatch"}
    estate.house.clock.move(days=365)
    check(estate, bandit(high=1))
    assert estate.house.bob.get(f"/api/v1/release/history/{answer['id']}") == frozen
    lines = estate.house.bob.get(f"/api/v1/release/history?project_name={PROJECT}")["items"]
    assert [found["decision"] for found in lines] == ["pass", "fail"]


def test_a_suppressed_finding_counts_again_when_its_time_is_over(estate: Estate) -> None:
    """Rita answers for it until a day; the gate says so each time, and the day after it fails again."""
    from stillframe.flows.identity import local_caller
    from tests.stories.house import person

    house = estate.house
    local = local_caller(house.services, "root")
    rita = person(house.services, house.client, local, name="rita", role="reviewer")
    strict = profile({"findings": "high", "within": ["audit"], "at_most": 0})
    refused = check(estate, bandit(high=1), profile=strict)
    finding = refused["checks"][0]["witnesses"][0]["id"]
    wanted = {"project_name": PROJECT, "finding_id": finding, "reason": "constants only",
              "expires_at": "2026-11-25T00:00:00Z"}  # fmt: skip
    assert house.bob.ask("POST", "/api/v1/release/suppressions", wanted).status_code == 403
    rita.post("/api/v1/release/suppressions", wanted)
    passed = check(estate, bandit(high=1), profile=strict)
    assert (passed["decision"], passed["checks"][0]["status"]) == ("pass", "suppressed")
    house.clock.move(days=4)
    assert check(estate, bandit(high=1), profile=strict)["decision"] == "fail"


def test_candidates_that_come_together_are_each_decided_and_kept_in_order(estate: Estate) -> None:
    """Two pipelines at once: both are answered, the line has no gap, and the state is one that passed."""
    bring(estate, bandit(high=1))
    answers: list[Any] = []

    def run(high: int) -> None:
        request = {"project_name": PROJECT, "profile": NOT_WORSE}
        answers.append(upload(estate.house.bob, CHECK, request, bandit(high=high)).json())

    threads = [threading.Thread(target=run, args=(high,)) for high in (1, 7, 1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found["decision"] for found in answers) == ["fail", "fail", "pass", "pass"]
    listed = estate.house.bob.get(f"{EVIDENCE}/snapshots?project_name={PROJECT}")["items"]
    assert sorted(found["sequence"] for found in listed) == list(range(1, len(listed) + 1))
    assert len(estate.house.bob.get(f"/api/v1/release/history?project_name={PROJECT}")["items"]) == 4
    card = estate.house.bob.get(f"{EVIDENCE}/snapshots/{PROJECT}/health")
    assert {line["part"]: line["value"] for line in card["score_breakdown"]}["release"] == 1


def test_a_project_that_falls_out_of_the_first_three_is_told_by_the_ordinary_rules(
    estate: Estate, receiver: WebhookReceiver
) -> None:
    """A group's dashboard ranks its projects by health, so one grammar serves it: rank moves, and any project's SCA."""
    house, scores = estate.house, {PROJECT: 90.0, "a/b": 80.0, "third": 70.0, "fourth": 60.0}
    for name in ("third", "fourth"):
        estate.project(name, "team-a")
    for name, health in scores.items():
        estate.score(name, health)
    estate.keep(house.alice, scope="group", group_id="team-a")
    house.subscribe("group:team-a", receiver, {"top_n_reordering": {"top": 3, "min_changes": 1}})
    estate.score("fourth", 75)
    taken = estate.keep(house.alice, scope="group", group_id="team-a")
    house.settle()
    assert taken["dispatch"]["matched"] == 1
    moves = {
        found["id"]: (found["rank_a"], found["rank_b"]) for found in said(receiver.ledger[0])["diff"]["top_n_changes"]
    }
    assert moves == {"fourth": (4, 3), "third": (3, 4)}


def test_any_projects_regression_is_told_of_on_its_groups_dashboard(estate: Estate, receiver: WebhookReceiver) -> None:
    """Whose dependencies got worse is a row whose value fell; a project that got better is nobody's alarm."""
    house = estate.house
    bring(estate, bandit(high=1), pip_audit("CVE-2026-0001"))
    bring(estate, bandit(high=1), pip_audit(), project="a/b")
    estate.keep(house.alice, scope="group", group_id="team-a")
    house.subscribe("group:team-a", receiver, {"value_delta_abs": 1, "on_field": "sca", "direction": "down"})
    bring(estate, bandit(high=1), pip_audit())
    assert estate.keep(house.alice, scope="group", group_id="team-a")["dispatch"]["matched"] == 0
    bring(estate, bandit(high=1), pip_audit("CVE-2026-0002"), project="a/b")
    assert estate.keep(house.alice, scope="group", group_id="team-a")["dispatch"]["matched"] == 1
    house.settle()
    [change] = [found for found in said(receiver.ledger[0])["diff"]["row_value_deltas"] if found["field"] == "sca"]
    assert (change["id"], change["old"], change["new"]) == ("a/b", 100, 98)


def test_the_same_key_checks_once(estate: Estate) -> None:
    """A pipeline that sends its request twice is decided once, and answered alike."""
    bring(estate, bandit(high=1))
    request = {"project_name": PROJECT, "profile": "minimal"}
    first, again = (
        upload(estate.house.bob, CHECK, request, bandit(high=1), coverage(), **{"Idempotency-Key": "run-7"})
        for _ in range(2)
    )
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(estate.house.bob.get(f"/api/v1/release/history?project_name={PROJECT}")["items"]) == 1
