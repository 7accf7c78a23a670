"""The history of the schema: one file a version, run by `store.schema` and by nothing else."""

from __future__ import annotations

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every version, oldest first; a test holds them and the files together."""
