"""A folder with the example's dashboard as a year leaves it: one frame of real flights a day, by a clock of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stillframe.capture import parse_view_spec
from stillframe.cli.demo import example, flights
from stillframe.config import CONFIG_NAME, load_settings
from stillframe.flows.dashboards import apply_view_spec
from stillframe.flows.identity import create_persona, local_caller
from stillframe.flows.snapshots import SnapshotRequest, take_snapshot
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.wiring import build_services

_CONFIGURATION = """[connections.flights]
url = "sqlite:///flights.db"

[webhook]
allow_private_targets = true

# The flights are of long ago, and a server cleans up.
[retention]
standard = "forever"

[retention.log]
deliveries = "forever"
verdicts = "forever"
"""
_SOURCE_FILE = "flights.db"


def furnish(folder: Path, *, days: int, persona: str, rule: Mapping[str, Any], calm: Mapping[str, Any]) -> None:
    """Make the database of a dashboard `carriers` that was captured each evening, and told a persona of a rule."""
    (folder / CONFIG_NAME).write_text(_CONFIGURATION, encoding="utf8")
    flights.create(folder / _SOURCE_FILE, carriers=example.carriers())
    evenings = [datetime.fromisoformat(day.date).replace(hour=23, tzinfo=UTC) for day in example.days(days)]
    now = evenings[0].replace(hour=0)
    services = build_services(load_settings(folder / CONFIG_NAME), create=True, clock=lambda: now)
    try:
        caller = local_caller(services, "ana")
        create_persona(services, caller, slug=persona, name=persona)
        spec = parse_view_spec(example.view_spec_file().read_bytes(), format="yaml")
        apply_view_spec(services, caller, view_spec=spec)
        told = SubscriptionRequest(subscriber_kind="persona", subscriber_id=persona, threshold=rule, calm=calm)
        subscribe(services, caller, dashboard_ref=spec.slug, request=told)
        for day, now in zip(example.days(days), evenings, strict=True):
            flights.load(folder / _SOURCE_FILE, day)
            request = SnapshotRequest(as_of=now, trigger_source="cli")
            take_snapshot(services, caller, dashboard_ref=spec.slug, request=request, wait_for_sends=True)
    finally:
        services.close()
