"""The only module that knows every concrete class: from settings to services."""

from __future__ import annotations

import random
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import uuid_utils

from stillframe import __version__
from stillframe.capture import Connection
from stillframe.config import Settings, process_name
from stillframe.errors import ConfigurationError
from stillframe.flows.backup import Installation
from stillframe.flows.identity import TOKEN_PREFIX
from stillframe.flows.services import Limits, Services
from stillframe.notify import AddressPolicy, Notifier, Vault, WebhookChannel, key_from_text, load_or_create_key
from stillframe.render import Renderer
from stillframe.store import LOG_NAMES, Store

_TOKEN_BYTES = 32
_TURN_SECONDS = 10.0
_SETTLE_SECONDS = 3.0


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


def build_services(settings: Settings, *, create: bool, clock: Callable[[], datetime] = now) -> Services:
    """
    Open the database that the settings name and put everything together.

    Shape   `create`: make the database and bring its schema up to date; without it a missing one is an error. `clock`:
            what flows and settled sends go by; a webhook's signature always says the true time.
    Errors  StoreError, ConfigurationError.
    """
    if create and settings.database.url is None:
        Path(settings.store_target).parent.mkdir(parents=True, exist_ok=True)
    store = Store.open(settings.store_target, create=create)
    try:
        return _services(settings, store, _vault_key(settings, store), clock=clock)
    except BaseException:
        store.close()
        raise


def _services(settings: Settings, store: Store, vault_key: bytes, *, clock: Callable[[], datetime]) -> Services:
    policy = _address_policy(settings)
    channel = WebhookChannel(
        policy=policy, clock=now, version=__version__, timeout_seconds=settings.webhook.timeout_seconds
    )
    return Services(
        store=store,
        notifier=Notifier(channel=channel, clock=clock, turn_seconds=_TURN_SECONDS),
        renderer=Renderer(),
        vault=Vault(vault_key),
        receiver_key=vault_key,
        clock=clock,
        new_id=new_id,
        new_token=new_token,
        jitter=random.random,
        connections=_connections(settings),
        address_policy=policy,
        limits=_limits(settings),
        holder=process_name(),
    )


def installation(settings: Settings) -> Installation:
    """
    Return where an installation keeps its things; nothing is opened.

    Errors  ConfigurationError if the settings give a key that is none.
    """
    given = settings.secrets.key
    return Installation(
        target=settings.store_target,
        key_path=settings.secret_key_path,
        given_key=None if given is None else key_from_text(given.get_secret_value()),
    )


def new_id() -> str:
    """Return a new UUIDv7: ids made later sort later."""
    return str(uuid_utils.uuid7())


def new_token() -> str:
    """Return a new token: 256 random bits behind the prefix that secret scanners know it by."""
    return TOKEN_PREFIX + urlsafe_b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode().rstrip("=")


def _vault_key(settings: Settings, store: Store) -> bytes:
    if settings.secrets.key is not None:
        return key_from_text(settings.secrets.key.get_secret_value())
    path = settings.secret_key_path
    with store.read() as unit:
        if not path.exists() and unit.subscriptions.any_sealed():
            raise ConfigurationError(
                f"the key of secrets is not at {path}, and the database holds secrets sealed with it: put the key back"
            )
    return load_or_create_key(path)


def _address_policy(settings: Settings) -> AddressPolicy:
    private = settings.webhook.allow_private_targets
    if settings.webhook.ports is None:
        return AddressPolicy(allow_private_targets=private)
    ports = [range(port, port + 1) for port in settings.webhook.ports]
    return AddressPolicy(allow_private_targets=private, ports=ports)


def _connections(settings: Settings) -> dict[str, Connection]:
    return {
        name: Connection(
            name=name,
            url=found.url.get_secret_value(),
            folder=settings.path("."),
            headers={header: value.get_secret_value() for header, value in found.headers.items()},
            groups=frozenset(found.groups),
        )
        for name, found in settings.connections.items()
    }


def _limits(settings: Settings) -> Limits:
    return Limits(
        dispatch_timeout_ms=settings.dashboard.dispatch_timeout_ms,
        diff_top_n=settings.dashboard.diff_top_n,
        list_limit=settings.dashboard.snapshot_list_limit,
        max_rows=settings.capture.max_rows,
        source_timeout_seconds=settings.capture.timeout_seconds,
        lease_seconds=settings.webhook.timeout_seconds + _TURN_SECONDS + _SETTLE_SECONDS,
        scope_interval_minutes=settings.dashboard.snapshot_interval_minutes
        if settings.dashboard.snapshot_enabled
        else None,
        public_url=settings.server.public_url,
        retention_days=settings.retention_days,
        log_days={name: settings.log_days[name] for name in LOG_NAMES},
    )
