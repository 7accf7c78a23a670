"""The links of a mail over HTTP: a page that asks, a POST that acts, and nothing for who has no link."""

from __future__ import annotations

import re
from typing import Any

import pytest
import structlog

from stillframe.api.pages import FORM_POLICY, POLICY
from stillframe.flows.signed_links import confirm_link, unsubscribe_link
from stillframe.model.times import time_from_text
from tests.api.cast import House

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def subscribed(house: House, *, who: str = "admin", address: str = "ana@example.org") -> Any:
    """Make a dashboard of somebody's, and subscribe an address to it."""
    spec = {"title": "Carrier <b>punctuality</b>", "slug": f"by-{who}", "sources": {"rows": {"type": "push"}}}
    spec |= {"panels": {"board": {"source": "rows", "kind": "table", "key": "id"}}, "primary": {"rows": "board"}}
    board = house.made(who, "/api/dashboards", {"view_spec_json": spec})
    body = {"subscriber_kind": "email", "subscriber_id": address, "threshold_json": {"any_change": True}}
    return house.made(who, f"/api/dashboard/{board['id']}/subscriptions", body)


def stop(house: House, made: Any) -> str:
    return unsubscribe_link(house.services, made["id"])


def states(house: House, made: Any) -> list[str]:
    listed = house.ask("admin", "GET", f"/api/dashboard/{made['dashboard_artifact_id']}/subscriptions").json()
    return [entry["state"] for entry in listed["items"]]


def test_the_page_asks_with_one_button_and_no_script(house: House) -> None:
    """It works without JavaScript, sends only to itself, and shows other people's words as words."""
    made = subscribed(house)
    answer = house.ask(None, "GET", stop(house, made))
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == FORM_POLICY
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Carrier &lt;b&gt;punctuality&lt;/b&gt;" in answer.text
    assert "<script" not in answer.text
    assert re.findall(r"<form[^>]*>", answer.text) == ['<form method="post">']
    assert states(house, made) == ["active"]


@pytest.mark.parametrize("body", [b"", b"List-Unsubscribe=One-Click", b"anything=else", b"{"])
def test_a_post_unsubscribes_whatever_it_says(house: House, body: bytes) -> None:
    """A mail program sends its own form, the page's button an empty one; no account, no cookie."""
    made = subscribed(house)
    for _ in range(2):
        answer = house.ask(None, "POST", stop(house, made), content=body, headers=FORM)
        assert answer.status_code == 200
        assert "Unsubscribed" in answer.text
        assert "<form" not in answer.text
        assert "set-cookie" not in answer.headers
    assert states(house, made) == []


def test_looking_changes_nothing(house: House) -> None:
    """Scanners of links, previews and HEAD requests answer for nobody."""
    made = subscribed(house, who="alice")
    asked_at = time_from_text(made["created_at"], path="$")
    for link in (stop(house, made), confirm_link(house.services, made["id"], asked_at=asked_at)):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            house.ask(None, method, link)
    assert states(house, made) == ["unconfirmed"]


def test_an_address_agrees_by_the_button(house: House) -> None:
    """And reads afterwards that it did."""
    made = subscribed(house, who="alice")
    link = confirm_link(house.services, made["id"], asked_at=time_from_text(made["created_at"], path="$"))
    assert "Nothing is sent unless you agree" in house.ask(None, "GET", link).text
    assert "Confirmed" in house.ask(None, "POST", link, content=b"", headers=FORM).text
    assert states(house, made) == ["active"]


def test_a_link_that_is_not_good_is_a_page_that_says_so(house: House) -> None:
    """The reader of a mail is no program: not a problem document, and the same for whatever is wrong."""
    made = subscribed(house)
    for path in ("/u/x", f"{stop(house, made)}x", "/u/" + "a" * 3_000):
        for method in ("GET", "POST"):
            answer = house.ask(None, method, path)
            assert answer.status_code == 404
            assert answer.headers["Content-Type"].startswith("text/html")
            assert answer.headers["Content-Security-Policy"] == POLICY
            assert "This link is not good" in answer.text
    assert house.ask(None, "GET", "/u/").status_code == 404
    assert states(house, made) == ["active"]


def test_the_access_log_does_not_hold_the_link(house: House) -> None:
    """Whoever reads the log could unsubscribe everybody in it."""
    made = subscribed(house)
    with structlog.testing.capture_logs() as log:
        house.ask(None, "GET", stop(house, made))
    (line,) = [entry for entry in log if entry["event"] == "request"]
    assert line["path"] == "/u/…"
    assert stop(house, made).rpartition("/")[2] not in str(log)
