"""The document of a channel: one message in the words of chat services and as alerts of Prometheus Alertmanager."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from stillframe.model.payload import RowId
from stillframe.report.channel_alerts import alerts_of
from stillframe.report.channel_words import words_of
from stillframe.report.message import Message

_WRITER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_BY_IMPORTANCE: Final = {"low": "info", "normal": "warning", "high": "failure"}
_BY_DECISION: Final = {"pass": "success", "warn": "warning", "fail": "failure"}


def channel_document(message: Message, *, titles: Mapping[RowId, str]) -> bytes:
    """
    Return what goes out to a channel: a line of JSON, the same bytes for the same message.

    Shape   `title` and `text` in plain text, `markdown`; `type`: `info`, `success`, `warning` or `failure`; `alerts`:
            as `alerts_of` gives them. `titles`: what people call the rows of the two snapshots.
    Source  docs/howto/tell-chat-and-pagers.md.
    """
    words = words_of(message, titles=titles)
    document: dict[str, Any] = {
        "title": words.title,
        "text": words.text,
        "markdown": words.markdown,
        "type": type_of(message),
        "alerts": alerts_of(message, words),
    }
    return _WRITER.encode(document).encode("utf8", "replace")


def type_of(message: Message) -> str:
    """Return how grave a message is, in the four words of chat services and pagers."""
    if message.gate is not None:
        return _BY_DECISION[message.gate["decision"]]
    if message.kind == "resolved":
        return "success"
    if message.kind == "digest" and message.importance != "high":
        return "info"
    return _BY_IMPORTANCE[message.importance]
