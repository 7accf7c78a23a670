"""The door that the HTTP tests knock at: real services, one fresh SQLite file a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.cast import PUSHED_SPEC, House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A door over a fresh database, with a token for each of the cast."""
    with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def board(house: House) -> str:
    """The path of a dashboard of Alice's that is pushed to."""
    made = house.made("alice", "/api/dashboards", {"view_spec_json": PUSHED_SPEC})
    return f"/api/dashboard/{made['id']}"
