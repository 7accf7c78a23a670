"""A mail says what happened with the names of its rows and one picture, the same bytes on every try."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from stillframe.flows.dispatch import claim
from stillframe.flows.letters import letters_for
from stillframe.flows.projects import change_project
from stillframe.flows.signed_links import act, confirm_link
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.model.dashboard import Dashboard
from stillframe.model.delivery import Letter
from stillframe.render import Renderer
from tests.flows import gated, scoped
from tests.flows.room import ANY, Room, request

ANA = "ana@example.org"
PUBLIC = "https://frames.example.org"


@pytest.fixture
def mailing(room: Room) -> Room:
    """A room that can send mail, as far as its letters go."""
    limits = replace(room.services.limits, mail_sender="Frames <frames@example.org>", public_url=PUBLIC)
    room.services = replace(room.services, limits=limits, sendable=frozenset({"webhook", "email"}))
    return room


def by_mail(room: Room, board: Dashboard, rule: Any = ANY, **more: Any) -> str:
    asked = SubscriptionRequest(subscriber_kind="email", subscriber_id=ANA, threshold=rule, **more)
    return subscribe(room.services, room.root, dashboard_ref=board.id, request=asked).subscription.id


def letters(room: Room) -> list[Letter]:
    """Claim what is due and write it; the leases are left to end."""
    room.clock.move(minutes=5)
    return letters_for(room.services, claim(room.services), {})


def message(letter: Letter) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(letter.body, policy=default))


def form(letter: Letter, kind: str) -> str:
    found = message(letter).get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


def pictures(letter: Letter) -> list[bytes]:
    return [
        cast(bytes, part.get_payload(decode=True))
        for part in message(letter).walk()
        if part.get_content_type() == "image/png"
    ]


def test_a_change_of_rows_has_their_names_and_a_picture(mailing: Room) -> None:
    """The picture is inside the mail, is a picture, and says in words what it shows."""
    board = mailing.board("Größe")
    mailing.take(board, a=3, b=2, c=1)
    subscription = by_mail(mailing, board, importance="high")
    mailing.take(board, a=1, b=2, c=3)
    (letter,) = letters(mailing)
    assert (letter.address, letter.channel, letter.secrets) == (ANA, "email", ())
    told = message(letter)
    assert told["Subject"].startswith("Größe: ")
    assert told["To"] == ANA
    assert told["Importance"] == "high"
    assert told["Message-ID"] == f"<{letter.delivery_id}@example.org>"
    assert told["References"] == f"<{board.id}.{subscription}.thread@example.org>"
    assert told["List-Unsubscribe"].startswith(f"<{PUBLIC}/u/")
    (picture,) = pictures(letter)
    assert picture.startswith(b"\x89PNG")
    assert "▲ up 2" in form(letter, "html")
    assert "a 1 → 3" in form(letter, "plain")


def test_every_try_is_the_same_bytes_also_with_another_renderer(mailing: Room) -> None:
    """What was pushed since does not change what was told, and a picture is drawn alike by every process."""
    board = mailing.board()
    mailing.take(board, total=10, a=1)
    by_mail(mailing, board, {"primary_metric_delta_pct": 0.01})
    mailing.take(board, total=20, a=1)
    (first,) = letters(mailing)
    mailing.take(board, total=99, a=1)
    long_ago = mailing.clock() - timedelta(days=3)
    late = mailing.take_as(mailing.alice, board, request(total=5, a=1, as_of=long_ago))
    assert late.record.late
    renderer = Renderer()
    mailing.services = replace(mailing.services, renderer=renderer)
    again = next(letter for letter in letters(mailing) if letter.delivery_id == first.delivery_id)
    renderer.close()
    assert again.attempt == first.attempt + 1
    assert again.body == first.body


def test_a_reason_about_a_metric_has_its_history(mailing: Room) -> None:
    """Both frames are marked; a snapshot that came later is not in it."""
    board = mailing.board()
    for total in (10, 11, 12):
        mailing.take(board, total=total, a=1)
    by_mail(mailing, board, {"primary_metric_delta_pct": 0.5})
    mailing.take(board, total=30, a=1)
    (letter,) = letters(mailing)
    assert "Picture: Total 10 → 30 (10 – 30)" in form(letter, "plain")
    assert len(pictures(letter)) == 1


def test_a_picture_that_cannot_be_drawn_holds_up_no_mail(mailing: Room) -> None:
    """The table says it all; the picture shows it faster."""
    renderer = Renderer()
    renderer.close()
    mailing.services = replace(mailing.services, renderer=renderer)
    board = mailing.board()
    mailing.take(board, a=3, b=2)
    by_mail(mailing, board)
    mailing.take(board, a=1, b=2)
    (letter,) = letters(mailing)
    assert pictures(letter) == []
    assert "cid:" not in form(letter, "html")
    assert "Ranks" in form(letter, "plain")


def test_without_a_public_address_there_is_no_one_click(mailing: Room) -> None:
    """A header that leads nowhere makes mail programs distrust the sender."""
    limits = replace(mailing.services.limits, public_url="")
    mailing.services = replace(mailing.services, limits=limits)
    board = mailing.board()
    mailing.take(board, a=3)
    by_mail(mailing, board)
    mailing.take(board, a=1)
    (letter,) = letters(mailing)
    assert "List-Unsubscribe" not in message(letter)
    assert "href" not in form(letter, "html")
    assert "remove the subscription" in " ".join(form(letter, "plain").split())


def test_the_question_to_an_address_is_a_mail_too(mailing: Room) -> None:
    """It has the link that agrees, and none to unsubscribe from what nobody agreed to."""
    asked = SubscriptionRequest(subscriber_kind="email", subscriber_id=ANA, threshold=ANY)
    board = mailing.board()
    made = subscribe(mailing.services, mailing.alice, dashboard_ref=board.id, request=asked).subscription
    (letter,) = letters(mailing)
    assert letter.delivery_id == f"{made.id}_{made.id}_confirm"
    assert f"{PUBLIC}/u/" in form(letter, "plain")
    assert "List-Unsubscribe" not in message(letter)


def test_a_sender_that_is_missing_is_said_and_nothing_is_made_up(mailing: Room) -> None:
    """Without an address that it comes from there is no mail."""
    board = mailing.board()
    mailing.take(board, a=3)
    by_mail(mailing, board)
    mailing.take(board, a=1)
    mailing.services = replace(mailing.services, limits=replace(mailing.services.limits, mail_sender=""))
    with capture_logs() as log:
        assert letters(mailing) == []
    assert [line["error"] for line in log if line["event"] == "letter_failed"] == [
        "smtp.sender: mail needs an address that it comes from"
    ]


def test_a_decision_of_a_gate_is_a_mail(mailing: Room) -> None:
    """What it decided, by which checks, and the frames of before and after; without a picture."""
    scoped.settle_in(mailing)
    with mailing.services.store.read() as unit:
        project = unit.dashboards.get(f"project:{gated.PROJECT}")
    assert project is not None
    by_mail(mailing, project, None, on={"gate": ["fail"]})
    gated.bring(mailing, gated.bandit(high=1))
    gated.check(mailing, gated.bandit(high=9), source_ref="4be1f0a")
    (letter,) = letters(mailing)
    told = message(letter)
    assert told["Subject"].startswith(f"{project.title}: {gated.PROJECT} (4be1f0a) failed the release gate standard")
    assert "FAIL by standard" in form(letter, "plain")
    assert "before: frame" in form(letter, "plain")
    assert pictures(letter) == []
    assert "List-Unsubscribe" in told


def test_a_project_that_got_worse_is_shown_by_its_dimensions(mailing: Room) -> None:
    """Scores before and after, in the words that people use for them."""
    scoped.settle_in(mailing)
    with mailing.services.store.read() as unit:
        project = unit.dashboards.get(f"project:{gated.PROJECT}")
    assert project is not None
    gated.bring(mailing, gated.bandit(high=1), gated.coverage(80))
    by_mail(mailing, project, {"dimension_state": "regressed"})
    gated.bring(mailing, gated.bandit(high=9), gated.coverage(40))
    (letter,) = letters(mailing)
    text = form(letter, "plain")
    assert "Audit score (regressed)" in text
    assert "Use of eval, id B307:src/app.py" in " ".join(text.split())
    assert "Picture: " in text
    assert len(pictures(letter)) == 1


def test_a_mail_of_a_view_shows_nothing_of_what_is_hidden(mailing: Room) -> None:
    """Its words are made from the view; a picture would be made from the whole, ranks of the hidden included."""
    scoped.settle_in(mailing)
    for name, health in (("my-service", 90), ("a/b", 50)):
        scoped.score(mailing, name, health)
    scoped.take(mailing, "group", "team-a")
    asked = SubscriptionRequest(subscriber_kind="email", subscriber_id=ANA, threshold=ANY)
    made = subscribe(mailing.services, mailing.alice, dashboard_ref="group:team-a", request=asked).subscription
    link = confirm_link(mailing.services, made.id, asked_at=made.created_at)
    act(mailing.services, link.rpartition("/")[2])
    change_project(mailing.services, mailing.root, name="a/b", group_id="team-b")
    scoped.refresh(mailing)
    scoped.score(mailing, "my-service", 10)
    scoped.take(mailing, "group", "team-a")
    (letter,) = [found for found in letters(mailing) if not found.delivery_id.endswith("_confirm")]
    for kind in ("plain", "html"):
        assert "90" in form(letter, kind)
        assert "a/b" not in form(letter, kind)
    assert pictures(letter) == []
