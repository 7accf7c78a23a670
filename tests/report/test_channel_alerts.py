"""Alerts for Alertmanager: which labels make an alert, and that what is over ends the one that was told."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.report.channel_alerts import (
    LASTS_SECONDS,
    LASTS_UNRESOLVED_SECONDS,
    TEST_LASTS_SECONDS,
    alerts_of,
)
from stillframe.report.channel_words import words_of
from stillframe.report.message import Message
from tests.report.messages import WEB, a_decision, a_message, frame


def alerts(message: Message) -> list[dict[str, Any]]:
    return alerts_of(message, words_of(message, titles={}))


def test_an_alert_is_named_by_whom_and_what_it_is_about() -> None:
    """Labels are what an operator routes and silences by."""
    (alert,) = alerts(a_message())
    assert alert["labels"] == {
        "alertname": "StillframeChange",
        "dashboard": "d-1",
        "kind": "alert",
        "severity": "warning",
        "subscription": "sub-1",
        "cause": "s-2",
    }
    assert alert["annotations"]["summary"] == "Carriers: on_time of UA fell 10 % to 0.54"
    assert alert["annotations"]["diff"] == f"{WEB}/api/dashboard/d-1/diff?from=s-1&to=s-2"
    assert alert["url"] == f"{WEB}/api/dashboard/d-1"
    assert (alert["ended"], alert["lasts_seconds"]) == (False, LASTS_SECONDS)
    assert alert["starts_at"] == "2026-01-02T12:00:00.000Z"


@pytest.mark.parametrize(("importance", "severity"), [("low", "info"), ("normal", "warning"), ("high", "critical")])
def test_importance_is_the_severity(importance: str, severity: str) -> None:
    """The words that routes of Alertmanager usually know."""
    (alert,) = alerts(a_message(importance=importance))
    assert alert["labels"]["severity"] == severity


def test_what_is_over_ends_the_very_alert_that_was_told() -> None:
    """Alertmanager knows an alert by its labels alone."""
    (told,) = alerts(a_message(importance="high", lasting=True))
    assert told["lasts_seconds"] == LASTS_UNRESOLVED_SECONDS
    said = {"told_snapshot_id": "s-2", "told_at": "2026-01-02T12:00:01.000Z"}
    (over,) = alerts(a_message(kind="resolved", importance="high", said=said, snapshot_b=frame(3)))
    assert told["labels"] == over["labels"]
    assert (over["ended"], over["starts_at"]) == (True, "2026-01-02T12:00:01.000Z")


def test_a_later_change_is_an_alert_of_its_own() -> None:
    """Or Alertmanager would take it for the one that it has told already."""
    first, second = alerts(a_message()), alerts(a_message(snapshot_b=a_message().snapshot_a))
    assert first[0]["labels"] != second[0]["labels"]


def test_a_test_is_no_alert_of_the_real_ones_and_soon_over() -> None:
    """A rehearsal cannot be taken for, or end, what is really there."""
    (alert,) = alerts(a_message(test=True, lasting=True))
    assert (alert["labels"]["test"], alert["lasts_seconds"]) == ("true", TEST_LASTS_SECONDS)


def test_a_digest_and_a_decision_have_names_of_their_own() -> None:
    """A route for releases takes no changes."""
    (digest,) = alerts(a_message(kind="digest", said={"times": 2}))
    (decision,) = alerts(a_decision())
    assert digest["labels"]["alertname"] == "StillframeDigest"
    assert decision["labels"]["alertname"] == "StillframeRelease"
    assert (decision["labels"]["decision"], decision["labels"]["cause"]) == ("fail", "g-1")


def test_without_a_public_address_there_is_nothing_to_link_to() -> None:
    """Alertmanager refuses what is no address."""
    (alert,) = alerts(a_message(links={"dashboard": "/api/dashboard/d-1"}))
    assert (alert["url"], set(alert["annotations"])) == ("", {"summary", "description"})
