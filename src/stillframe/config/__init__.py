"""Settings: the only room that reads the environment and files."""

from stillframe.config.reading import CONFIG_NAME, load_settings, os_user, process_name
from stillframe.config.sections import ChannelSettings, ConnectionSettings, ScoreSettings
from stillframe.config.settings import Settings

__all__ = [
    "CONFIG_NAME",
    "ChannelSettings",
    "ConnectionSettings",
    "ScoreSettings",
    "Settings",
    "load_settings",
    "os_user",
    "process_name",
]
