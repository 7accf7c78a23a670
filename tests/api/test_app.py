"""The application put together: a worker lives as long as it does, and no store is opened by importing it."""

from __future__ import annotations

from starlette.testclient import TestClient

from stillframe.api.app import create_app
from stillframe.flows.worker import Worker
from tests.api.cast import House


def test_a_worker_lives_as_long_as_the_application(house: House) -> None:
    """Ready from the first request on; gone from the register at the end."""
    app = create_app(house.services, worker=Worker(house.services))
    with TestClient(app) as client:
        assert client.get("/readyz").status_code == 200
    assert house.ask(None, "GET", "/readyz").status_code == 503


def test_a_slash_at_the_end_is_another_path(house: House) -> None:
    """A redirect would send the token to wherever a proxy thinks that this is."""
    assert house.ask("alice", "GET", "/api/me/").status_code == 404


def test_two_applications_do_not_share_their_bounds(house: House) -> None:
    """State is the application's, never the module's."""
    one, two = (create_app(house.services, failures_per_minute=1) for _ in range(2))
    guess = {"Authorization": "Bearer sf_guess"}
    with TestClient(one) as first, TestClient(two) as second:
        assert [client.get("/api/me", headers=guess).status_code for client in (first, first, second)] == [
            401,
            429,
            401,
        ]
