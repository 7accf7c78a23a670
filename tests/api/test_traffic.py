"""Every request has an id, a line in the log without a secret, and an answer even when the fault is ours."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from stillframe.api.traffic import Traffic
from stillframe.flows.metrics import Metrics
from tests.api.cast import RULE, House

_numbers = count(1)


async def _broken(request: Request) -> Response:
    raise RuntimeError("the password is hunter2")


async def _left(request: Request) -> Response:
    raise ClientDisconnect


async def _well(request: Request) -> Response:
    return PlainTextResponse("well")


def knocked(path: str, **headers: str) -> tuple[Any, list[Any]]:
    routes = [Route("/broken", _broken), Route("/left", _left), Route("/well", _well)]
    app = Traffic(Starlette(routes=routes), new_id=lambda: f"r-{next(_numbers)}", metrics=Metrics())
    with capture_logs() as logs:
        answer = TestClient(app, raise_server_exceptions=False).get(path, headers=_encoded(headers))
    return answer, logs


def _encoded(headers: dict[str, str]) -> dict[str, bytes]:
    return {name: value.encode("latin1") for name, value in headers.items()}


def test_a_fault_of_ours_is_a_500_with_an_id_and_without_its_inside() -> None:
    """The client gets the id, the log gets the fault."""
    routed = Traffic(_app_that_raises, new_id=lambda: "r-1", metrics=Metrics())
    with capture_logs() as logs:
        answer = TestClient(routed, raise_server_exceptions=False).get("/x")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"] == "r-1"
    assert answer.json()["error_code"] == "internal"
    assert "hunter2" not in answer.text
    assert [line["event"] for line in logs] == ["request_failed", "request"]
    assert logs[1]["status"] == 500


async def _app_that_raises(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("the password is hunter2")


@pytest.mark.parametrize("brought", ["a", "019aa66d-0000-7000-8000-000000000060", "Trace_7.b", "x" * 64])
def test_an_id_that_is_brought_along_is_taken_over(brought: str) -> None:
    """A proxy's id, or a caller's own, finds our lines too."""
    answer, logs = knocked("/well", **{"X-Request-ID": brought})
    assert answer.headers["X-Request-ID"] == logs[0]["request_id"] == brought


@pytest.mark.parametrize("brought", ["", "x" * 65, "two words", "a;b", "line\x0b", "a/b", "{}", "ä"])
def test_an_id_that_could_not_stand_in_a_log_is_not_taken(brought: str) -> None:
    """What a client writes is no way to write a log line."""
    answer, logs = knocked("/well", **{"X-Request-ID": brought})
    assert answer.headers["X-Request-ID"] == logs[0]["request_id"] != brought
    assert logs[0]["request_id"].startswith("r-")


def test_every_answer_carries_its_id_and_careful_headers() -> None:
    """An id to ask about; no sniffing; nothing kept by a cache."""
    answer, logs = knocked("/well")
    assert answer.headers["X-Request-ID"] == logs[0]["request_id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_that_left_is_no_fault() -> None:
    """There is nobody to answer; the log says so and holds no traceback."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def gone(scope: Any, receive: Any, send: Any) -> None:
        raise ClientDisconnect

    async def nothing() -> Any:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/x", "headers": []}
    with capture_logs() as logs:
        asyncio.run(Traffic(gone, new_id=lambda: "r-1", metrics=Metrics())(scope, nothing, send))
    assert messages == []
    assert [(line["event"], line["status"]) for line in logs] == [("request", 499)]


def test_the_log_holds_who_and_what_and_no_secret(house: House, board: str) -> None:
    """A canary in every place where a credential may stand: none is in the log."""
    canary = "hunter2"
    url = f"https://93.184.215.14/{canary}"
    body = {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": RULE}
    with capture_logs() as logs:
        made = house.made("alice", f"{board}/subscriptions", body)
        token = house.made("alice", "/api/tokens", {"label": "x"})["token"]
        house.ask("alice", "GET", f"{board}/diff?from={canary}")
        house.client.get("/api/me", headers={"Authorization": f"Bearer sf_{canary}"})
    written = repr(logs)
    for secret in (canary, token, made["secret"], house.tokens["alice"]):
        assert secret not in written
    assert [line["caller"] for line in logs if line["event"] == "request"] == ["alice", "alice", "alice", None]
    assert {"method", "path", "status", "milliseconds", "client"} <= logs[0].keys()


def test_what_happens_inside_finds_the_id_of_its_request() -> None:
    """In threads too, and only there: the next request has its own, and after it there is none."""
    found = []

    def well(request: Request) -> Response:
        found.append(structlog.contextvars.get_contextvars().get("request_id"))
        return PlainTextResponse("well")

    app = Traffic(Starlette(routes=[Route("/well", well)]), new_id=lambda: f"r-{next(_numbers)}", metrics=Metrics())
    answers = [TestClient(app).get("/well") for _ in range(2)]
    assert found == [answer.headers["X-Request-ID"] for answer in answers]
    assert found[0] != found[1]
    assert "request_id" not in structlog.contextvars.get_contextvars()


@pytest.mark.parametrize("path", ["/broken", "/left"])
def test_also_an_application_that_handles_its_own_errors_gets_an_id(path: str) -> None:
    """Whatever is inside, the id is outside."""
    answer, _ = knocked(path)
    assert "X-Request-ID" in answer.headers
