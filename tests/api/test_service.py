"""The service's own routes: alive, ready, documented, and nothing told to strangers."""

from __future__ import annotations

from stillframe.api.service import PUBLIC_PATHS
from tests.api.cast import House


def test_it_lives_while_it_answers(house: House) -> None:
    """A restart helps only against a dead process: the database is not asked."""
    assert house.ask(None, "GET", "/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_it_can_write_and_a_worker_lives(house: House) -> None:
    """Without a token yes or no; which check fails is for admins, and only for them."""
    for who in (None, "alice"):
        answer = house.ask(who, "GET", "/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ready": False})
    checks = house.ask("admin", "GET", "/readyz").json()["checks"]
    assert checks == {"database_writable": True, "migrations_current": True, "worker_alive": False, "sending": True}
    with house.services.store.write() as unit:
        unit.workers.beat("a-worker", kind="worker", now=house.services.clock())
    assert house.ask(None, "GET", "/readyz").json() == {"ready": True}


def test_the_documentation_loads_nothing_from_elsewhere(house: House) -> None:
    """It works on an island: no script, no address, and a policy that would stop them."""
    answer = house.ask(None, "GET", "/docs")
    assert "<script" not in answer.text
    assert "http://" not in answer.text.replace("http://127.0.0.1", "")
    assert "https://" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert all(house.ask(None, "GET", path).status_code in (200, 503) for path in PUBLIC_PATHS)
