"""The only module that knows every concrete class: from settings to services."""

from __future__ import annotations

import random
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import uuid_utils

from stillframe import __version__
from stillframe.capture import Connection
from stillframe.capture.profile_file import profile_document
from stillframe.config import ChannelSettings, Settings, process_name
from stillframe.errors import ConfigurationError, InvalidInput, nearest
from stillframe.flows.backup import Installation
from stillframe.flows.identity import TOKEN_PREFIX
from stillframe.flows.services import GateSettings, Limits, Services
from stillframe.health import CompliancePolicy, Formula
from stillframe.model.delivery import SubscriberKind
from stillframe.model.facts import PARTS, Part
from stillframe.model.gate import Profile
from stillframe.notify import (
    AddressPolicy,
    AlertmanagerChannel,
    AppriseChannel,
    Channel,
    MailChannel,
    MailServer,
    NamedChannels,
    Notifier,
    Switchboard,
    Vault,
    WebhookChannel,
    key_from_text,
    load_or_create_key,
    sender_address,
)
from stillframe.render import Renderer
from stillframe.rules.profiles import BUILT_IN, parse_profile
from stillframe.store import LOG_NAMES, Store

_TOKEN_BYTES = 32
_TURN_SECONDS = 10.0
_CHANNEL_SECONDS = 20.0
"""How long a send to a chat service or an Alertmanager may take, with its wait for the one before it."""


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
    webhooks = WebhookChannel(
        policy=policy, clock=now, version=__version__, timeout_seconds=settings.webhook.timeout_seconds
    )
    channels: dict[SubscriberKind, Channel] = {"webhook": webhooks}
    server = mail_server(settings)
    if server is not None:
        channels["email"] = MailChannel(server)
    if settings.channels:
        channels["channel"] = NamedChannels(
            {name: _named_channel(name, found) for name, found in settings.channels.items()}
        )
    return Services(
        store=store,
        notifier=Notifier(channel=Switchboard(channels), clock=clock, turn_seconds=_TURN_SECONDS),
        renderer=Renderer(),
        vault=Vault(vault_key),
        receiver_key=vault_key,
        clock=clock,
        new_id=new_id,
        new_token=new_token,
        jitter=random.random,
        connections=_connections(settings),
        address_policy=policy,
        sendable=frozenset(channels),
        hold_unknown=frozenset({"email"} if settings.smtp.unknown_outcome == "hold" else ()),
        channels={name: frozenset(found.groups) for name, found in settings.channels.items()},
        limits=_limits(settings),
        gate=_gate(settings),
        formula=_formula(settings),
        profiles=_profiles(settings),
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


def mail_server(settings: Settings) -> MailServer | None:
    """
    Return the mail server that the settings name; None where they name none, and mail is deferred.

    Errors  ConfigurationError for a host without a sender, a sender that is no address, and a password or a name
            without the other.
    """
    said = settings.smtp
    if said.host is None:
        return None
    if said.sender is None:
        raise ConfigurationError("smtp.sender: with smtp.host, say from which address mail comes")
    try:
        sender_address(said.sender)
    except ValueError as error:
        raise ConfigurationError(f"smtp.sender: {error}") from None
    if said.password is not None and said.username is None:
        raise ConfigurationError("smtp.password: say with which smtp.username it signs in")
    if said.username is not None and said.password is None:
        raise ConfigurationError("smtp.username: say with which smtp.password it signs in")
    return MailServer(
        host=said.host,
        port=said.port,
        sender=said.sender,
        security=said.security,
        username=said.username,
        password=None if said.password is None else said.password.get_secret_value(),
        timeout_seconds=said.timeout_seconds,
    )


def _named_channel(name: str, found: ChannelSettings) -> Channel:
    url, headers = found.url.get_secret_value(), found.headers
    if url.startswith(("http://", "https://")):
        given = {header: value.get_secret_value() for header, value in headers.items()}
        return AlertmanagerChannel(
            name=name, url=url, headers=given, clock=now, version=__version__, timeout_seconds=_CHANNEL_SECONDS / 2
        )
    if headers:
        raise ConfigurationError(f"channels.{name}.headers: only an Alertmanager takes headers")
    return AppriseChannel(name=name, url=url, timeout_seconds=_CHANNEL_SECONDS)


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


def _formula(settings: Settings) -> Callable[[Mapping[str, int]], Formula]:
    said, policy = settings.score, settings.compliance
    weights: dict[Part, float] = {part: getattr(said, part) for part in PARTS}
    compliance = CompliancePolicy(
        denied_licences=_spelled(policy.denied_licences),
        licence_weight=policy.licence_weight,
        scorecard_minimum=policy.scorecard_minimum,
        weights=policy.weights,
    )
    return lambda readers: Formula(weights=weights, compliance=compliance, readers=readers)


def _spelled(licences: Sequence[str]) -> tuple[str, ...]:
    """Return licences by the names that readers give to those of components: `GPL-3.0` is `GPL-3.0-only` there."""
    if not licences:
        return ()
    from stillframe.capture.reports.licences import alternatives

    found: list[str] = []
    for text in licences:
        choices = alternatives(text, named=True)
        if len(choices) != 1 or len(choices[0]) != 1:
            raise ConfigurationError(f"compliance.denied_licences: {text!r} is not the SPDX id of one licence")
        found += choices[0]
    return tuple(found)


def _profiles(settings: Settings) -> dict[str, Profile]:
    """Return every profile that may be named; a file that is none stops the start, before a gate is asked."""
    if settings.release.profiles is None:
        return dict(BUILT_IN)
    folder = settings.path(settings.release.profiles)
    if not folder.is_dir():
        raise ConfigurationError(f"release.profiles: there is no folder at {folder}")
    found = dict(BUILT_IN)
    for file in sorted(folder.glob("*.toml")):
        try:
            profile = parse_profile(profile_document(file.read_bytes(), name=file.name), source=file.name)
        except (InvalidInput, OSError) as error:
            raise ConfigurationError(f"release.profiles: {file}: {error}") from error
        if profile.name in found:
            raise ConfigurationError(f"release.profiles: {file}: there is a profile named {profile.name!r} already")
        found[profile.name] = profile
    return found


def _gate(settings: Settings) -> GateSettings:
    said = settings.dashboard
    if said.snapshot_release_retention_class not in settings.retention_days:
        known = nearest(said.snapshot_release_retention_class, list(settings.retention_days))
        raise ConfigurationError(
            f"dashboard.snapshot_release_retention_class: {said.snapshot_release_retention_class!r} is no retention "
            f"class{known}"
        )
    return GateSettings(
        pre_enabled=said.snapshot_release_pre_enabled,
        post_enabled=said.snapshot_release_post_enabled,
        immutable=said.snapshot_release_immutable,
        retention_class=said.snapshot_release_retention_class,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        dispatch_timeout_ms=settings.dashboard.dispatch_timeout_ms,
        diff_top_n=settings.dashboard.diff_top_n,
        list_limit=settings.dashboard.snapshot_list_limit,
        max_rows=settings.capture.max_rows,
        source_timeout_seconds=settings.capture.timeout_seconds,
        send_seconds=max(
            settings.webhook.timeout_seconds,
            settings.smtp.timeout_seconds if settings.smtp.host is not None else 0.0,
            _CHANNEL_SECONDS if settings.channels else 0.0,
        ),
        scope_interval_minutes=settings.dashboard.snapshot_interval_minutes
        if settings.dashboard.snapshot_enabled
        else None,
        stale_after_days=settings.score.stale_after_days,
        public_url=settings.server.public_url,
        mail_sender=settings.smtp.sender or "",
        retention_days=settings.retention_days,
        log_days={name: settings.log_days[name] for name in LOG_NAMES},
    )
