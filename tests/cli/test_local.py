"""The counter of a database that is opened here: its documents are those of the HTTP API."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.capture import parse_view_spec
from stillframe.cli.counter import at_counter
from stillframe.errors import InvalidInput
from tests.cli.conftest import SPEC


def test_a_page_is_at_most_as_long_as_the_configuration_says(folder: Path) -> None:
    """As everywhere else; without a limit it is exactly so long."""
    config = folder / "stillframe.toml"
    config.write_text(f"[dashboard]\nsnapshot_list_limit = 2\n{config.read_text(encoding='utf8')}", encoding="utf8")
    with at_counter(config=config, server=None, create=True) as counter:
        for slug in ("one", "two", "three"):
            counter.apply(parse_view_spec(SPEC.replace("slug: sellers", f"slug: {slug}"), format="yaml"), dry_run=False)
        assert len(counter.dashboards(limit=None, cursor=None)["items"]) == 2
        with pytest.raises(InvalidInput, match=r"\$\.limit: 1 to 2"):
            counter.dashboards(limit=3, cursor=None)


def test_a_dry_run_says_the_same_as_the_deed_and_does_nothing(folder: Path) -> None:
    """Only the dashboard is not there yet."""
    spec = parse_view_spec(SPEC, format="yaml")
    with at_counter(config=folder / "stillframe.toml", server=None, create=True) as counter:
        planned = counter.apply(spec, dry_run=True)
        assert counter.dashboards(limit=None, cursor=None)["items"] == []
        applied = counter.apply(spec, dry_run=False)
    assert planned == {**applied, "dry_run": True, "dashboard": None}
