"""Channels from end to end: a chat and a real Alertmanager hear of a change, and of its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stillframe.model.times import time_text
from stillframe.testing import Answer, Hang, WebhookReceiver
from stillframe.wiring import now
from tests.notify.alertmanager_server import alertmanager
from tests.stories.house import House, app_client, furnish, inhabit, settings_of

ANY = {"any_change": True}
FELL = {"value_delta_pct": 0.1, "on_field": "score", "direction": "down"}
PUBLIC = "https://frames.example.org"


@contextmanager
def channel_house(target: str, folder: Path, **urls: str) -> Iterator[House]:
    """Return a house whose configuration names these channels."""
    channels = {name: {"url": url} for name, url in urls.items()}
    settings = settings_of(folder, target, channels=channels, server={"public_url": PUBLIC})
    services, clock = furnish(settings)
    with app_client(services) as client:
        yield inhabit(settings, services, clock, client)
    services.close()


def tell(house: House, board: str, name: str, rule: Any, **more: Any) -> Any:
    """Subscribe a channel, as Alice, who is an administrator."""
    body = {"subscriber_kind": "channel", "subscriber_id": name, "threshold_json": rule, **more}
    return house.alice.post(f"/api/dashboard/{board}/subscriptions", body)


@pytest.mark.needs("prometheus-alertmanager")
def test_an_alert_stands_until_the_change_is_over(target: str, tmp_path: Path) -> None:
    """Fired once, resolved once, by what the API knows the dashboard and the subscription by."""
    with (
        WebhookReceiver() as hook,
        alertmanager(tmp_path, hook=hook.url()) as running,
        channel_house(target, tmp_path, alerts=running.url) as house,
    ):
        board = house.board("Carriers")
        made = tell(house, board, "alerts", FELL, notify_on_resolve=True, importance="high", baseline="pinned",
                    baseline_snapshot_id=house.push(board, a=10)["id"])  # fmt: skip
        house.push(board, a=5)
        house.deliver()
        (firing,) = running.wait_for_alerts("StillframeChange", 1)
        assert firing["labels"]["dashboard"] == board
        assert firing["labels"]["subscription"] == made["id"]
        assert firing["labels"]["severity"] == "critical"
        assert firing["endsAt"] > time_text(now() + timedelta(days=30)), "it would end before the change is over"
        assert firing["generatorURL"] == f"{PUBLIC}/api/dashboard/{board}"
        assert "fell" in json.loads(hook.wait_for(1, seconds=20)[0].body)["alerts"][0]["annotations"]["summary"]
        house.alice.ask("PATCH", f"/api/dashboard/{board}/subscriptions/{made['id']}", {"importance": "low"})
        house.push(board, a=10)
        house.deliver()
        assert running.wait_for_alerts("StillframeChange", 0) == []
        assert json.loads(hook.wait_for(2, seconds=20)[1].body)["status"] == "resolved"


def test_a_chat_that_hangs_delays_neither_the_capture_nor_a_webhook(
    target: str, tmp_path: Path, receiver: WebhookReceiver
) -> None:
    """Channels are a worker's work; webhooks go out within the request."""
    with WebhookReceiver(Hang(), Answer()) as chat:
        url = f"json://127.0.0.1:{chat.port}/hush?rto=1"
        with channel_house(target, tmp_path, chat=url) as house:
            board = house.board("Carriers")
            house.push(board, a=1)
            made = tell(house, board, "chat", ANY)
            house.subscribe(board, receiver, ANY)
            taken = house.push(board, a=2)
            assert (taken["dispatch"]["queued"], taken["dispatch"]["failed"]) == (1, 0)
            receiver.wait_for(1)
            assert chat.ledger == ()
            house.deliver()
            house.clock.move(minutes=1)
            house.deliver()
            path = f"/api/dashboard/{board}/subscriptions/{made['id']}/deliveries"
            (delivery,) = house.alice.get(path)["items"]
            assert (delivery["state"], len(delivery["tries"])) == ("sent", 2)
            assert delivery["tries"][0]["detail"] == "JSON: the connection failed"
            assert "hush" not in json.dumps(delivery)
        first, second = (json.loads(found.body) for found in chat.ledger)
        assert first == second
