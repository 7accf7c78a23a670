"""Dashboards over HTTP: by id and by slug, replaced without losing history, looked at live without storing."""

from __future__ import annotations

from stillframe.api.dashboards import door
from tests.api.cast import PUSHED_SPEC, House, push, sql_spec


def test_a_dashboard_is_found_by_its_id_and_by_its_slug(house: House, board: str) -> None:
    """A person writes the slug, a program keeps the id."""
    by_id, by_slug = (house.ask("alice", "GET", path).json() for path in (board, "/api/dashboard/pushed"))
    assert by_id == by_slug
    assert by_id["head"] == {
        "last_snapshot_id": None,
        "last_sequence": 0,
        "head_snapshot_id": None,
        "head_content_hash": None,
    }


def test_a_replaced_view_spec_has_a_new_hash_and_the_history_stays(house: House, board: str) -> None:
    """What was captured before is as it was."""
    before = house.ask("alice", "GET", board).json()
    house.made("alice", f"{board}/snapshot", push())
    panels = {**PUSHED_SPEC["panels"], "board": {**PUSHED_SPEC["panels"]["board"], "limit": 2}}
    answer = house.ask("alice", "PUT", board, json={"view_spec_json": {**PUSHED_SPEC, "panels": panels}})
    assert answer.status_code == 200
    assert answer.json()["view_spec_hash"] != before["view_spec_hash"]
    assert len(house.ask("alice", "GET", f"{board}/snapshots").json()["items"]) == 1


def test_a_slug_is_one_dashboards(house: House, board: str) -> None:
    """Also where its owner is somebody else."""
    assert house.ask("charlie", "POST", "/api/dashboards", json={"view_spec_json": PUSHED_SPEC}).status_code == 409
    house.made("alice", "/api/dashboards", {"view_spec_json": {**PUSHED_SPEC, "slug": "second"}})
    taken = {"view_spec_json": {**PUSHED_SPEC, "slug": "second"}}
    assert house.ask("alice", "PUT", board, json=taken).status_code == 409


def test_a_view_spec_is_applied_by_its_slug(house: House) -> None:
    """Made, left alone, changed: one request says what should be, and its answer what was done about it."""
    spec = {**PUSHED_SPEC, "slug": "applied"}
    changed = {**spec, "title": "Another title"}
    bodies = [{"view_spec_json": found} for found in (spec, spec, changed)]
    answers = [house.ask("alice", "POST", "/api/dashboards/apply", json=body).json() for body in bodies]
    assert [found["action"] for found in answers] == ["created", "unchanged", "updated"]
    assert answers[2]["changes"] == ["$.title: Pushed board → Another title"]
    assert len({found["dashboard"]["id"] for found in answers}) == 1
    taken = house.ask("charlie", "POST", "/api/dashboards/apply", json=bodies[0])
    assert taken.status_code == 409


def test_a_dry_run_stores_nothing(house: House) -> None:
    """Its answer says what would be done, and what is wrong names its place in the body."""
    dry = {"view_spec_json": {**PUSHED_SPEC, "slug": "applied"}, "dry_run": True}
    planned = house.ask("alice", "POST", "/api/dashboards/apply", json=dry).json()
    assert (planned["action"], planned["dashboard"], planned["dry_run"]) == ("created", None, True)
    assert house.ask("alice", "GET", "/api/dashboard/applied").status_code == 404
    unknown = {"view_spec_json": sql_spec(connection="warehuse"), "dry_run": True}
    refused = house.ask("admin", "POST", "/api/dashboards/apply", json=unknown)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "$.view_spec_json.sources.rows.connection"


def test_a_live_view_stores_nothing(house: House) -> None:
    """Looking is not capturing."""
    house.made("admin", "/api/dashboards", {"view_spec_json": sql_spec()})
    live = house.ask("admin", "GET", "/api/dashboard/warehouse/live").json()
    assert [row["id"] for row in live["materialized_data"]["board"]["rows"]] == [f"h-{place}" for place in range(1, 6)]
    assert house.ask("admin", "GET", "/api/dashboard/warehouse/snapshots").json()["items"] == []


def test_a_list_is_walked_by_its_cursor(house: House) -> None:
    """Every dashboard once, whatever the length of a page."""
    slugs = {f"b-{number}" for number in range(5)}
    for slug in slugs:
        house.made("alice", "/api/dashboards", {"view_spec_json": {**PUSHED_SPEC, "slug": slug}})
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = house.ask("alice", "GET", f"/api/dashboards?limit=2{cursor and f'&cursor={cursor}'}").json()
        seen += [one["slug"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(slugs)
    assert len(door.router.routes) == 6
