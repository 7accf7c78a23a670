"""What the tests of the store stand on."""

from __future__ import annotations

from tests.databases import sqlite_path, store, target

__all__ = ["sqlite_path", "store", "target"]
