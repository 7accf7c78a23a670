"""Documents of channels as letters: what a channel's window gets, with boring defaults."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from stillframe.model.delivery import Letter
from tests.notify.letters import a_letter


def an_alert(*, ended: bool = False, **labels: str) -> dict[str, Any]:
    """One alert of a document, which begins now and lasts an hour, or is over."""
    return {
        "labels": {"alertname": "StillframeChange", "dashboard": "d-1", "cause": "s-2", **labels},
        "annotations": {"summary": "Carriers: United fell", "description": "on_time fell"},
        "starts_at": "2026-01-02T12:00:00.000Z",
        "ended": ended,
        "lasts_seconds": 3600,
        "url": "https://frames.example/api/dashboard/d-1",
    }


def a_document(*alerts: dict[str, Any], name: str = "ops", **said: Any) -> Letter:
    """A letter to the channel `ops`."""
    document = {
        "title": "Carriers: United fell",
        "text": "on_time of UA fell *much*",
        "markdown": "on\\_time of UA fell \\*much\\*",
        "type": "warning",
        "alerts": list(alerts) or [an_alert()],
        **said,
    }
    return replace(a_letter(name, body=json.dumps(document).encode()), channel="channel")
