"""The sections of the settings, each with its keys, their defaults and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

_WEIGHTS_SLACK = 1e-9

RetentionDays = Annotated[int, Field(ge=1)] | Literal["forever"]


class Section(BaseModel):
    """Keys that go together; an unknown one is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DashboardSettings(Section):
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


class CaptureSettings(Section):
    """Reading sources."""

    max_rows: int = Field(50_000, ge=1, le=1_000_000, description="The most rows that one source may give.")
    timeout_seconds: float = Field(10.0, gt=0, le=600, description="How long one source may take.")


class DatabaseSettings(Section):
    """A PostgreSQL server in place of the SQLite file."""

    url: SecretStr | None = Field(None, description="`postgresql://…`; replaces `dashboard.snapshot_db_path`.")


class ConnectionSettings(Section):
    """A database, folder or HTTP root that the view specs of administrators, and of the groups given here, may name."""

    url: SecretStr = Field(description="A database URL, a folder (`file:` or a path), or an HTTP root.")
    headers: Mapping[str, SecretStr] = Field(
        default_factory=dict, description="Sent with every HTTP request, for example Authorization."
    )
    groups: tuple[str, ...] = Field((), description="The ids of the groups whose dashboards may ask it.")


class WebhookSettings(Section):
    """Sending webhooks."""

    timeout_seconds: float = Field(10.0, gt=0, le=60, description="How long one send may take.")
    allow_private_targets: bool = Field(False, description="Send to addresses of private networks and of this machine.")
    ports: tuple[Annotated[int, Field(ge=1, le=65_535)], ...] | None = Field(
        None, description="The only ports that may be sent to; without it 80, 443 and those from 1024 on."
    )


class ChannelSettings(Section):
    """A channel that subscriptions of the kind `channel` may name; its address is the operator's word."""

    url: SecretStr = Field(
        description="An Apprise URL (the extra `channels`), or the `http(s)://` address of a Prometheus Alertmanager."
    )
    headers: Mapping[str, SecretStr] = Field(
        default_factory=dict, description="Sent with every request to an Alertmanager, for example Authorization."
    )
    groups: tuple[str, ...] = Field(
        (), description="The ids of the groups whose dashboards may use it; without them administrators alone may."
    )


class SmtpSettings(Section):
    """The mail server. Without a host a delivery by mail is marked `deferred`, and sent if one is set up in time."""

    host: str | None = Field(None, description="The server's name; without it there is no mail.")
    port: int = Field(587, ge=1, le=65_535, description="The server's port.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is encrypted.")
    username: str | None = Field(None, description="Who signs in.")
    password: SecretStr | None = Field(None, description="With which password; best set through the environment.")
    sender: str | None = Field(None, description="The address that mail comes from; needed with a host.")
    timeout_seconds: float = Field(20.0, gt=0, le=120, description="How long one send may take.")
    unknown_outcome: Literal["resend", "hold"] = Field(
        "resend",
        description="What follows when the server may have taken a mail and did not say so: sent again with the same "
        "Message-ID, or held until somebody replays it.",
    )


class ScoreSettings(Section):
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


class ComplianceSettings(Section):
    """What is asked of projects: which licences are denied, and which policy checks pass."""

    denied_licences: tuple[str, ...] = Field((), description="SPDX ids under which no component may be.")
    licence_weight: float = Field(1.0, ge=0, le=1_000, description="The weight of the check that no licence is denied.")
    scorecard_minimum: float = Field(5.0, ge=0, le=10, description="A Scorecard check passes from this score on.")
    weights: Mapping[str, Annotated[float, Field(ge=0, le=1_000)]] = Field(
        default_factory=dict, description="The weights of single Scorecard checks by name; 1 for the others."
    )


class ReleaseSettings(Section):
    """The release gate; which snapshots it keeps is in `[dashboard]`."""

    profiles: str | None = Field(
        None, description="A folder of TOML files, each a profile that release checks may name."
    )


class ServerSettings(Section):
    """The HTTP door."""

    public_url: str = Field(
        "", description="Put before the paths of links in notices: `https://stillframe.example.org`."
    )
    body_limit_mib: int = Field(8, ge=1, le=1_024, description="The largest request body.")
    push_limit_mib: int = Field(64, ge=1, le=1_024, description="The largest pushed snapshot.")
    report_limit_mib: int = Field(64, ge=1, le=1_024, description="The largest report file.")
    reports_limit_mib: int = Field(256, ge=1, le=4_096, description="All report files of one request together.")


class SecretSettings(Section):
    """The key that seals secrets at rest."""

    key_file: str | None = Field(
        None, description="A file with the key; without it `secret.key` beside the database, made on first use."
    )
    key: SecretStr | None = Field(
        None, description="The key itself, 32 bytes in base64; best set through the environment."
    )


class LogRetentionSettings(Section):
    """How long logs are kept: days, or `forever`."""

    deliveries: RetentionDays = Field(400, description="Deliveries that have ended, with every try.")
    verdicts: RetentionDays = Field(400, description="Why a rule was true or not, and the diff that notices said.")
    attempts: RetentionDays = Field(400, description="Captures that failed.")
    audit: RetentionDays = Field(730, description="The audit log.")


class RetentionSettings(Section):
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
