"""The counter: a server's if one is named, else the database's own."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from stillframe.cli.counter import Counter, at_counter
from stillframe.cli.local import LocalCounter
from stillframe.cli.remote import RemoteCounter
from stillframe.errors import InvalidInput, StoreMissing


def test_without_a_server_the_database_is_opened(folder: Path) -> None:
    """And made only for a command that makes something."""
    config = folder / "stillframe.toml"
    with pytest.raises(StoreMissing), at_counter(config=config, server=None):
        raise AssertionError("nothing is there to be opened")
    with at_counter(config=config, server="", create=True) as counter:
        assert isinstance(counter, LocalCounter)
        assert counter.dashboards(limit=None, cursor=None) == {"items": [], "next_cursor": None}


def test_with_a_server_no_database_is_opened(folder: Path, server: str) -> None:
    """The configuration that the environment names is of another machine's business."""
    with at_counter(config=None, server=server, create=True) as counter:
        assert isinstance(counter, RemoteCounter)
        assert counter.dashboards(limit=None, cursor=None) == {"items": [], "next_cursor": None}
    assert folder.exists()


def test_both_together_are_refused() -> None:
    """A command goes to one place."""
    with pytest.raises(InvalidInput, match="give one of them"), at_counter(config=Path("a"), server="http://127.0.0.1"):
        raise AssertionError("there is no such place")


@pytest.mark.parametrize("tenant", [LocalCounter, RemoteCounter])
def test_both_tenants_are_asked_in_the_same_way(tenant: type) -> None:
    """Whatever one can be asked, the other can be asked with the same words."""
    asked = {name: found for name, found in vars(Counter).items() if not name.startswith("_")}
    assert len(asked) >= 15
    for name, question in asked.items():
        assert inspect.signature(getattr(tenant, name)) == inspect.signature(question), name
