"""Mail from end to end: an address agrees, is told of a change, and ends it with one click."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from stillframe.flows.dispatch import deliver_due
from stillframe.flows.identity import authenticate
from stillframe.flows.trial import send_test
from stillframe.testing import WebhookReceiver
from tests.post_office import Arrived, Break, Dawdle, Mailbox, Say
from tests.stories.house import House, app_client, furnish, inhabit, settings_of

ANY = {"any_change": True}
PUBLIC = "https://frames.example.org"
ANA = "ana@example.org"


@dataclass(frozen=True, kw_only=True)
class Post:
    """A house that sends mail, and the server that it goes to."""

    house: House
    mailbox: Mailbox

    def subscribe(self, board: str, *, as_editor: bool = False, rule: Any = ANY, **more: Any) -> Any:
        """Subscribe Ana's address, as an administrator or as an editor of the dashboard's group."""
        body = {"subscriber_kind": "email", "subscriber_id": ANA, "threshold_json": rule, **more}
        person = self.house.bob if as_editor else self.house.alice
        return person.post(f"/api/dashboard/{board}/subscriptions", body)

    def deliver(self) -> None:
        """Do what a worker does."""
        deliver_due(self.house.services, seconds=20)

    def state(self, subscription: Any) -> str:
        """Return the state of a subscription."""
        path = f"/api/dashboard/{subscription['dashboard_artifact_id']}/subscriptions"
        found = {entry["id"]: entry["state"] for entry in self.house.alice.get(path)["items"]}
        return str(found.get(subscription["id"], "removed"))

    def click(self, link: str, method: str = "POST", body: str | None = None) -> Any:
        """Ask for an address of a mail, without account or cookie."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        return self.house.client.request(method, urlsplit(link).path, content=body, headers=headers)


@contextmanager
def post_house(target: str, folder: Path, mailbox: Mailbox | None) -> Iterator[House]:
    """Return a house whose settings name this mail server, or none."""
    smtp = {"smtp": mailbox.settings()} if mailbox is not None else {}
    settings = settings_of(folder, target, server={"public_url": PUBLIC}, **smtp)
    services, clock = furnish(settings)
    with app_client(services) as client:
        yield inhabit(settings, services, clock, client)
    services.close()


@pytest.fixture
def post(target: str, tmp_path: Path) -> Iterator[Post]:
    """A house that sends mail."""
    with Mailbox() as mailbox, post_house(target, tmp_path, mailbox) as house:
        yield Post(house=house, mailbox=mailbox)


def stop_link(mail: Arrived) -> str:
    """Return where one POST unsubscribes."""
    return str(mail.message["List-Unsubscribe"]).strip("<>")


def text_of(mail: Arrived) -> str:
    """Return the plain text of a mail."""
    body = mail.message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


def confirm_link(mail: Arrived) -> str:
    """Return the link with which an address agrees."""
    found = re.search(rf"{PUBLIC}/u/\S+", text_of(mail))
    assert found is not None
    return found[0]


def team_board(house: House) -> str:
    """Make a board of a group in which Bob is an editor and no administrator."""
    house.alice.post("/api/groups", {"id": "team"})
    house.alice.ask("PUT", "/api/groups/team/members/bob", {"role": "editor"})
    return house.board(scope={"group": "team"})


def test_an_address_agrees_is_told_and_ends_it(post: Post) -> None:
    """Subscribe, confirm, change, mail, one click, silence: the whole life of a subscription by mail."""
    house = post.house
    board = team_board(house)
    house.push(board, a=1, b=2)
    made = post.subscribe(board, as_editor=True)
    assert made["state"] == "unconfirmed"
    post.deliver()
    (question,) = post.mailbox.wait_for(1)
    assert question.recipients == (ANA,)
    assert "List-Unsubscribe" not in question.message

    assert house.push(board, a=3, b=2)["dispatch"]["matched"] == 0, "told before it agreed"
    link = confirm_link(question)
    for method in ("GET", "HEAD", "GET"):
        post.click(link, method)
    assert post.state(made) == "unconfirmed", "a link scanner agreed"
    assert post.click(link).status_code == 200
    assert post.click(link).status_code == 200
    assert post.state(made) == "active"

    dispatch = house.push(board, a=4, b=2)["dispatch"]
    assert (dispatch["matched"], dispatch["queued"]) == (1, 1)
    post.deliver()
    _, told = post.mailbox.wait_for(2)
    assert "a" in text_of(told)
    post.click(stop_link(told), "GET")
    assert post.state(made) == "active", "a link scanner unsubscribed"
    answer = post.click(stop_link(told), body="List-Unsubscribe=One-Click")
    assert answer.status_code == 200
    assert post.state(made) == "removed"
    assert house.push(board, a=9, b=2)["dispatch"]["matched"] == 0
    post.deliver()
    assert len(post.mailbox.arrived) == 2
    actions = [entry["action"] for entry in house.alice.get("/api/audit")["items"]]
    assert {"subscription.confirm", "subscription.unsubscribe"} <= set(actions)


def test_mail_waits_for_a_server_for_two_days_and_no_longer(target: str, tmp_path: Path) -> None:
    """Deferred and said so; sent when one is set up in time; what is older is listed as expired, and never sent."""
    with Mailbox() as mailbox:
        with post_house(target, tmp_path, None) as house:
            board = house.board()
            house.push(board, a=1)
            body = {"subscriber_kind": "email", "subscriber_id": ANA, "threshold_json": ANY}
            made = house.alice.post(f"/api/dashboard/{board}/subscriptions", body)
            assert house.push(board, a=2)["dispatch"]["deferred"] == 1
            house.clock.move(hours=47)
            assert house.push(board, a=3)["dispatch"]["deferred"] == 1
            house.deliver()
            house.clock.move(hours=2)
            now = house.clock()
        settings = settings_of(tmp_path, target, server={"public_url": PUBLIC}, smtp=mailbox.settings())
        services, clock = furnish(settings)
        clock.set(now)
        deliver_due(services, seconds=20)
        with services.store.read() as unit:
            states = [entry.state for entry in unit.outbox.deliveries(made["id"], limit=10).items]
        services.close()
        assert states == ["sent", "expired"]
        assert len(mailbox.arrived) == 1


def test_a_mail_that_is_sent_again_is_the_same_mail(post: Post) -> None:
    """The server took it and the connection broke: one Message-ID, the same bytes, one thread for what follows."""
    house = post.house
    board = house.board()
    house.push(board, a=3, b=2, c=1)
    post.subscribe(board)
    post.mailbox.behave(Break(at="DOT"), None)
    house.push(board, a=1, b=2, c=3)
    post.deliver()
    house.clock.move(minutes=5)
    post.deliver()
    house.push(board, a=3, b=2, c=1)
    post.deliver()
    first, again, later = post.mailbox.wait_for(3)
    assert first.content == again.content
    assert later.message["Message-ID"] != first.message["Message-ID"]
    assert later.message["References"] == first.message["References"]
    assert [part.get_content_type() for part in first.message.walk()][-1] == "image/png"


def test_an_unknown_outcome_is_held_where_the_operator_wants_it_so(target: str, tmp_path: Path) -> None:
    """Shown as unknown, not sent again by itself, and sent again when somebody asks for it."""
    with Mailbox(Break(at="DOT"), None) as mailbox:
        settings = settings_of(tmp_path, target, smtp=mailbox.settings(unknown_outcome="hold"))
        services, clock = furnish(settings)
        with app_client(services) as client:
            post = Post(house=inhabit(settings, services, clock, client), mailbox=mailbox)
            house = post.house
            board = house.board()
            house.push(board, a=1)
            made = post.subscribe(board)
            house.push(board, a=2)
            post.deliver()
            house.clock.move(days=1)
            post.deliver()
            path = f"/api/dashboard/{board}/subscriptions/{made['id']}/deliveries"
            (delivery,) = house.alice.get(path)["items"]
            assert delivery["state"] == "unknown"
            assert delivery["tries"][0]["detail"].startswith("the connection broke after the mail was sent")
            house.alice.post(f"/api/deliveries/{delivery['id']}/replay")
            post.deliver()
            assert house.alice.get(path)["items"][0]["state"] == "sent"
        services.close()
    assert len({mail.message["Message-ID"] for mail in mailbox.arrived}) == 1


def test_a_recipient_that_does_not_exist_is_given_up_and_holds_up_nobody(post: Post) -> None:
    """550 for one, 250 for the next, on the same connection; the address is in no detail."""
    house = post.house
    board = house.board()
    house.push(board, a=1)
    gone = post.subscribe(board)
    body = {"subscriber_kind": "email", "subscriber_id": "bob@example.org", "threshold_json": ANY}
    house.alice.post(f"/api/dashboard/{board}/subscriptions", body)
    post.mailbox.behave(Say(at="RCPT", line=f"550 5.1.1 {ANA} unknown"), None)
    with capture_logs() as log:
        house.push(board, a=2)
        post.deliver()
    assert {"delivery_settled"} <= {line["event"] for line in log}
    assert "@example.org" not in str(log)
    assert [mail.recipients for mail in post.mailbox.wait_for(1)] in ([("bob@example.org",)], [(ANA,)])
    with house.services.store.read() as unit:
        states = {entry.state for entry in unit.outbox.deliveries(gone["id"], limit=10).items}
    assert states <= {"gave_up", "sent"}
    path = f"/api/dashboard/{board}/subscriptions/{gone['id']}/deliveries"
    assert ANA not in str([delivery["tries"] for delivery in house.alice.get(path)["items"]])


def test_slow_mail_holds_up_no_webhook(post: Post, receiver: WebhookReceiver) -> None:
    """A snapshot request sends webhooks; mail is the worker's, however long its server takes."""
    house = post.house
    board = house.board()
    house.push(board, a=1)
    post.subscribe(board)
    house.subscribe(board, receiver, ANY)
    post.mailbox.behave(Dawdle(at="RCPT", seconds=1))
    dispatch = house.push(board, a=2)["dispatch"]
    assert (dispatch["delivered"], dispatch["queued"]) == (1, 1)
    assert post.mailbox.arrived == ()
    post.deliver()
    assert len(post.mailbox.wait_for(1)) == 1


def test_a_test_send_shows_the_real_mail_and_counts_for_nothing(post: Post) -> None:
    """The last change, marked: no delivery, no notice, and the next real one goes as if there had been no test."""
    house = post.house
    board = house.board()
    house.push(board, a=1, b=2)
    house.push(board, a=3, b=2)
    made = post.subscribe(board)
    path = f"/api/dashboard/{board}/subscriptions/{made['id']}"
    alice = authenticate(house.services, house.alice.token)
    assert send_test(house.services, alice, dashboard_ref=board, subscription_id=made["id"]).outcome == "sent"
    (test,) = post.mailbox.wait_for(1)
    assert test.message["Subject"].startswith("[Test] ")
    assert "test send" in text_of(test)
    assert house.alice.get(f"{path}/deliveries")["items"] == []
    house.push(board, a=4, b=2)
    post.deliver()
    _, real = post.mailbox.wait_for(2)
    assert not real.message["Subject"].startswith("[Test] ")
    assert real.message["References"] == test.message["References"]
