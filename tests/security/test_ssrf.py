"""No spelling of a forbidden address is ever connected to: not when it is typed, tested, sent to or redirected to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from stillframe.flows.dispatch import deliver_due
from stillframe.flows.identity import local_caller
from stillframe.flows.letters import address_row, secret_row
from stillframe.flows.services import Services
from stillframe.flows.snapshots import SnapshotRequest, take_snapshot
from stillframe.flows.trial import send_test
from stillframe.model.identity import Caller
from stillframe.model.subscription import OutboxEntry, Subscription
from stillframe.notify import AddressPolicy, Notifier, WebhookChannel, new_secret
from stillframe.testing import Answer, Raw, StillResolver, WebhookReceiver
from stillframe.wiring import now
from tests.security.canaries import Canaries
from tests.security.corpus import SEED, TURNING, spellings
from tests.stories.house import House, app_client, furnish, inhabit, picture, settings_of

SPELLINGS = spellings()
STRICT = AddressPolicy()
RULE = {"any_change": True}
REDIRECTS = (301, 302, 303, 307, 308, 300, 304, 201)
"""The last is no redirect, and some clients follow its Location."""


@pytest.fixture
def canaries() -> Iterator[Canaries]:
    """Listeners on every address of this machine."""
    with Canaries() as found:
        yield found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation that allows no private target."""
    with _house(tmp_path, allow_private_targets=False) as found:
        yield found


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[House]:
    """An installation of people on one network."""
    with _house(tmp_path, allow_private_targets=True) as found:
        yield found


class _house:  # noqa: N801  # because it is used as a function
    """A house over a SQLite file, closed at the end."""

    def __init__(self, folder: Path, *, allow_private_targets: bool) -> None:
        self._settings = settings_of(
            folder, str(folder / "s.db"), webhook={"allow_private_targets": allow_private_targets}
        )

    def __enter__(self) -> House:
        self._services, clock = furnish(self._settings)
        self._client = app_client(self._services)
        self._client.__enter__()
        return inhabit(self._settings, self._services, clock, self._client)

    def __exit__(self, *_: object) -> None:
        self._client.__exit__(None, None, None)
        self._services.close()


def test_the_corpus_is_large_and_gives_its_reasons() -> None:
    """At least 150 spellings, of which few are alike."""
    assert len({one.text for one in SPELLINGS}) >= 150
    assert all(one.reason for one in SPELLINGS)


def test_no_spelling_is_taken_when_a_subscription_is_made(house: House, canaries: Canaries) -> None:
    """422 at the member that names it, in a sentence, and nothing is looked up or connected to."""
    board = house.board()
    for number, spelling in enumerate(SPELLINGS):
        body = _asked(spelling.url(canaries.port(number)))
        answer = _ask(house, "POST", f"/api/dashboard/{board}/subscriptions", body)
        assert answer.status_code == 422, (SEED, spelling, answer.text)
    assert house.alice.get(f"/api/dashboard/{board}/subscriptions")["items"] == []
    assert canaries.connects == []


def test_no_spelling_is_taken_when_a_subscription_is_changed(house: House, canaries: Canaries) -> None:
    """A change names no address at all; who removes a subscription and makes it anew is asked as at first."""
    board = house.board()
    path = f"/api/dashboard/{board}/subscriptions"
    made = house.alice.post(path, _asked("https://example.org/hook"))
    for number, spelling in enumerate(SPELLINGS):
        url = spelling.url(canaries.port(number))
        changed = _ask(house, "PATCH", f"{path}/{made['id']}", {"subscriber_id": url})
        assert changed.status_code == 422, (SEED, spelling, changed.text)
        if number == len(SPELLINGS) // 2:
            assert house.alice.ask("DELETE", f"{path}/{made['id']}").is_success
            made = house.alice.post(path, _asked("https://example.org/hook"))
        anew = _ask(house, "POST", path, _asked(url))
        assert anew.status_code == 422, (SEED, spelling, anew.text)
    (kept,) = house.alice.get(path)["items"]
    assert kept["subscriber_id"] == made["subscriber_id"]
    assert canaries.connects == []


def test_no_spelling_is_tested(house: House, canaries: Canaries) -> None:
    """An address that came into the store on another way is refused once more before a test send."""
    board = _board_of(house, [spelling.url(canaries.port(n)) for n, spelling in enumerate(SPELLINGS)])
    house.push(board, a=1)
    house.push(board, a=2)
    for subscription in _subscriptions(house.services, board):
        caller = _owner(house.services)
        trial = send_test(house.services, caller, dashboard_ref=board, subscription_id=subscription.id)
        assert (trial.outcome, trial.detail) == ("failed", "the address is not allowed")
    assert canaries.connects == []


def test_no_spelling_is_delivered_to(house: House, canaries: Canaries) -> None:
    """What was stored while private targets were allowed is not sent to since they are not: given up at once."""
    board = _board_of(house, [spelling.url(canaries.port(n)) for n, spelling in enumerate(SPELLINGS)])
    entries = _told(house, board)
    assert {entry.state for entry in entries} == {"gave_up"}
    assert all("not allowed" in entry.tries[0]["detail"] for entry in entries)
    assert canaries.connects == []


def test_no_name_that_turns_is_delivered_to(house: House, canaries: Canaries) -> None:
    """A name that passed is looked up for the connect, and what it leads to then is what counts."""
    names = {f"n{place}.example.org": [address] for place, address in enumerate(TURNING)}
    turning = {f"rebind{place}.example.org": ["192.0.2.1", address] for place, address in enumerate(TURNING[:8])}
    resolver = StillResolver(names | turning)
    with _sending(house.services, resolver=resolver) as services:
        there = replace(house, services=services)
        urls = [f"http://{name}:{canaries.port(n)}/hook" for n, name in enumerate([*names, *turning])]
        entries = _told(there, _board_of(there, urls))
    assert len(entries) == len(urls)
    assert set(resolver.asked) == {*names, *turning}
    assert {entry.state for entry in entries} == {"gave_up"}
    assert all("not allowed" in entry.tries[0]["detail"] for entry in entries)
    assert canaries.connects == []


def test_no_spelling_is_redirected_to(open_house: House, canaries: Canaries) -> None:
    """A receiver's answer names no further receiver, also where its address would be allowed."""
    places = [spelling.url(canaries.port(number)) for number, spelling in enumerate(SPELLINGS)]
    places += [f"http://{host}:{port}/" for port in canaries.ports for host in ("127.0.0.1", "[::1]", "localhost")]
    usable = [place for place in places if _fits_a_header(place)]
    assert len(usable) >= 350
    answers = [Raw(content=_redirect(REDIRECTS[n % len(REDIRECTS)], place)) for n, place in enumerate(usable)]
    with WebhookReceiver(*answers) as receiver:
        board = _board_of(open_house, [receiver.url(f"/{number}") for number in range(len(usable))])
        entries = _told(open_house, board)
        assert len(entries) == len(usable)
        # A busy machine may not get to each within its time; the answers go on where they stopped.
        for _ in range(20):
            if len(receiver.ledger) >= len(usable):
                break
            open_house.clock.move(minutes=10)
            deliver_due(open_house.services, seconds=60)
        assert len(receiver.ledger) >= len(usable)
    assert {entry.tries[0]["status"] for entry in entries} >= set(REDIRECTS)
    assert canaries.connects == []


def test_the_canaries_hear_what_gets_past_a_guard(open_house: House, canaries: Canaries) -> None:
    """An oracle that cannot fail proves nothing: without the guard, and with redirects, they are connected to."""
    urls = [spelling.url(canaries.port(number)) for number, spelling in enumerate(SPELLINGS[:40])]
    _told(open_house, _board_of(open_house, urls))
    unguarded = len(canaries.connects)
    assert unguarded >= 30
    place = f"http://127.0.0.1:{canaries.port(0)}/"
    with WebhookReceiver(Answer(status=307, headers={"Location": place})) as receiver:
        asyncio.run(_post_and_follow(receiver.url()))
    assert len(canaries.connects) > unguarded


async def _post_and_follow(url: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post(url, data=b"x")


def _asked(url: str) -> dict[str, Any]:
    return {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": RULE}


def _ask(house: House, method: str, path: str, document: dict[str, Any]) -> Any:
    """Ask with a body in which whatever is typed is escaped: half a surrogate pair too."""
    headers = {"Authorization": f"Bearer {house.alice.token}", "Content-Type": "application/json"}
    return house.client.request(method, path, content=json.dumps(document), headers=headers)


def _fits_a_header(text: str) -> bool:
    """Whether a receiver can say this without ending its own header."""
    return not any(letter in "\r\n\0" or 0xD800 <= ord(letter) < 0xE000 for letter in text)


def _redirect(status: int, place: str) -> bytes:
    head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {place}\r\nRefresh: 0; url={place}\r\nContent-Length: 0\r\n"
    return f"{head}Connection: close\r\n\r\n".encode()


class _sending:  # noqa: N801  # because it is used as a function
    """The same services with a sender of its own, which asks another name service."""

    def __init__(self, services: Services, *, resolver: StillResolver) -> None:
        channel = WebhookChannel(policy=STRICT, clock=now, version="1", timeout_seconds=3, resolver=resolver)
        self._services = replace(services, notifier=Notifier(channel=channel, clock=services.clock))

    def __enter__(self) -> Services:
        return self._services

    def __exit__(self, *_: object) -> None:
        self._services.notifier.close(timeout_seconds=5)


def _owner(services: Services) -> Caller:
    return local_caller(services, "root")


def _board_of(house: House, urls: Sequence[str]) -> str:
    """Return a dashboard with a webhook at each address, written into the store past every check."""
    board = house.board()
    services = house.services
    owner = _owner(services)
    with services.store.write() as unit:
        rule_id = unit.subscriptions.intern_rule('{"any_change":true}')
        for number, url in enumerate(urls):
            subscription = Subscription(
                id=services.new_id(),
                dashboard_id=board,
                subscriber_kind="webhook",
                subscriber_id=f"https://example.org/…#{number}",
                threshold=RULE,
                rule_id=rule_id,
                owner_id=owner.user_id,
                created_at=services.clock(),
            )
            unit.subscriptions.add(
                subscription,
                sealed_address=services.vault.seal(
                    url.encode("utf-8", "replace").decode(), row_id=address_row(subscription.id)
                ),
                sealed_secret=services.vault.seal(new_secret(), row_id=secret_row(subscription.id)),
                receiver=f"{number:016x}",
            )
    return board


def _subscriptions(services: Services, board: str) -> list[Subscription]:
    with services.store.read() as unit:
        return unit.subscriptions.list(board, None)


def _told(house: House, board: str) -> list[OutboxEntry]:
    """Change the dashboard, deliver, and return what became of every delivery."""
    for score in (1, 2):
        house.clock.move(minutes=1)
        request = SnapshotRequest(data=picture(a=score))
        take_snapshot(house.services, _owner(house.services), dashboard_ref=board, request=request)
    deliver_due(house.services, seconds=60)
    house.settle()
    with house.services.store.read() as unit:
        found = [unit.outbox.deliveries(mine.id, limit=10).items for mine in unit.subscriptions.list(board, None)]
    return [entry for entries in found for entry in entries]
