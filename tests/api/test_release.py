"""The release gate over HTTP: a decision is an answer whatever it says, and what was answered stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stillframe.api.release import PREFIX
from stillframe.model.times import time_text
from tests.api.cast import COVERED_PROFILE, Form, House, coverage
from tests.api.test_problems import assert_problem, paths

PROJECT = "my-service"
CHECK = f"{PREFIX}/check"


@pytest.fixture
def project(house: House) -> House:
    """The house with a project that Alice edits and Bob reads, and Rex, a reviewer."""
    house.made("admin", "/api/groups", {"id": "team-a"})
    for name, role in (("alice", "editor"), ("bob", "viewer")):
        house.ask("admin", "PUT", f"/api/groups/team-a/members/{name}", json={"role": role})
    house.made("alice", "/api/projects", {"name": PROJECT, "group_id": "team-a"})
    house.hire("rex", role="reviewer")
    return house


def form(data: bytes | None, **said: Any) -> Form:
    request = {"project_name": PROJECT, "profile": COVERED_PROFILE, **said}
    return Form(request=request, reports={} if data is None else {"coverage.json": data})


def checked(house: House, data: bytes | None, **said: Any) -> dict[str, Any]:
    return house.made("alice", CHECK, form(data, **said))


def test_a_candidate_that_passes_becomes_the_state(project: House) -> None:
    """With the figures that decided."""
    found = checked(project, coverage(80), source_ref="v1", reason="release")
    assert (found["decision"], found["adopted"], found["source_ref"]) == ("pass", True, "v1")
    (check,) = found["checks"]
    assert (check["id"], check["status"], check["observed"]) == ("covered", "pass", 0.8)
    assert found["initiator"] == "alice"


def test_a_decision_to_fail_is_an_answer_too(project: House) -> None:
    """200: the request was carried out; what failed is the candidate, and the state stays."""
    checked(project, coverage(80))
    answer = project.ask("alice", "POST", CHECK, files=form(coverage(20)).parts())
    assert answer.status_code == 200
    found = answer.json()
    assert (found["decision"], found["adopted"]) == ("fail", False)
    assert found["state_snapshot_id"] == found["pre_snapshot_id"]
    assert found["snapshot_diff"] is not None


def test_a_gate_without_evidence_says_so(project: House) -> None:
    """A check may come without a report: nothing is known, so nothing passes."""
    found = checked(project, None)
    assert (found["decision"], found["evidence_incomplete"]) == ("fail", True)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"project_name": None}, "$.project_name"),
        ({"profile": "standart"}, "$.profile"),
        ({"profile": {"name": "x", "check": []}}, "$.profile.check"),
        ({"profile": 5}, "$.profile"),
        ({"profle": "standard"}, "$.profle"),
        ({"kloc": -1}, "$.kloc"),
        ({"initiator": "somebody else"}, "$.initiator"),
    ],
)
def test_a_check_is_refused_where_it_is_wrong(project: House, said: dict[str, Any], path: str) -> None:
    """Nothing was decided then."""
    answer = project.ask("alice", "POST", CHECK, files=form(coverage(), **said).parts())
    assert any(found.startswith(path) for found in paths(assert_problem(answer, 422, "invalid_input")))
    assert project.ask("alice", "GET", f"{PREFIX}/history").json()["items"] == []


def test_a_check_without_its_request_names_what_is_missing(project: House) -> None:
    """Which project is meant, no file says."""
    answer = project.ask("alice", "POST", CHECK, files=form(coverage()).parts()[1:])
    assert paths(assert_problem(answer, 422, "invalid_input")) == ["$.project_name"]


def test_a_check_happens_once_under_a_key(project: House) -> None:
    """A pipeline that lost the answer asks again, and gets the decision that was made."""
    key = {"Idempotency-Key": "k-1"}
    first = checked(project, coverage())
    answers = [project.ask("alice", "POST", CHECK, files=form(coverage()).parts(), headers=key) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"] != first["id"]
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(project.ask("alice", "GET", f"{PREFIX}/history").json()["items"]) == 2


def test_history_keeps_every_decision_as_it_was_answered(project: House) -> None:
    """A page at a time, newest first; each whole by its id, and as words for people."""
    made = [checked(project, coverage(80)), checked(project, coverage(20))]
    path = f"{PREFIX}/history?project_name={PROJECT}&limit=1"
    first = project.ask("bob", "GET", path).json()
    second = project.ask("bob", "GET", f"{path}&cursor={first['next_cursor']}").json()
    assert [one["id"] for one in first["items"] + second["items"]] == [made[1]["id"], made[0]["id"]]
    assert second["next_cursor"] is None
    for answered in made:
        kept = project.ask("bob", "GET", f"{PREFIX}/history/{answered['id']}").json()
        assert kept == {name: value for name, value in answered.items() if name != "dispatch"}


def test_a_decision_is_read_as_markdown(project: House) -> None:
    """For the summary of a pipeline."""
    made = checked(project, coverage(20))
    answer = project.ask("bob", "GET", f"{PREFIX}/history/{made['id']}?format=markdown")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "fail" in answer.text.lower()
    assert PROJECT in answer.text
    refused = project.ask("bob", "GET", f"{PREFIX}/history/{made['id']}?format=html")
    assert paths(assert_problem(refused, 422, "invalid_input")) == ["$.format"]


def test_profiles_that_may_be_named_are_listed_with_their_checks(project: House) -> None:
    """What a gate would ask is no secret."""
    found = project.ask("charlie", "GET", f"{PREFIX}/profiles").json()["items"]
    assert {"gost-56939", "standard", "minimal"} <= {one["name"] for one in found}
    assert all(one["check"] and one["digest"] for one in found)
    page = project.ask("charlie", "GET", f"{PREFIX}/profiles?limit=1").json()
    assert page["next_cursor"] == page["items"][0]["name"]


def suppression(**said: Any) -> dict[str, Any]:
    tomorrow = time_text(datetime.now(UTC) + timedelta(days=1))
    return {"project_name": PROJECT, "finding_id": "f-1", "reason": "Accepted.", "expires_at": tomorrow, **said}


def test_a_reviewer_answers_for_a_finding_and_takes_it_back(project: House) -> None:
    """Who, why and until when is for everybody to see; what was lifted stays in the history."""
    path = f"{PREFIX}/suppressions"
    made = project.made("rex", path, suppression(ticket="T-1"))
    assert (made["created_by"], made["state"], made["ticket"]) == ("rex", "active", "T-1")
    of_project = f"{path}?project_name={PROJECT}"
    assert [one["id"] for one in project.ask("bob", "GET", of_project).json()["items"]] == [made["id"]]
    assert project.ask("rex", "DELETE", f"{path}/{made['id']}").status_code == 204
    assert project.ask("bob", "GET", of_project).json()["items"] == []
    (kept,) = project.ask("bob", "GET", f"{of_project}&include_ended=true").json()["items"]
    assert (kept["state"], kept["lifted_by"]) == ("lifted", "rex")
    assert_problem(project.ask("rex", "DELETE", f"{path}/{made['id']}"), 409, "conflict")


def test_a_suppression_is_the_reviewers_alone(project: House) -> None:
    """Who ships the code does not also answer for it; who answers for it does not run its gate."""
    path = f"{PREFIX}/suppressions"
    assert_problem(project.ask("alice", "POST", path, json=suppression()), 403, "forbidden")
    assert_problem(project.ask("charlie", "POST", path, json=suppression()), 404, "not_found")
    assert_problem(project.ask("rex", "POST", CHECK, files=form(coverage()).parts()), 403, "forbidden")


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"expires_at": "tomorrow"}, "$.expires_at"),
        ({"expires_at": "2000-01-01T00:00:00Z"}, "$.expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, "$.expires_at"),
        ({"expires_at": None}, "$.expires_at"),
        ({"reason": "  "}, "$.reason"),
        ({"finding_id": ""}, "$.finding_id"),
        ({"created_by": "admin"}, "$.created_by"),
    ],
)
def test_a_suppression_without_an_end_or_a_reason_is_refused(project: House, said: dict[str, Any], path: str) -> None:
    """Nobody answers for ever, or without saying why."""
    answer = project.ask("rex", "POST", f"{PREFIX}/suppressions", json=suppression(**said))
    assert paths(assert_problem(answer, 422, "invalid_input")) == [path]


def test_a_subscription_to_a_gate_is_told_of_its_decision(project: House) -> None:
    """`on` names decisions in place of a rule; the inbox hears of that one and of no other."""
    project.made("bob", "/api/personas", {"slug": "release-desk"})
    slug = project.ask("bob", "GET", f"/api/projects/{PROJECT}").json()["scope_ref"]
    path = f"/api/dashboard/{slug}/subscriptions"
    body = {"subscriber_kind": "persona", "subscriber_id": "release-desk", "on": {"gate": ["fail"]}}
    made = project.made("bob", path, body)
    assert made["on"] == {"gate": ["fail"]}
    checked(project, coverage(80))
    assert project.ask("bob", "GET", "/api/notifications?persona=release-desk").json()["items"] == []
    told = checked(project, coverage(20))
    assert told["dispatch"]["matched"] == 1
    (line,) = project.ask("bob", "GET", "/api/notifications?persona=release-desk").json()["items"]
    assert PROJECT in line["text"]
    changed = project.ask("bob", "PATCH", f"{path}/{made['id']}", json={"on": {"gate": ["warn", "fail"]}})
    assert changed.json()["on"] == {"gate": ["warn", "fail"]}
    for wrong in ({"gate": []}, {"gate": ["maybe"]}, "always"):
        answer = project.ask("bob", "POST", path, json={**body, "on": wrong})
        assert paths(assert_problem(answer, 422, "invalid_input"))[0].startswith("$.on")
