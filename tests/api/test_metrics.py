"""The route that Prometheus scrapes: text for admins, and for nobody else."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stillframe.api.metrics import door
from tests.api.cast import House, push


def test_an_admin_scrapes_what_the_requests_did(house: House, board: str) -> None:
    """Requests are there by their routes, and no id of anything."""
    house.made("alice", f"{board}/snapshot", push())
    answer = house.ask("admin", "GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    routes = {one.labels["route"] for one in families["stillframe_http_requests"].samples}
    assert "/api/dashboard/{dashboard_ref}/snapshot" in routes
    assert board.rsplit("/", 1)[1] not in answer.text
    assert [one.value for one in families["stillframe_captures"].samples] == [1]


def test_a_token_that_only_reads_is_enough_and_must_be_an_admins(house: House) -> None:
    """The scraper's token cannot change anything; whoever is no admin learns nothing."""
    made = house.made("admin", "/api/tokens", {"label": "prometheus", "scopes": ["read"]})
    scraper = {"Authorization": f"Bearer {made['token']}"}
    assert house.client.get("/metrics", headers=scraper).status_code == 200
    assert house.ask("alice", "GET", "/metrics").status_code == 403
    assert house.client.get("/metrics").status_code == 401
    assert len(door.router.routes) == 1


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/v2/dashboard/snapshots", "/api/v2/dashboard/snapshots"),
        ("/api/v1/traceability/snapshots/a/b/trends", "/api/v1/traceability/snapshots/{project_name:path}/trends"),
        ("/api/dashboard/%7Bx%7D%2525", "/api/dashboard/{dashboard_ref}"),
        ("/nowhere/%7Bx%7D", "other"),
        ("/snapshots", "other"),
    ],
)
def test_a_route_has_the_whole_pattern_that_it_hangs_under(house: House, path: str, route: str) -> None:
    """Two doors to one thing are two routes, and no name that was asked for is in any."""
    house.ask("admin", "GET", path)
    text = house.ask("admin", "GET", "/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    made = {"/api/tokens", "/metrics"}
    assert {one.labels["route"] for one in families["stillframe_http_requests"].samples} - made == {route}
