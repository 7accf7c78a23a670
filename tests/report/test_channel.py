"""The document of a channel: whole, the same each time, and as grave as the message is."""

from __future__ import annotations

import json

import pytest

from stillframe.report.channel import channel_document, type_of
from stillframe.report.message import Message
from tests.report.messages import a_decision, a_message
from tests.report.pictures import CARRIERS


def test_a_document_holds_what_every_kind_of_channel_needs() -> None:
    """One document, whether a chat, a pager or an Alertmanager is behind the name."""
    body = channel_document(a_message(), titles=CARRIERS)
    assert b"\n" not in body
    document = json.loads(body)
    assert list(document) == ["title", "text", "markdown", "type", "alerts"]
    assert document["title"] == "Carriers: on_time of United fell 10 % to 0.54"
    assert len(document["alerts"]) == 1


def test_the_same_message_is_the_same_bytes() -> None:
    """Another try is the same letter."""
    assert channel_document(a_message(), titles={}) == channel_document(a_message(), titles={})


def test_half_a_character_from_outside_breaks_nothing() -> None:
    """A lone surrogate is no UTF-8; the letter goes out all the same."""
    assert channel_document(a_message(dashboard_title="\ud800 x"), titles={}).decode()


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (a_message(importance="low"), "info"),
        (a_message(), "warning"),
        (a_message(importance="high"), "failure"),
        (a_message(kind="resolved", importance="high"), "success"),
        (a_message(kind="digest", said={"times": 1}), "info"),
        (a_message(kind="digest", importance="high"), "failure"),
        (a_decision(), "failure"),
        (a_decision(answer={"decision": "warn"}), "warning"),
        (a_decision(answer={"decision": "pass"}), "success"),
    ],
)
def test_how_grave_a_message_is(message: Message, kind: str) -> None:
    """A pager decides by this word whether it rings."""
    assert type_of(message) == kind
    assert json.loads(channel_document(message, titles={}))["type"] == kind
