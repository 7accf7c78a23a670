"""The Apprise channel against real servers: what arrives, what a failure says, and what never shows."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from stillframe.errors import ConfigurationError
from stillframe.model.delivery import Failed, Letter, Result, Sent
from stillframe.notify.apprise_channel import AppriseChannel
from stillframe.testing import Answer, Hang, Reset, WebhookReceiver
from tests.notify.documents import a_document
from tests.notify.letters import a_letter

HUSH = "hush-path"


@pytest.fixture
def server() -> Iterator[WebhookReceiver]:
    """Something that takes the JSON of Apprise."""
    with WebhookReceiver() as started:
        yield started


def url_of(server: WebhookReceiver, query: str = "") -> str:
    return f"json://ana:hush-password@127.0.0.1:{server.port}/{HUSH}{query}"


def send(url: str, *batch: Letter, **options: Any) -> list[Result]:
    async def run() -> list[Result]:
        channel = AppriseChannel(name="ops", url=url, **{"timeout_seconds": 10, **options})
        results = await asyncio.gather(*(channel.send(letter) for letter in batch))
        await channel.close()
        return results

    return asyncio.run(run())


def said_to(server: WebhookReceiver) -> list[Any]:
    return [json.loads(request.body) for request in server.ledger]


def test_a_service_gets_title_body_and_how_grave_it_is(server: WebhookReceiver) -> None:
    """Markdown where it is shown; how grave by the service's own word."""
    assert send(url_of(server, "?format=markdown"), a_document()) == [Sent()]
    (arrived,) = said_to(server)
    assert arrived["title"] == "Carriers: United fell"
    assert arrived["message"] == "on\\_time of UA fell \\*much\\*"
    assert arrived["type"] == "warning"


@pytest.mark.parametrize(
    ("form", "shown"),
    [("text", "on_time of UA fell *much*"), ("html", "<p>on_time of UA fell *much*</p>")],
)
def test_what_formats_nothing_formats_nothing_in_any_form(server: WebhookReceiver, form: str, shown: str) -> None:
    """A service that shows plain text gets no backslashes, and one that shows HTML gets what Markdown means."""
    send(url_of(server, f"?format={form}"), a_document())
    assert said_to(server)[0]["message"] == shown


@pytest.mark.parametrize("url", ["tgram://123456789:abcdefg_hijklmnop/12315544/", "gchat://work/key/token"])
def test_a_title_inside_a_text_formats_nothing_either(url: str) -> None:
    """Telegram refuses a whole message for one star without its other."""
    given = AppriseChannel(name="ops", url=url).arguments(
        {"title": "on_time *of* `UA` [x](y)", "text": "", "markdown": "on\\_time", "type": "info"}
    )
    assert (given["title"], given["body"]) == ("on_time of UA x(y)", "on\\_time")


def test_a_title_of_its_own_is_left_as_it_is() -> None:
    """Where a service has a place for it, it is no Markdown."""
    channel = AppriseChannel(name="ops", url="json://127.0.0.1/")
    document = {"title": "on_time *of* UA", "text": "a", "markdown": "b", "type": "info"}
    assert channel.arguments(document)["title"] == "on_time *of* UA"


def test_an_answer_that_is_no_success_is_a_failure(server: WebhookReceiver) -> None:
    """Apprise's falsy result, with the status that the service answered and nothing else of what it said."""
    server.behave(Answer(status=404, body=HUSH.encode()))
    assert send(url_of(server), a_document()) == [Failed(detail="JSON answered 404", status=404)]
    server.behave(Answer(status=302, headers={"Location": "/elsewhere"}))
    assert send(url_of(server), a_document()) == [Failed(detail="JSON answered 302", status=302)]
    assert [request.path for request in server.ledger] == [f"/{HUSH}", f"/{HUSH}"], "a redirect was followed"


def test_a_connection_that_fails_may_have_carried_it_all_the_same(server: WebhookReceiver) -> None:
    """Apprise does not say whether the request was out, so nobody knows."""
    server.behave(Reset())
    broken = Failed(detail="JSON: the connection failed", unknown=True)
    assert send(url_of(server), a_document()) == [broken]
    assert send(f"json://127.0.0.1:9/{HUSH}", a_document()) == [broken]


def test_a_service_that_hangs_costs_the_timeout_and_stops_nothing_else(server: WebhookReceiver) -> None:
    """The loop stays free while it hangs: a timer beside it goes off in time."""
    server.behave(Hang())

    async def run() -> tuple[Result, float]:
        channel = AppriseChannel(name="ops", url=url_of(server, "?rto=2"), timeout_seconds=0.5)
        sending = asyncio.create_task(channel.send(a_document()))
        begun = time.monotonic()
        await asyncio.sleep(0.05)
        slept = time.monotonic() - begun
        return await sending, slept

    result, slept = asyncio.run(run())
    assert result == Failed(detail="no end within 0.5 s", unknown=True)
    assert slept < 0.4


def test_while_a_message_hangs_no_other_goes_to_its_service(server: WebhookReceiver) -> None:
    """Threads that hang cannot pile up, and who waited in vain is known not to have been sent."""
    server.behave(Hang())
    results = send(url_of(server, "?rto=3"), a_document(), a_document(), timeout_seconds=0.5)
    assert results[0] == Failed(detail="no end within 0.5 s", unknown=True)
    assert results[1] == Failed(detail="not sent: the message before it has no end after 0.5 s")
    assert len(server.ledger) == 1


def test_after_a_message_that_hung_the_channel_works_again(server: WebhookReceiver) -> None:
    """Its place is free as soon as its thread has ended."""
    server.behave(Hang(), Answer())

    async def run() -> Result:
        channel = AppriseChannel(name="ops", url=url_of(server, "?rto=1"), timeout_seconds=0.5)
        assert isinstance(await channel.send(a_document()), Failed)
        await asyncio.sleep(1.5)
        return await channel.send(a_document())

    assert asyncio.run(run()) == Sent()


def test_messages_go_one_by_one() -> None:
    """Chat services refuse many at once."""
    most = _MostAtOnce()
    with most:
        assert send(f"json://127.0.0.1:{most.port}/", *[a_document()] * 4) == [Sent()] * 4
    assert (most.total, most.most) == (4, 1)


class _MostAtOnce:
    """A slow server that counts how many requests it has at once."""

    def __init__(self) -> None:
        outer = self
        self.open = self.most = self.total = 0
        guard = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                with guard:
                    outer.open += 1
                    outer.total += 1
                    outer.most = max(outer.most, outer.open)
                self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(0.05)
                with guard:
                    outer.open -= 1
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # because the standard library calls it so
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def __enter__(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_a_long_text_is_cut_and_stays_one_message() -> None:
    """A service with a limit gets one message; only an operator who asks for it gets them split."""
    channel = AppriseChannel(name="ops", url="discord://1234567890/abcdefghijklmnopqrstuvwxyz0123456789")
    assert channel.overflow == "truncate"
    assert AppriseChannel(name="ops", url="json://127.0.0.1/?overflow=split").overflow == "split"


@pytest.mark.parametrize("body", [b"no json", b"{}", b"[]", b'{"title": 1}'])
def test_a_letter_that_is_no_document_is_refused_for_good(server: WebhookReceiver, body: bytes) -> None:
    """Another try would find the same bytes."""
    (result,) = send(url_of(server), a_letter("ops", body=body))
    assert isinstance(result, Failed)
    assert result.permanent
    assert server.ledger == ()


def test_without_the_extra_the_complaint_says_what_to_install() -> None:
    """Most installations need no chat service, and so no package for one."""
    program = (
        "import sys; sys.modules['apprise'] = None\n"
        "from stillframe.errors import ConfigurationError\n"
        "from stillframe.notify import AppriseChannel\n"
        "try:\n    AppriseChannel(name='ops', url='json://hush')\n"
        "except ConfigurationError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "channels.ops.url" in done.stdout
    assert "stillframe[channels]" in done.stdout
    assert "hush" not in done.stdout


@pytest.mark.parametrize(
    "url", ["", HUSH, f"slack://{HUSH}", f"nothing://{HUSH}", f"https://{HUSH}/", f"tgram://{HUSH}"]
)
def test_a_url_that_apprise_cannot_use_is_refused_without_being_shown(
    url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the complaint nor any log holds it: it is a credential."""
    caplog.set_level(logging.NOTSET)
    with pytest.raises(ConfigurationError, match=r"channels\.ops\.url: Apprise cannot use this URL") as refused:
        AppriseChannel(name="ops", url=url)
    shown = capfd.readouterr()
    assert "hush" not in f"{refused.value}{caplog.text}{shown.out}{shown.err}"


def test_no_log_holds_the_address_whatever_happens(server: WebhookReceiver, caplog: pytest.LogCaptureFixture) -> None:
    """Apprise and its HTTP client name it in theirs, at every level."""
    caplog.set_level(logging.NOTSET)
    for behaviour in (Answer(), Answer(status=500), Reset()):
        server.behave(behaviour)
        (result,) = send(url_of(server), a_document())
        assert "hush" not in repr(result)
    send(f"json://127.0.0.1:9/{HUSH}", a_document())
    assert "hush" not in caplog.text
