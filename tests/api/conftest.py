"""The door that the HTTP tests knock at: real services, one fresh SQLite file a test; and the world of the matrix."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.cast import PUSHED_SPEC, House, open_house
from tests.api.world import World, open_world
from tests.databases import fresh_database


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


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The cast with what they own, behind one real door for all cells."""
    folder = tmp_path_factory.mktemp("matrix")
    if request.param == "sqlite":
        with open_world(folder, None) as found:
            yield found
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url, open_world(folder, url) as found:
        yield found
