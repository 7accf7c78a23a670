"""Every attack in its short form, from a seed that a failure prints."""

from __future__ import annotations

import secrets

import pytest


@pytest.fixture
def seed() -> int:
    """Another each time; pytest shows what was printed when a test fails."""
    found = secrets.randbelow(1_000_000)
    print(f"seed {found}")
    return found
