"""On the command line a rule can be tried on the past, asked why, tested, and its secret replaced."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stillframe.testing import WebhookReceiver
from tests.cli.conftest import Run

RULE = '{"top_n_reordering": 2}'
JSON = ("--format", "json")
Sell = Callable[[str, int], None]


@pytest.fixture
def taken(run: Run, sellers: str, sell: Sell) -> str:
    """Three frames of the sellers: rice overtakes tea, and tea comes back."""
    for sold in (20, 50, 25):
        sell("rice", sold)
        run("dashboard", "snapshot", "create", "--dashboard", sellers)
    return sellers


def test_a_preview_says_what_would_have_been_told_and_keeps_nothing(run: Run, taken: str) -> None:
    """The rule need not exist, and afterwards it still does not."""
    found = run("subscription", "preview", "--dashboard", taken, "--rule", RULE)
    assert "3 snapshots" in found.out.splitlines()[0]
    assert "2 notices" in found.out
    assert "1 → 2" in found.out
    calm = run("subscription", "preview", "--dashboard", taken, "--rule", RULE, "--cooldown", "1d")
    assert "1 notices" in calm.out
    assert "cooling down until" in calm.out
    assert "Nobody is told" in run("subscription", "list", "--dashboard", taken).err


def test_a_preview_over_a_span_that_is_none_is_refused(run: Run, taken: str) -> None:
    """With the option's name, or the member's."""
    ask = ("subscription", "preview", "--dashboard", taken, "--rule", RULE)
    assert "--from" in run(*ask, "--from", "yesterday", code=2).err
    assert "$.last" in run(*ask, "--last", "0", code=2).err


def test_why_says_for_every_snapshot_what_the_rule_said(run: Run, taken: str, sell: Sell) -> None:
    """Told, held back, or not met: each with its sentence."""
    run("persona", "add", "ops-desk")
    add = ("subscription", "add", "--dashboard", taken, "--persona", "ops-desk", "--rule", RULE, "--cooldown", "4h")
    made = run(*add, *JSON).json["id"]
    for sold in (60, 20, 20):
        sell("rice", sold)
        run("dashboard", "snapshot", "create", "--dashboard", taken)
    said = run("subscription", "why", made, "--dashboard", taken, *JSON).json["items"]
    assert [(line["sequence"], line["told"]) for line in said] == [(6, None), (5, None), (4, "alert")]
    shown = run("subscription", "why", made, "--dashboard", taken, "--limit", "2")
    assert "cooling down until" in shown.out or "nothing" in shown.out
    assert "--cursor" in shown.err


def test_a_test_arrives_and_is_marked_as_one(run: Run, taken: str) -> None:
    """It is signed as the real thing is."""
    with WebhookReceiver() as receiver:
        add = ("subscription", "add", "--dashboard", taken, "--webhook", receiver.url(), "--rule", RULE)
        made = run(*add, *JSON).json
        receiver.trust(made["secret"])
        assert "sent" in run("subscription", "test", made["id"], "--dashboard", taken).out
        (received,) = receiver.wait_for(1)
        assert received.verified
        assert b'"test":true' in received.body


def test_a_new_secret_is_shown_once(run: Run, taken: str) -> None:
    """And until when the old one still signs."""
    add = ("subscription", "add", "--dashboard", taken, "--webhook", "http://127.0.0.1:19999/x", "--rule", RULE)
    made = run(*add, *JSON).json
    change = ("subscription", "secret", made["id"], "--dashboard", taken)
    rotated = run(*change, "--overlap", "2d", *JSON).json
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"] > made["created_at"]
    assert "--overlap" in run(*change, "--overlap", "long", code=2).err


def test_what_is_not_paused_goes_on_as_it_was(run: Run, taken: str) -> None:
    """Resuming twice does no harm."""
    run("persona", "add", "ops-desk")
    made = run("subscription", "add", "--dashboard", taken, "--persona", "ops-desk", "--rule", RULE, *JSON).json["id"]
    assert "is active; deliveries sent again: 0" in run("subscription", "resume", made, "--dashboard", taken).out


def test_a_manner_is_changed_and_taken_back(run: Run, taken: str) -> None:
    """What is not named stays; nothing named is refused."""
    run("persona", "add", "ops-desk")
    made = run("subscription", "add", "--dashboard", taken, "--persona", "ops-desk", "--rule", RULE, *JSON).json["id"]
    change = ("subscription", "change", made, "--dashboard", taken)
    run(*change, code=2)
    assert run(*change, "--quiet-hours", "22:00-07:00 Europe/Berlin", *JSON).json["quiet_hours"]["to"] == "07:00"
    changed = run(*change, "--snooze", "2d", *JSON).json
    assert changed["snooze_until"] is not None
    assert changed["quiet_hours"] is not None
    assert run(*change, "--quiet-hours", "none", *JSON).json["quiet_hours"] is None
