"""The Alertmanager channel against a real Alertmanager, and against servers that behave badly."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from stillframe.errors import ConfigurationError
from stillframe.model.delivery import Failed, Letter, Result, Sent
from stillframe.notify.alertmanager import AlertmanagerChannel
from stillframe.testing import Answer, Behaviour, Hang, Reset, WebhookReceiver
from tests.notify.alertmanager_server import alertmanager
from tests.notify.documents import a_document, an_alert
from tests.notify.letters import a_letter, wall_clock

NOON = datetime(2026, 1, 2, 12, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[WebhookReceiver]:
    """Something that takes alerts and is no Alertmanager."""
    with WebhookReceiver() as started:
        yield started


def send(url: str, *batch: Letter, **options: Any) -> list[Result]:
    async def run() -> list[Result]:
        given = {"name": "ops", "clock": wall_clock, "version": "1.2.3", "timeout_seconds": 5, **options}
        channel = AlertmanagerChannel(url=url, **given)
        try:
            return [await channel.send(letter) for letter in batch]
        finally:
            await channel.close()

    return asyncio.run(run())


@pytest.mark.needs("prometheus-alertmanager")
def test_a_real_alertmanager_fires_tells_and_resolves(tmp_path: Path) -> None:
    """An alert stands in its API and reaches its receiver; its end resolves it, also under another severity."""
    with WebhookReceiver() as hook, alertmanager(tmp_path, hook=hook.url()) as running:
        assert send(running.url, a_document(an_alert(severity="critical"))) == [Sent(status=200)]
        (firing,) = running.wait_for_alerts("StillframeChange", 1)
        assert firing["status"]["state"] in ("active", "unprocessed")
        assert firing["labels"]["severity"] == "critical"
        assert firing["generatorURL"] == "https://frames.example/api/dashboard/d-1"
        told = json.loads(hook.wait_for(1, seconds=20)[0].body)
        assert (told["status"], told["alerts"][0]["annotations"]["summary"]) == ("firing", "Carriers: United fell")
        over = an_alert(ended=True, severity="info")
        assert send(running.url, a_document(over)) == [Sent(status=200)]
        assert running.wait_for_alerts("StillframeChange", 0) == []
        told = json.loads(hook.wait_for(2, seconds=20)[1].body)
        assert told["status"] == "resolved"
        assert [alert["labels"]["severity"] for alert in told["alerts"]] == ["critical"]


@pytest.mark.needs("prometheus-alertmanager")
def test_a_repeat_is_the_same_alert_and_a_later_change_another(tmp_path: Path) -> None:
    """A letter that is sent twice must not page twice; the next change must not be taken for a repeat."""
    with WebhookReceiver() as hook, alertmanager(tmp_path, hook=hook.url()) as running:
        send(running.url, a_document(), a_document())
        assert len(running.wait_for_alerts("StillframeChange", 1)) == 1
        send(running.url, a_document(an_alert(cause="s-3")))
        assert len(running.wait_for_alerts("StillframeChange", 2)) == 2


def test_one_post_of_the_documented_members(server: WebhookReceiver) -> None:
    """The end is counted from the send; nothing else of the letter goes out."""
    (result,) = send(f"{server.url('/am/')}", a_document(), clock=lambda: NOON)
    assert result == Sent(status=204)
    (request,) = server.ledger
    assert (request.path, request.headers["content-type"]) == ("/am/api/v2/alerts", "application/json")
    assert request.headers["user-agent"] == "Stillframe/1.2.3"
    (alert,) = json.loads(request.body)
    assert set(alert) == {"labels", "annotations", "startsAt", "endsAt", "generatorURL"}
    assert (alert["startsAt"], alert["endsAt"]) == ("2026-01-02T12:00:00.000Z", "2026-01-02T13:30:00.000Z")


def test_what_is_over_has_ended_by_now_and_never_before_it_began(server: WebhookReceiver) -> None:
    """An end before its beginning is refused; clocks of two machines differ."""
    early = datetime(2026, 1, 2, 11, tzinfo=UTC)
    send(server.url(""), a_document(an_alert(ended=True) | {"url": ""}), clock=lambda: early)
    asked, posted = server.ledger
    assert asked.path == "/api/v2/alerts?filter=cause%3D%22s-2%22"
    (alert,) = json.loads(posted.body)
    assert alert["startsAt"] == alert["endsAt"] == "2026-01-02T11:00:00.000Z"
    assert "generatorURL" not in alert


def test_who_asks_is_said_by_password_or_by_header(server: WebhookReceiver) -> None:
    """A user in the address is Basic authentication; a token is a header. Neither stays in the address."""
    url = server.url("").replace("http://", "http://ana:hush%40@")
    send(url, a_document(), headers={"X-Scope": "team"})
    send(server.url(""), a_document(), headers={"Authorization": "Bearer hush"})
    first, second = server.ledger
    assert first.headers["authorization"] == f"Basic {base64.b64encode(b'ana:hush@').decode()}"
    assert first.headers["x-scope"] == "team"
    assert second.headers["authorization"] == "Bearer hush"


def test_what_stands_is_read_however_its_answer_comes() -> None:
    """In pieces, as a list of some length does; never packed. Else what is over would stand for a year."""
    standing = an_alert(severity="critical")["labels"]
    listed = json.dumps([{"labels": standing, "annotations": {"description": "x" * 9_000}}]).encode()
    result, posted = end_at(lambda: [listed[:4_000], listed[4_000:]])
    assert result == Sent(status=200)
    assert [alert["labels"] for alert in posted] == [standing]


@pytest.mark.parametrize("listed", [b"<html>", b"[1,2]", b'[{"labels":null}]', b"[{}]", b"[" * 100_000])
def test_an_answer_that_is_no_list_of_alerts_is_a_failure(listed: bytes) -> None:
    """Something else stands there; nothing is posted to it, and nothing breaks."""
    result, posted = end_at(lambda: [listed])
    assert isinstance(result, Failed)
    assert not result.unknown
    assert posted == []


def end_at(pieces: Callable[[], list[bytes]]) -> tuple[Result, list[dict[str, Any]]]:
    """End an alert at a server that lists these bytes, piece by piece; return how that ended and what it was posted."""
    posted: list[dict[str, Any]] = []

    async def listing(request: web.Request) -> web.StreamResponse:
        assert "gzip" not in request.headers["Accept-Encoding"]
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in pieces():
            await response.write(piece)
            await asyncio.sleep(0.05)
        await response.write_eof()
        return response

    async def taking(request: web.Request) -> web.Response:
        posted.extend(await request.json())
        return web.Response()

    async def run() -> Result:
        app = web.Application()
        app.add_routes([web.get("/api/v2/alerts", listing), web.post("/api/v2/alerts", taking)])
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        channel = AlertmanagerChannel(name="ops", url=f"http://127.0.0.1:{port}", clock=wall_clock, version="1")
        try:
            return await channel.send(a_document(an_alert(ended=True, severity="warning")))
        finally:
            await channel.close()
            await runner.cleanup()

    return asyncio.run(run()), posted


@pytest.mark.parametrize(
    ("behaviour", "result"),
    [
        (Answer(status=400, body=b"hush: bad"), Failed(detail="answered 400", status=400)),
        (Answer(status=302, headers={"Location": "/hush"}),
         Failed(detail="answered 302; redirects are not followed", status=302)),
        (Answer(status=503, headers={"Retry-After": "7"}),
         Failed(detail="answered 503", status=503, retry_after_seconds=7.0)),
        (Reset(), Failed(detail="the connection broke", unknown=True)),
        (Hang(), Failed(detail="no answer within 0.5 s", unknown=True)),
    ],
)  # fmt: skip
def test_each_answer_has_its_meaning(server: WebhookReceiver, behaviour: Behaviour, result: Failed) -> None:
    """As of webhooks; and no detail repeats what was answered."""
    server.behave(behaviour)
    assert send(server.url(""), a_document(), timeout_seconds=0.5) == [result]
    assert len(server.ledger) == 1


def test_nobody_there_is_known_to_have_failed() -> None:
    """Nothing went out, so a later try is no repeat."""
    assert send("http://127.0.0.1:9", a_document()) == [Failed(detail="no connection: Connection refused")]


def test_a_letter_that_is_no_document_is_refused_for_good(server: WebhookReceiver) -> None:
    """Another try would find the same bytes."""
    results = send(server.url(""), a_letter("ops", body=b"{}"), a_letter("ops", body=b"no json"))
    assert all(isinstance(result, Failed) and result.permanent for result in results)
    assert server.ledger == ()


@pytest.mark.parametrize("url", ["http://", "https:///hush", "ftp://hush.example", "http://hush.example:99999", "hush"])
def test_an_address_that_is_none_is_refused_without_being_shown(url: str) -> None:
    """Whoever starts the server sees which key is wrong, and whoever reads its log no credential."""
    with pytest.raises(ConfigurationError, match=r"channels\.ops\.url") as refused:
        AlertmanagerChannel(name="ops", url=url, clock=wall_clock, version="1")
    assert "hush" not in str(refused.value)
