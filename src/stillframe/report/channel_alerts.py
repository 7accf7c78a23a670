"""A message as alerts of Prometheus Alertmanager: which alert begins, and which one is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stillframe.model.calm import Importance
from stillframe.model.times import time_text
from stillframe.report.channel_words import Words
from stillframe.report.message import Message

LASTS_SECONDS: Final = 3_600
"""An alert that nothing will resolve: a notice is an event, and ends by itself."""
LASTS_UNRESOLVED_SECONDS: Final = 365 * 86_400
"""An alert that `resolved` will end; Alertmanager must be told some end, and forgets one without it in minutes."""
TEST_LASTS_SECONDS: Final = 300
_SEVERITIES: Final[Mapping[Importance, str]] = {"low": "info", "normal": "warning", "high": "critical"}
_NAMES: Final = {
    "alert": "StillframeChange",
    "resolved": "StillframeChange",
    "digest": "StillframeDigest",
    "gate": "StillframeRelease",
}
_KINDS: Final = {"resolved": "alert"}
_WEB: Final = ("http://", "https://")


def alerts_of(message: Message, words: Words) -> list[dict[str, Any]]:
    """
    Return the alerts that a message begins or ends.

    An alert is what its labels say, so `resolved` carries those of the alert that told of it; only the severity follows
    the importance, which may have been changed since.

    Shape   Each `{labels, annotations, starts_at, ended, lasts_seconds, url}`. `lasts_seconds`: for how long from when
            it is sent, unless it has ended. `url`: empty where there is no public address.
    Source  https://prometheus.io/docs/alerting/latest/alerts_api/.
    """
    over = message.kind == "resolved"
    told_at = message.said.get("told_at") if over else None
    return [
        {
            "labels": _labels(message),
            "annotations": {"summary": words.title, "description": words.text, **_linked(message)},
            "starts_at": told_at or time_text(message.created_at),
            "ended": over,
            "lasts_seconds": _lasts(message),
            "url": _linked(message).get("dashboard", ""),
        }
    ]


def _labels(message: Message) -> dict[str, str]:
    labels = {
        "alertname": _NAMES[message.kind],
        "dashboard": message.dashboard_id,
        "kind": _KINDS.get(message.kind, message.kind),
        "severity": _SEVERITIES[message.importance],
        "subscription": message.subscription_id,
        **_cause(message),
    }
    return labels | {"test": "true"} if message.test else labels


def _cause(message: Message) -> dict[str, str]:
    """Return what tells this alert from the one before it, which Alertmanager would else not tell again for hours."""
    if message.gate is not None:
        return {"decision": str(message.gate["decision"]), "cause": str(message.gate["id"])}
    if message.kind == "resolved" and message.said.get("told_snapshot_id"):
        return {"cause": str(message.said["told_snapshot_id"])}
    return {"cause": message.snapshot_b.id} if message.snapshot_b is not None else {}


def _lasts(message: Message) -> int:
    if message.test:
        return TEST_LASTS_SECONDS
    return LASTS_UNRESOLVED_SECONDS if message.kind == "alert" and message.lasting else LASTS_SECONDS


def _linked(message: Message) -> dict[str, str]:
    return {found: url for found, url in sorted(message.links.items()) if url.startswith(_WEB)}
