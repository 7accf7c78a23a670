"""Series packed by snapshot, and the order of lists over many dashboards."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change nothing."""
