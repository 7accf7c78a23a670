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
from stillframe.config import Settings, process_name
from stillframe.errors import ConfigurationError, InvalidInput, nearest
from stillframe.flows.backup import Installation
from stillframe.flows.identity import TOKEN_PREFIX
from stillframe.flows.services import GateSettings, Limits, Services
from stillframe.health import CompliancePolicy, Formula
from stillframe.model.facts import PARTS, Part
from stillframe.model.gate import Profile
from stillframe.notify import AddressPolicy, Notifier, Vault, WebhookChannel, key_from_text, load_or_create_key
from stillframe.render import Renderer
from stillframe.rules.profiles import BUILT_IN, parse_profile
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
        lease_seconds=settings.webhook.timeout_seconds + _TURN_SECONDS + _SETTLE_SECONDS,
        scope_interval_minutes=settings.dashboard.snapshot_interval_minutes
        if settings.dashboard.snapshot_enabled
        else None,
        stale_after_days=settings.score.stale_after_days,
        public_url=settings.server.public_url,
        retention_days=settings.retention_days,
        log_days={name: settings.log_days[name] for name in LOG_NAMES},
    )
