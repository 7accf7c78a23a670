"""Settings: what an operator may set, where it is read from, and the only module that reads the environment and
files."""

from __future__ import annotations

import getpass
import os
import socket
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, model_validator

from stillframe.errors import ConfigurationError, nearest

CONFIG_NAME = "stillframe.toml"
ENVIRONMENT_PREFIX = "STILLFRAME_"
NOT_SETTINGS = frozenset({"STILLFRAME_CONFIG", "STILLFRAME_SERVER", "STILLFRAME_TOKEN", "STILLFRAME_DEBUG"})
"""Environment variables of ours that are not settings."""

_WEIGHTS_SLACK = 1e-9

RetentionDays = Annotated[int, Field(ge=1)] | Literal["forever"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DashboardSettings(_Section):
    """Snapshots: where they are kept, when the product takes those of scopes, and how they are told of."""

    snapshot_enabled: bool = Field(
        False,
        description="Whether the timer keeps the health of every project, every group and `portfolio:all`. A live "
        "dashboard's own `snapshot_policy` does not ask this.",
    )
    snapshot_interval_minutes: int = Field(
        60, ge=1, le=525_600, description="How often it does, in slots counted from midnight UTC of 1970-01-01."
    )
    snapshot_retention_days: int = Field(
        90, ge=1, le=36_500, description="How long payloads of the retention class `standard` are kept."
    )
    snapshot_db_path: str = Field("stillframe.db", description="The SQLite file; made on first use.")
    snapshot_list_limit: int = Field(200, ge=1, le=10_000, description="The longest page of a list.")
    snapshot_release_pre_enabled: bool = Field(
        True, description="Whether a release check keeps the project's state from before the candidate."
    )
    snapshot_release_post_enabled: bool = Field(True, description="Whether it keeps the candidate's state too.")
    snapshot_release_immutable: bool = Field(True, description="Whether both are exempt from cleanup.")
    snapshot_release_retention_class: str = Field("release", description="The retention class of both.")
    dispatch_timeout_ms: int = Field(
        100, ge=0, le=60_000, description="How long a snapshot request waits for its sends, counted from its commit."
    )
    diff_top_n: int = Field(
        10, ge=1, le=1_000, description="How many ranks a diff lists where a view spec does not say."
    )


class CaptureSettings(_Section):
    """Reading sources."""

    max_rows: int = Field(50_000, ge=1, le=1_000_000, description="The most rows that one source may give.")
    timeout_seconds: float = Field(10.0, gt=0, le=600, description="How long one source may take.")


class DatabaseSettings(_Section):
    """A PostgreSQL server in place of the SQLite file."""

    url: SecretStr | None = Field(None, description="`postgresql://…`; replaces `dashboard.snapshot_db_path`.")


class ConnectionSettings(_Section):
    """A database, folder or HTTP root that the view specs of administrators, and of the groups given here, may name."""

    url: SecretStr = Field(description="A database URL, a folder (`file:` or a path), or an HTTP root.")
    headers: Mapping[str, SecretStr] = Field(
        default_factory=dict, description="Sent with every HTTP request, for example Authorization."
    )
    groups: tuple[str, ...] = Field((), description="The ids of the groups whose dashboards may ask it.")


class WebhookSettings(_Section):
    """Sending webhooks."""

    timeout_seconds: float = Field(10.0, gt=0, le=60, description="How long one send may take.")
    allow_private_targets: bool = Field(False, description="Send to addresses of private networks and of this machine.")
    ports: tuple[Annotated[int, Field(ge=1, le=65_535)], ...] | None = Field(
        None, description="The only ports that may be sent to; without it 80, 443 and those from 1024 on."
    )


class ChannelSettings(_Section):
    """A channel that subscriptions may name. Kept and checked; this version sends none of them."""

    url: SecretStr = Field(description="An Apprise URL, or the address of an Alertmanager.")
    groups: tuple[str, ...] = Field((), description="The ids of the groups whose dashboards may use it.")


class SmtpSettings(_Section):
    """The mail server. Kept and checked; this version sends no mail: a subscription by mail is marked `deferred`."""

    host: str | None = Field(None, description="The server's name; without it there is no mail.")
    port: int = Field(587, ge=1, le=65_535, description="The server's port.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is encrypted.")
    username: str | None = Field(None, description="Who signs in.")
    password: SecretStr | None = Field(None, description="With which password; best set through the environment.")
    sender: str | None = Field(None, description="The address that mail comes from.")


class ScoreSettings(_Section):
    """The weights of the health score, formula v1, which must sum to 1; and when evidence counts as stale."""

    audit: float = Field(0.30, ge=0, le=1, description="The weight of audit.")
    compliance: float = Field(0.25, ge=0, le=1, description="The weight of compliance.")
    release: float = Field(0.20, ge=0, le=1, description="The weight of release.")
    sca: float = Field(0.15, ge=0, le=1, description="The weight of software composition analysis.")
    quality: float = Field(0.10, ge=0, le=1, description="The weight of quality.")
    stale_after_days: int = Field(30, ge=1, le=36_500, description="Evidence that is older is shown as stale.")

    @model_validator(mode="after")
    def _sums_to_one(self) -> ScoreSettings:
        total = self.audit + self.compliance + self.release + self.sca + self.quality
        if abs(total - 1) > _WEIGHTS_SLACK:
            raise ValueError(f"the weights must sum to 1, not to {total:g}")
        return self


class ComplianceSettings(_Section):
    """What is asked of projects: which licences are denied, and which policy checks pass."""

    denied_licences: tuple[str, ...] = Field((), description="SPDX ids under which no component may be.")
    licence_weight: float = Field(1.0, ge=0, le=1_000, description="The weight of the check that no licence is denied.")
    scorecard_minimum: float = Field(5.0, ge=0, le=10, description="A Scorecard check passes from this score on.")
    weights: Mapping[str, Annotated[float, Field(ge=0, le=1_000)]] = Field(
        default_factory=dict, description="The weights of single Scorecard checks by name; 1 for the others."
    )


class ReleaseSettings(_Section):
    """The release gate; which snapshots it keeps is in `[dashboard]`."""

    profiles: str | None = Field(
        None, description="A folder of TOML files, each a profile that release checks may name."
    )


class ServerSettings(_Section):
    """The HTTP door."""

    public_url: str = Field(
        "", description="Put before the paths of links in notices: `https://stillframe.example.org`."
    )
    body_limit_mib: int = Field(8, ge=1, le=1_024, description="The largest request body.")
    push_limit_mib: int = Field(64, ge=1, le=1_024, description="The largest pushed snapshot.")
    report_limit_mib: int = Field(64, ge=1, le=1_024, description="The largest report file.")
    reports_limit_mib: int = Field(256, ge=1, le=4_096, description="All report files of one request together.")


class SecretSettings(_Section):
    """The key that seals secrets at rest."""

    key_file: str | None = Field(
        None, description="A file with the key; without it `secret.key` beside the database, made on first use."
    )
    key: SecretStr | None = Field(
        None, description="The key itself, 32 bytes in base64; best set through the environment."
    )


class LogRetentionSettings(_Section):
    """How long logs are kept: days, or `forever`."""

    deliveries: RetentionDays = Field(400, description="Deliveries that have ended, with every try.")
    verdicts: RetentionDays = Field(400, description="Why a rule was true or not, and the diff that notices said.")
    attempts: RetentionDays = Field(400, description="Captures that failed.")
    audit: RetentionDays = Field(730, description="The audit log.")


class RetentionSettings(_Section):
    """
    How long the payloads of each retention class are kept: days, or `forever`.

    Any other key, for example `audit = 3650`, makes another class that snapshots may name.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, RetentionDays] = Field(init=False)

    standard: RetentionDays | None = Field(
        None, description="The class of a snapshot that names none; without it `dashboard.snapshot_retention_days`."
    )
    release: Literal["forever"] = Field("forever", description="The class of release evidence: kept whatever its age.")
    log: LogRetentionSettings = Field(LogRetentionSettings(), description="See `[retention.log]`.")


class Settings(_Section):
    """
    Everything that an operator may set.

    Errors  ConfigurationError naming the key, its file, and what is allowed.
    Source  docs/reference/configuration.md, generated from here.
    """

    dashboard: DashboardSettings = DashboardSettings()
    capture: CaptureSettings = CaptureSettings()
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    webhook: WebhookSettings = WebhookSettings()
    secrets: SecretSettings = SecretSettings()
    smtp: SmtpSettings = SmtpSettings()
    score: ScoreSettings = ScoreSettings()
    compliance: ComplianceSettings = ComplianceSettings()
    release: ReleaseSettings = ReleaseSettings()
    retention: RetentionSettings = RetentionSettings()
    connections: Mapping[Name, ConnectionSettings] = Field(
        default_factory=dict, description="What view specs may name."
    )
    channels: Mapping[Name, ChannelSettings] = Field(
        default_factory=dict, description="What subscriptions of the kind `channel` may name."
    )
    _folder: Path = PrivateAttr(default=Path())
    _read_from: Path | None = PrivateAttr(default=None)

    @property
    def read_from(self) -> Path | None:
        """The configuration file that was read, if any."""
        return self._read_from

    @property
    def store_target(self) -> str:
        """The database: a `postgresql://` URL, or the path of the SQLite file."""
        if self.database.url is not None:
            return self.database.url.get_secret_value()
        return str(self.path(self.dashboard.snapshot_db_path))

    @property
    def secret_key_path(self) -> Path:
        """Where the key is that seals secrets."""
        if self.secrets.key_file is not None:
            return self.path(self.secrets.key_file)
        beside = self._folder if self.database.url is not None else Path(self.store_target).parent
        return beside / "secret.key"

    @property
    def retention_days(self) -> dict[str, int | None]:
        """For how many days each retention class keeps payloads, None for ever; `standard` and `release` always are."""
        standard = self.retention.standard or self.dashboard.snapshot_retention_days
        said = {"standard": standard, "release": self.retention.release, **(self.retention.model_extra or {})}
        return {name: _days(kept) for name, kept in said.items()}

    @property
    def log_days(self) -> dict[str, int | None]:
        """For how many days each log keeps its rows, None for ever."""
        return {name: _days(getattr(self.retention.log, name)) for name in LogRetentionSettings.model_fields}

    def placed(self, file: Path | None) -> Settings:
        """Remember where these settings were read from, which is where their relative paths start."""
        self._read_from = file
        self._folder = file.resolve().parent if file else Path(platformdirs.user_data_dir("stillframe"))
        return self

    def path(self, text: str) -> Path:
        """Return a path of the settings: relative ones start at the configuration file's folder, else at the user's
        data folder."""
        return self._folder / Path(text).expanduser()


def _days(kept: int | str) -> int | None:
    return None if isinstance(kept, str) else kept


def load_settings(path: Path | None = None) -> Settings:
    """
    Read the settings: the file by `path`, `STILLFRAME_CONFIG`, the working directory or the user's config folder; then
    the environment.

    Errors  ConfigurationError for a named file that is absent, broken TOML, an unknown key (with the nearest), or a
            wrong value.
    """
    found = _config_path(path)
    document = {} if found is None else _read_toml(found)
    _merge(document, _from_environment())
    try:
        settings = Settings.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(_complaint(error, found)) from None
    _check_urls(settings)
    return settings.placed(found)


def os_user() -> str:
    """Return the name of whoever runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def process_name() -> str:
    """Return a name for this process that no other running process has: host and number."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _config_path(path: Path | None) -> Path | None:
    named = path or (Path(text) if (text := os.environ.get("STILLFRAME_CONFIG")) else None)
    if named is not None:
        if not named.is_file():
            raise ConfigurationError(f"there is no configuration file at {named}")
        return named
    places = (Path.cwd() / CONFIG_NAME, Path(platformdirs.user_config_dir("stillframe")) / CONFIG_NAME)
    return next((place for place in places if place.is_file()), None)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error


def _from_environment() -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, text in sorted(os.environ.items()):
        if not name.startswith(ENVIRONMENT_PREFIX) or name in NOT_SETTINGS:
            continue
        *sections, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        _merge(document, _nested(sections, {key: _typed(text)}))
    return document


def _nested(sections: list[str], value: Any) -> dict[str, Any]:  # noqa: ANN401  # because a setting is any TOML value
    for section in reversed(sections):
        value = {section: value}
    return dict(value)


def _typed(text: str) -> Any:  # noqa: ANN401  # because a setting is any TOML value
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merge(document: dict[str, Any], other: Mapping[str, Any]) -> None:
    for name, value in other.items():
        if isinstance(value, Mapping) and isinstance(document.get(name), dict):
            _merge(document[name], value)
        else:
            document[name] = value


def _complaint(error: ValidationError, path: Path | None) -> str:
    where = f"{path}: " if path else ""
    lines = []
    for fault in error.errors(include_url=False, include_input=False):
        key = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            hint = nearest(str(fault["loc"][-1]), list(_known_keys(fault["loc"][:-1])))
            lines.append(f"unknown key {key}{hint}")
        else:
            lines.append(f"{key}: {fault['msg']}")
    return where + "; ".join(lines)


def _known_keys(location: tuple[str | int, ...]) -> Iterator[str]:
    section: Any = Settings
    for index, name in enumerate(location):
        if location[index - 1 : index] in _NAMED:
            section = _NAMED[location[index - 1 : index]]
        elif (name,) not in _NAMED:
            section = section.model_fields[str(name)].annotation
    yield from section.model_fields


_NAMED: Mapping[tuple[str | int, ...], type[_Section]] = {
    ("connections",): ConnectionSettings,
    ("channels",): ChannelSettings,
}
"""Sections whose members have names that the operator chooses."""


def _check_urls(settings: Settings) -> None:
    url = settings.database.url
    if url is not None and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ConfigurationError(
            "database.url: a postgresql:// URL is expected; for SQLite set dashboard.snapshot_db_path"
        )
    public = settings.server.public_url
    if (public and not public.startswith(("http://", "https://"))) or public.endswith("/"):
        raise ConfigurationError("server.public_url: an http(s) URL without a slash at its end is expected")
