"""The demo's scene: a folder with its configuration and databases, Alice and her persona, a receiver, four rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stillframe.capture import parse_view_spec
from stillframe.cli.demo import example, flights
from stillframe.config import CONFIG_NAME, Settings, load_settings
from stillframe.errors import InvalidInput
from stillframe.flows.dashboards import apply_view_spec, get_dashboard
from stillframe.flows.identity import authenticate, create_persona, create_token, local_caller
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import SubscriptionRequest, subscribe
from stillframe.model.identity import Caller
from stillframe.testing import WebhookReceiver
from stillframe.wiring import build_services

ALICE = "alice"
PERSONA = "network-desk"
TOKEN_DAYS = 1.0
SOURCE_FILE = "flights.db"

_CONFIGURATION = f"""# The demo's own configuration: its databases are in this folder.

[connections.flights]
url = "sqlite:///{SOURCE_FILE}"

[webhook]
# The demo's receiver is on this machine. Leave this out where receivers are elsewhere.
allow_private_targets = true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """
    Somebody's rule over the leaderboard.

    Shape   `path`: where a webhook is received; None for the persona.
    """

    name: str
    asks: str
    rule: Mapping[str, Any]
    baseline: str = "previous"
    path: str | None = None

    @property
    def subscriber(self) -> str:
        return f"@{PERSONA}" if self.path is None else f"webhook {self.path}"


WATCHES = (
    Watch(name="podium", asks="the top 3 are reordered", rule={"top_n_reordering": 3}),
    Watch(
        name="slow drift",
        asks="a carrier has lost 10 points since the last notice",
        rule={"value_delta_abs": 10, "on_field": "on_time_pct", "direction": "down"},
        baseline="last_notified",
        path="/drift",
    ),
    Watch(
        name="bad day",
        asks="all flights together lost 3 % in a day",
        rule={"metric_delta_pct": 0.03, "on_metric": "on_time", "direction": "down"},
        path="/bad-day",
    ),
    Watch(
        name="new leader in a falling market",
        asks="the first place changes while punctuality falls by 1 %",
        rule={"AND": [{"top_n_reordering": 1}, {"primary_metric_delta_pct": 0.01, "direction": "down"}]},
        path="/leader",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything that stands ready before the first day."""

    folder: Path
    settings: Settings
    services: Services
    alice: Caller
    token: str = field(repr=False)
    dashboard_id: str
    receiver: WebhookReceiver

    @property
    def source(self) -> Path:
        """The database that the dashboard asks."""
        return self.folder / SOURCE_FILE


@contextmanager
def ready(folder: Path, receiver: WebhookReceiver) -> Iterator[Scene]:
    """
    Set the scene in a folder, and keep its services open while the block runs; the receiver outlives them.

    Errors  InvalidInput if the folder has a configuration already: the demo never touches somebody's own.
    """
    _prepare(folder)
    settings = load_settings(folder / CONFIG_NAME)
    services = build_services(settings, create=True)
    try:
        yield _cast(folder, settings, services=services, receiver=receiver)
    finally:
        services.close()


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidInput.at("--folder", f"{folder} is not empty; the demo needs a folder of its own")
    (folder / CONFIG_NAME).write_text(_CONFIGURATION, encoding="utf8")
    flights.create(folder / SOURCE_FILE, carriers=example.carriers())


def _cast(folder: Path, settings: Settings, *, services: Services, receiver: WebhookReceiver) -> Scene:
    made = create_token(
        services, local_caller(services, "demo"), user_name=ALICE, role="admin", label="demo", days=TOKEN_DAYS
    )
    alice = authenticate(services, made.text)
    create_persona(services, alice, slug=PERSONA, name="Network desk")
    spec = parse_view_spec(example.view_spec_file().read_bytes(), format="yaml")
    apply_view_spec(services, alice, view_spec=spec)
    dashboard, _ = get_dashboard(services, alice, dashboard_ref=spec.slug)
    secrets = [_subscribed(services, alice, watch, dashboard_id=dashboard.id, receiver=receiver) for watch in WATCHES]
    receiver.trust(*(secret for secret in secrets if secret is not None))
    return Scene(
        folder=folder,
        settings=settings,
        services=services,
        alice=alice,
        token=made.text,
        dashboard_id=dashboard.id,
        receiver=receiver,
    )


def _subscribed(
    services: Services, alice: Caller, watch: Watch, *, dashboard_id: str, receiver: WebhookReceiver
) -> str | None:
    request = SubscriptionRequest(
        subscriber_kind="persona" if watch.path is None else "webhook",
        subscriber_id=PERSONA if watch.path is None else receiver.url(watch.path),
        threshold=watch.rule,
        baseline=watch.baseline,
    )
    return subscribe(services, alice, dashboard_ref=dashboard_id, request=request).secret
