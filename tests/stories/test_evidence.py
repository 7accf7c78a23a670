"""The evidence store: what projects, groups and portfolios promise, through the HTTP door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from stillframe.flows.scope_timer import autosnapshot_scopes
from stillframe.model.times import time_text
from tests.stories.estate import EVIDENCE, SECRET, Estate, estate_of, summary
from tests.stories.house import House, Person


@pytest.fixture
def estate(house: House) -> Estate:
    """Two teams with their projects."""
    return estate_of(house)


def items(who: Person, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(f"{EVIDENCE}/snapshots{query}")["items"]
    return found


def problem(who: Person, method: str, path: str, document: Any = None) -> tuple[int, dict[str, Any]]:
    answer = who.ask(method, path, document)
    return answer.status_code, answer.json()


def test_a_project_is_kept_with_its_summary_and_read_back(estate: Estate) -> None:
    """The record says who, when and why; the payload says what, and its name is its hash."""
    bob = estate.house.bob
    taken = estate.keep(
        bob, scope="project", project_name="my-service", reason="pre-hardening", summaries=summary(82.5, critical=1)
    )
    assert taken["scope_ref"] == taken["dashboard_id"] == "project:my-service"
    assert (taken["initiator"], taken["group_id"], taken["trigger_source"]) == ("bob", "team-a", "api")
    read = bob.get(f"{EVIDENCE}/snapshots/{taken['id']}")
    assert read["summaries"]["sca"]["score"] == 75
    assert read["materialized_data"]["health_score"]["value"] == 82.5
    assert [row["id"] for row in read["materialized_data"]["findings"]["rows"]] == ["CVE-0"]
    assert (read["redacted"], read["content_hash"]) == (False, taken["content_hash"])


def test_a_body_cannot_say_who_asks(estate: Estate) -> None:
    """The initiator comes from the credential; a body that names one is refused as a whole."""
    body = {"scope": "project", "project_name": "my-service", "initiator": "alice"}
    status, said = problem(estate.house.bob, "POST", f"{EVIDENCE}/snapshots", body)
    assert status == 422
    assert said["errors"][0]["path"] == "$.initiator"
    for written_by_the_product in ("schedule", "release_gate_pre"):
        body = {"scope": "project", "project_name": "my-service", "trigger_source": written_by_the_product}
        assert problem(estate.house.bob, "POST", f"{EVIDENCE}/snapshots", body)[0] == 422
    assert items(estate.house.alice) == []


def test_without_a_summary_a_project_is_kept_as_it_is_known(estate: Estate) -> None:
    """Nothing new is another frame of the same picture: the same hash, and nobody hears of it."""
    first = estate.keep(estate.house.bob, scope="project", project_name="my-service")
    assert first["capture_status"] == "good"
    scored = estate.score("my-service", 80)
    again = estate.keep(estate.house.bob, scope="project", project_name="my-service")
    assert again["content_hash"] == scored["content_hash"] != first["content_hash"]
    assert again["diff_summary"]["is_empty"] is True
    assert (again["analyzer_version"], again["source_bundle"]) == (scored["analyzer_version"], scored["source_bundle"])


def test_a_group_is_ranked_by_the_health_of_its_projects(estate: Estate) -> None:
    """Who has no evidence is last and makes the picture partial; it is never averaged as zero."""
    estate.score("a/b", 60)
    group = estate.keep(estate.house.bob, scope="group", group_id="team-a")
    assert group["capture_status"] == "partial"
    estate.score("my-service", 90)
    group = estate.keep(estate.house.bob, scope="group", group_id="team-a")
    assert group["capture_status"] == "good"
    shown = estate.dora.get(f"{EVIDENCE}/snapshots/{group['id']}")
    assert [row["project"] for row in shown["materialized_data"]["projects"]["rows"]] == ["my-service", "a/b"]
    assert shown["materialized_data"]["mean_health"]["value"] == 75
    assert [entry["name"] for entry in shown["source_bundle"]] == ["project:a/b", "project:my-service"]


def test_a_member_who_only_reads_takes_no_snapshot(estate: Estate) -> None:
    """Dora may look: 403 for what she sees and may not do, 404 for what she does not see."""
    for body in (
        {"scope": "project", "project_name": "my-service"},
        {"scope": "group", "group_id": "team-a"},
    ):
        assert problem(estate.dora, "POST", f"{EVIDENCE}/snapshots", body)[0] == 403
    for body in ({"scope": "project", "project_name": SECRET}, {"scope": "group", "group_id": "team-b"}):
        assert problem(estate.dora, "POST", f"{EVIDENCE}/snapshots", body)[0] == 404


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"scope": "planet"}, "$.scope"),
        ({"scope": "project"}, "$.project_name"),
        ({"scope": "group"}, "$.group_id"),
        ({"scope": "group", "group_id": "team-a", "project_name": "my-service"}, "$.project_name"),
        ({"scope": "portfolio", "group_id": "team-a"}, "$.group_id"),
        ({"scope": "group", "group_id": "team-a", "summaries": {"schema": "stillframe.summary/1", "summaries": {}}},
         "$.summaries"),
        ({"scope": "project", "project_name": "my-service", "retention_class": "forevr"}, "$.retention_class"),
        ({"scope": "project", "project_name": "my-service", "as_of": "2999-01-01T00:00:00Z"}, "$.as_of"),
        ({"scope": "project", "project_name": "my-service", "summaries": {"schema": "other"}}, "$.summaries.schema"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_where_it_stands(estate: Estate, body: dict[str, Any], path: str) -> None:
    """A clear problem, and nothing changed."""
    status, said = problem(estate.house.bob, "POST", f"{EVIDENCE}/snapshots", body)
    assert status == 422
    assert path in [fault["path"] for fault in said["errors"]], said
    assert items(estate.house.alice) == []


def test_a_group_that_is_not_yours_looks_like_one_that_is_not(estate: Estate) -> None:
    """The same 404 word for word, whichever way one asks."""
    bob = estate.house.bob
    for kind, member, hidden in (("group", "group_id", "team-b"), ("project", "project_name", SECRET)):
        bodies = [{"scope": kind, member: name} for name in (hidden, "no")]
        answers = [problem(bob, "POST", f"{EVIDENCE}/snapshots", body) for body in bodies]
        assert answers[0][0] == answers[1][0] == 404
        assert {**answers[0][1], "request_id": ""} == {**answers[1][1], "request_id": ""}
    for query in ("?group_id={}", "?project_name={}", "?scope=portfolio&group_id={}"):
        hidden = "team-b" if "group" in query else SECRET
        answers = [problem(bob, "GET", f"{EVIDENCE}/snapshots{query.format(name)}") for name in (hidden, "no")]
        assert answers[0][0] == answers[1][0] == 404
        assert {**answers[0][1], "request_id": ""} == {**answers[1][1], "request_id": ""}


def test_the_policy_is_pinned(estate: Estate) -> None:
    """What can never be done is said in words that programs rely on."""
    assert estate.dora.get(f"{EVIDENCE}/snapshots/policy") == {
        "immutable_governance_mode": "no_delete_policy",
        "delete_supported": False,
        "archival_supported": False,
        "cleanup_respects_immutable": True,
        "cleanup_removes": "payloads, never records",
        "retention": {"standard": 90, "release": None},
    }


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_method_changes_a_snapshot(estate: Estate, method: str) -> None:
    """Evidence is frozen: 405 under both names of the store, for the administrator too."""
    taken = estate.score("my-service", 70)
    for prefix in (EVIDENCE, "/api/v1/traceability"):
        for path in (f"{prefix}/snapshots/{taken['id']}", f"{prefix}/snapshots"):
            assert estate.house.alice.ask(method, path, {}).status_code == 405
    assert estate.house.alice.get(f"{EVIDENCE}/snapshots/{taken['id']}")["content_hash"] == taken["content_hash"]


def test_a_page_is_clamped_and_says_so(estate: Estate) -> None:
    """A limit over the configured one is clamped; one under 1 is refused."""
    for health in range(1, 6):
        estate.score("my-service", health * 10)
    listed = estate.house.bob.get(f"{EVIDENCE}/snapshots?limit=1000000")
    assert (listed["limit_applied"], len(listed["items"])) == (200, 5)
    page = estate.house.bob.get(f"{EVIDENCE}/snapshots?limit=2&offset=1")
    assert [found["sequence"] for found in page["items"]] == [4, 3]
    rest = estate.house.bob.get(f"{EVIDENCE}/snapshots?limit=2&cursor={quote(page['next_cursor'])}")
    assert [found["sequence"] for found in rest["items"]] == [2, 1]
    for query in ("?limit=0", "?limit=-3", "?offset=-1", "?scope=planet"):
        assert problem(estate.house.bob, "GET", f"{EVIDENCE}/snapshots{query}")[0] == 422


def test_a_list_holds_only_what_is_yours(estate: Estate) -> None:
    """Newest first, over all that one may see and nothing else."""
    estate.score(SECRET, 40)
    estate.score("my-service", 70)
    estate.keep(estate.house.bob, scope="group", group_id="team-a")
    estate.keep(estate.house.charlie, scope="group", group_id="team-b")
    refs = {
        who.name: [found["scope_ref"] for found in items(who)]
        for who in (estate.house.alice, estate.dora, estate.house.charlie)
    }
    assert refs["alice"] == ["group:team-b", "group:team-a", "project:my-service", f"project:{SECRET}"]
    assert refs["dora"] == ["group:team-a", "project:my-service"]
    assert refs["charlie"] == ["group:team-b", f"project:{SECRET}"]
    assert [found["scope_ref"] for found in items(estate.dora, "?scope=project")] == ["project:my-service"]
    assert [found["scope_ref"] for found in items(estate.dora, "?group_id=team-a&scope=group")] == ["group:team-a"]


def test_a_live_dashboard_is_listed_when_it_is_named(estate: Estate) -> None:
    """`dashboard_id` opens the list to live dashboards, for those who may see them."""
    board = estate.house.board()
    estate.house.push(board, a=1)
    assert [found["dashboard_id"] for found in items(estate.house.alice, f"?dashboard_id={board}")] == [board]
    assert items(estate.house.alice) == []
    assert problem(estate.dora, "GET", f"{EVIDENCE}/snapshots?dashboard_id={board}")[0] == 404


def test_a_portfolio_shows_nothing_of_a_project_that_one_may_not_see(estate: Estate) -> None:
    """Not in rows, counts, averages, evidence, lists, comparisons, exports, series or errors."""
    estate.score("my-service", 90)
    estate.score(SECRET, 10)
    before = estate.keep(estate.house.alice, scope="portfolio")
    estate.score("my-service", 80)
    estate.score(SECRET, 20)
    after = estate.keep(estate.house.alice, scope="portfolio")
    assert before["scope_ref"] == "portfolio:all"
    whole, dora = estate.house.alice, estate.dora
    assert SECRET in whole.ask("GET", f"{EVIDENCE}/snapshots/{after['id']}").text
    ids = {"from_snapshot_id": before["id"], "to_snapshot_id": after["id"], "include_drilldown": True}
    answers = [
        dora.ask("GET", f"{EVIDENCE}/snapshots/{after['id']}"),
        dora.ask("GET", f"/api/snapshot/{after['id']}"),
        dora.ask("GET", f"/api/snapshot/{after['id']}?format=html"),
        dora.ask("GET", f"{EVIDENCE}/snapshots"),
        dora.ask("GET", f"{EVIDENCE}/snapshots?scope=portfolio&group_id=team-a"),
        dora.ask("POST", f"{EVIDENCE}/snapshots/compare", ids),
        *(
            dora.ask("POST", f"{EVIDENCE}/snapshots/{after['id']}/export", {"format": form, **baseline})
            for form in ("json", "markdown")
            for baseline in ({}, {"baseline_snapshot_id": before["id"]})
        ),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        for told in (SECRET, "team-b", after["content_hash"], before["content_hash"]):
            assert told not in answer.text
    seen = answers[0].json()
    assert (seen["redacted"], seen["content_hash"]) == (True, None)
    assert seen["materialized_data"]["mean_health"]["value"] == 80
    assert seen["materialized_data"]["members"]["value"] == 2
    compared = answers[5].json()
    assert compared["snapshot_a"]["view_hash"] is not None
    assert {found["name"]: found["new"] for found in compared["metric_deltas"]}["worst_health"] == 80
    charlie = estate.house.charlie.get(f"{EVIDENCE}/snapshots/{after['id']}")
    assert "my-service" not in str(charlie)
    assert charlie["materialized_data"]["mean_health"]["value"] == 20


def test_who_sees_no_member_sees_no_portfolio(estate: Estate) -> None:
    """A portfolio of others is not there: not read, not listed, not compared, not exported."""
    estate.score("my-service", 90)
    taken = estate.keep(estate.house.alice, scope="portfolio")
    local_eva = _hired(estate, "eva")
    assert problem(local_eva, "GET", f"{EVIDENCE}/snapshots/{taken['id']}")[0] == 404
    assert items(local_eva) == []
    assert items(local_eva, "?scope=portfolio") == []
    assert items(local_eva, "?dashboard_id=portfolio:all") == []
    assert [found["id"] for found in items(estate.dora, "?dashboard_id=portfolio:all")] == [taken["id"]]
    export = {"format": "json"}
    assert problem(local_eva, "POST", f"{EVIDENCE}/snapshots/{taken['id']}/export", export)[0] == 404


def _hired(estate: Estate, name: str) -> Person:
    from stillframe.flows.identity import local_caller
    from tests.stories.house import person

    house = estate.house
    return person(house.services, house.client, local_caller(house.services, "root"), name=name, role="viewer")


def test_a_portfolio_of_ones_own_is_what_one_sees(estate: Estate) -> None:
    """Bob's portfolio has his team's projects, is his, and stays what it was when he leaves the team."""
    estate.score("my-service", 90)
    estate.score(SECRET, 10)
    taken = estate.keep(estate.house.bob, scope="portfolio")
    assert taken["scope_ref"] == "portfolio:bob"
    shown = estate.house.bob.get(f"{EVIDENCE}/snapshots/{taken['id']}")
    assert shown["materialized_data"]["members"]["value"] == 2
    assert problem(estate.dora, "GET", f"{EVIDENCE}/snapshots/{taken['id']}")[0] == 404
    assert estate.house.alice.ask("DELETE", "/api/groups/team-a/members/bob").status_code == 204
    left = estate.house.bob.get(f"{EVIDENCE}/snapshots/{taken['id']}")
    assert left["redacted"] is True
    assert left["materialized_data"]["members"]["value"] == 0
    whole = estate.house.alice.get(f"{EVIDENCE}/snapshots/{taken['id']}")
    assert whole["content_hash"] == taken["content_hash"]


def test_a_project_that_moved_away_takes_its_history_along(estate: Estate) -> None:
    """Old snapshots of the group are not rewritten; its readers see them without the project that left."""
    estate.score("my-service", 90)
    estate.score("a/b", 50)
    taken = estate.keep(estate.house.bob, scope="group", group_id="team-a")
    moved = estate.house.alice.ask("PATCH", "/api/projects/a/b", {"group_id": "team-b"})
    assert moved.is_success, moved.text
    seen = estate.dora.get(f"{EVIDENCE}/snapshots/{taken['id']}")
    assert seen["redacted"] is True
    assert "a/b" not in str(seen)
    later = estate.keep(estate.house.bob, scope="group", group_id="team-a")
    assert "a/b" not in str(later["diff_summary"])
    series = estate.dora.get("/api/dashboard/group:team-a/series")
    assert [point["sequence"] for point in series["points"]] == [2]
    assert problem(estate.dora, "GET", f"{EVIDENCE}/snapshots?project_name=a/b")[0] == 404
    assert [found["project_name"] for found in items(estate.house.charlie, "?scope=project")] == ["a/b"]


def test_a_subscriber_who_does_not_see_every_project_is_told_of_those_alone(estate: Estate) -> None:
    """A notice speaks of what its subscription's owner may see; of the rest not even that there is one."""
    house = estate.house
    estate.score("my-service", 90)
    estate.score("a/b", 50)
    estate.keep(house.bob, scope="portfolio")
    estate.keep(house.bob, scope="group", group_id="team-a")
    body = {"subscriber_kind": "persona", "subscriber_id": "bob", "threshold_json": {"any_change": True}}
    made = house.bob.post("/api/dashboard/group:team-a/subscriptions", body)
    assert house.alice.ask("PATCH", "/api/projects/a/b", {"group_id": "team-b"}).is_success
    estate.score("a/b", 20)
    assert estate.keep(house.alice, scope="group", group_id="team-a")["dispatch"]["matched"] == 0
    estate.score("my-service", 70)
    assert estate.keep(house.alice, scope="group", group_id="team-a")["dispatch"]["matched"] == 1
    found = house.bob.get(f"/api/dashboard/group:team-a/subscriptions/{made['id']}")
    assert found["state"] == "active"
    told = [line["text"] for line in house.bob.get("/api/notifications")["items"]]
    assert (len(told), "a/b" in str(told)) == (1, False), told


@pytest.mark.parametrize("name", ["policy", "compare", "a/b", "trends", "x/trends", "мой-сервис", "one two"])
def test_every_name_works_in_every_address(estate: Estate, name: str) -> None:
    """A project may be called like a word of the API, and may have slashes, spaces and letters of any script."""
    if name != "a/b":
        estate.project(name, "team-a")
    first = estate.score(name, 50)
    estate.house.clock.move(hours=1)
    last = estate.score(name, 60)
    path, bob = quote(name), estate.house.bob
    trends = bob.get(f"{EVIDENCE}/snapshots/{path}/trends?metric=health.score")
    assert trends["metrics"]["health.score"] == [50, 60]
    span = f"from={quote(first['as_of'])}&to={quote(last['as_of'])}"
    assert bob.get(f"{EVIDENCE}/snapshots/{path}/diff?{span}")["dimension_states"]["health"] == "improved"
    periods = bob.get(
        f"{EVIDENCE}/snapshots/{path}/compare-periods?{span}"
        f"&baseline_from={quote(first['as_of'])}&baseline_to={quote(first['as_of'])}"
    )
    assert periods["persisted"] is True
    assert [found["scope_ref"] for found in items(bob, f"?project_name={path}")] == [f"project:{name}"] * 2
    assert bob.get(f"{EVIDENCE}/snapshots/{last['id']}")["project_name"] == name
    assert bob.get(f"/api/v1/traceability/snapshots/{path}/trends")["scope_ref"] == f"project:{name}"


def test_with_nothing_stored_trends_are_empty_and_say_so(estate: Estate) -> None:
    """200 and `persisted: false`: a project that is there and has no evidence is no error."""
    found = estate.dora.get(f"{EVIDENCE}/snapshots/my-service/trends")
    assert (found["persisted"], found["as_of"], found["metrics"]) == (False, [], {})
    assert problem(estate.dora, "GET", f"{EVIDENCE}/snapshots/{SECRET}/trends")[0] == 404


def test_a_series_in_few_points_hides_no_extreme(estate: Estate) -> None:
    """Each point has the average, the least and the most of its span."""
    for health in (50, 90, 10, 60):
        estate.score("my-service", health)
    found = estate.dora.get(f"{EVIDENCE}/snapshots/my-service/trends?metric=health.score&points=1")
    assert found["sampled"] is True
    assert found["metrics"]["health.score"] == {"avg": [52.5], "min": [10], "max": [90], "first": [50], "last": [60]}
    assert found["count"] == [4]
    assert problem(estate.dora, "GET", f"{EVIDENCE}/snapshots/my-service/trends?points=0")[0] == 422
    status, said = problem(estate.dora, "GET", f"{EVIDENCE}/snapshots/my-service/trends?metric=health.scor")
    assert status == 422
    assert "health.score" in said["errors"][0]["message"]


def test_two_snapshots_are_compared_by_id_and_by_time(estate: Estate) -> None:
    """The same answer both ways: deltas, states, the direction, and what was added and resolved."""
    first = estate.score("my-service", 88, critical=0)
    estate.house.clock.move(hours=2)
    last = estate.score("my-service", 71, critical=2)
    by_id = {"from_snapshot_id": first["id"], "to_snapshot_id": last["id"], "include_drilldown": True}
    by_time = {
        "project_name": "my-service",
        "from_timestamp": first["as_of"],
        "to_timestamp": time_text(estate.house.clock() + timedelta(hours=1)),
        "include_drilldown": True,
    }
    found = estate.dora.post(f"{EVIDENCE}/snapshots/compare", by_id)
    assert found == estate.dora.post(f"{EVIDENCE}/snapshots/compare", by_time)
    assert found["trend_direction"] == "declining"
    assert found["dimension_states"] == {"health": "regressed", "sca": "regressed"}
    assert found["comparability"] == {"level": "full", "reasons": []}
    assert set(found["drilldown_categories"]) >= {"health", "sca", "findings"}
    assert len(found["drilldown_previews"]["findings"]["added"]) == 2
    deltas = {delta["name"]: (delta["old"], delta["new"], delta["state"]) for delta in found["metric_deltas"]}
    assert deltas["sca.critical"] == (0, 2, "regressed")


def test_a_time_before_the_first_snapshot_says_when_the_first_one_is(estate: Estate) -> None:
    """404 with the first one's time, so that nobody has to guess."""
    first = estate.score("my-service", 88)
    body = {
        "project_name": "my-service",
        "from_timestamp": "2020-01-01T00:00:00Z",
        "to_timestamp": time_text(estate.house.clock()),
    }
    status, said = problem(estate.dora, "POST", f"{EVIDENCE}/snapshots/compare", body)
    assert status == 404
    assert first["as_of"] in said["detail"]


def test_two_scopes_do_not_compare(estate: Estate) -> None:
    """422 in a comparison and in an export with another scope's baseline; nothing is guessed."""
    one, other = estate.score("my-service", 88), estate.score("a/b", 70)
    body = {"from_snapshot_id": one["id"], "to_snapshot_id": other["id"]}
    status, said = problem(estate.dora, "POST", f"{EVIDENCE}/snapshots/compare", body)
    assert (status, said["error_code"]) == (422, "not_comparable")
    export = {"format": "json", "baseline_snapshot_id": one["id"]}
    assert problem(estate.dora, "POST", f"{EVIDENCE}/snapshots/{other['id']}/export", export)[0] == 422
    export = {"format": "docx"}
    status, said = problem(estate.dora, "POST", f"{EVIDENCE}/snapshots/{one['id']}/export", export)
    assert status == 422
    assert said["errors"][0]["path"] == "$.format"


def test_another_analyzer_is_said_to_be_only_partly_comparable(estate: Estate) -> None:
    """What made the figures is part of what they mean."""
    one = estate.score("my-service", 88)
    document = {**summary(70), "version": "2.0"}
    other = estate.keep(estate.house.bob, scope="project", project_name="my-service", summaries=document)
    body = {"from_snapshot_id": one["id"], "to_snapshot_id": other["id"]}
    found = estate.dora.post(f"{EVIDENCE}/snapshots/compare", body)
    assert found["comparability"]["level"] == "partial"
    assert "analyzer_version" in found["comparability"]["reasons"][0]


def test_the_same_request_is_carried_out_once(estate: Estate) -> None:
    """An Idempotency-Key works for scopes as for live dashboards."""
    body = {"scope": "project", "project_name": "my-service", "summaries": summary(70)}
    path = f"{EVIDENCE}/snapshots"
    first, again = (estate.house.bob.ask("POST", path, body, **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(items(estate.house.bob)) == 1


def test_a_health_dashboard_takes_no_pushed_panels(estate: Estate) -> None:
    """Its picture is what is known of health; nobody writes rows into it, and nobody replaces its view spec."""
    path = "/api/dashboard/project:my-service"
    data = {"data": {"dimensions": [], "health_score": 100}}
    assert problem(estate.house.alice, "POST", f"{path}/snapshot", data)[0] == 422
    spec = {"view_spec_json": estate.house.alice.get(path)["view_spec_json"]}
    assert problem(estate.house.alice, "PUT", path, spec)[0] == 422


def test_a_rule_over_a_project_is_judged_like_any_other(estate: Estate) -> None:
    """One rule grammar for both kinds of dashboard: a regression of one dimension is told, and nothing else."""
    house = estate.house
    estate.score("my-service", 88)
    rule = {"dimension_state": "regressed", "on_dimension": "sca"}
    body = {"subscriber_kind": "persona", "subscriber_id": "bob", "threshold_json": rule}
    house.bob.post("/api/dashboard/project:my-service/subscriptions", body)
    assert estate.score("my-service", 60)["dispatch"]["matched"] == 0
    assert estate.score("my-service", 60, critical=2)["dispatch"]["delivered"] == 1
    assert estate.score("my-service", 60, critical=2)["dispatch"]["matched"] == 0


@pytest.fixture
def scheduled(target: str, tmp_path: Any) -> Any:
    """An installation whose timer keeps scopes every 15 minutes."""
    from tests.stories.house import app_client, furnish, inhabit, settings_of

    settings = settings_of(tmp_path, target, dashboard={"snapshot_enabled": True, "snapshot_interval_minutes": 15})
    services, clock = furnish(settings)
    with app_client(services) as client:
        yield estate_of(inhabit(settings, services, clock, client))
    services.close()


def test_the_timer_keeps_every_scope_once_an_interval(scheduled: Estate) -> None:
    """However often it runs, and after missed intervals once; by hand in between changes nothing of that."""
    services, clock = scheduled.house.services, scheduled.house.clock
    scheduled.score("my-service", 70)
    ticks = autosnapshot_scopes(services, wait_for_sends=False)
    assert {tick.outcome for tick in ticks} == {"taken"}
    assert len(ticks) == 6
    assert autosnapshot_scopes(services, wait_for_sends=False) == []
    clock.move(minutes=46)
    scheduled.score("my-service", 75)
    assert len(autosnapshot_scopes(services, wait_for_sends=False)) == 6
    kept = items(scheduled.house.alice, "?project_name=my-service")
    assert [found["trigger_source"] for found in kept] == ["schedule", "api", "schedule", "api"]
    assert items(scheduled.house.alice, "?scope=portfolio")[0]["scope_ref"] == "portfolio:all"


def test_without_being_asked_the_timer_keeps_no_scope(estate: Estate) -> None:
    """`snapshot_enabled` is off unless the operator turns it on."""
    assert autosnapshot_scopes(estate.house.services, wait_for_sends=False) == []
