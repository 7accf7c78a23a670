"""Settings: everything that an operator may set, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, PrivateAttr

from stillframe.config.sections import (
    CaptureSettings,
    ChannelSettings,
    ComplianceSettings,
    ConnectionSettings,
    DashboardSettings,
    DatabaseSettings,
    LogRetentionSettings,
    ReleaseSettings,
    RetentionSettings,
    ScoreSettings,
    SecretSettings,
    Section,
    ServerSettings,
    SmtpSettings,
    WebhookSettings,
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]


class Settings(Section):
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
