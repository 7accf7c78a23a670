"""Snapshots on the command line: taken, listed, shown, compared, accepted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run

SNAPSHOT = ("dashboard", "snapshot")
AS_JSON = ("--format", "json")


def test_what_is_said_about_a_snapshot_is_in_its_record(run: Run, sellers: str) -> None:
    """Every flag is evidence; the initiator is not one of them."""
    flags = {
        "--reason": "monthly close",
        "--source-ref": "abc123",
        "--as-of": "2026-01-02T03:04:05Z",
        "--retention-class": "release",
        "--analyzer-version": "1.2",
        "--rule-version": "r7",
        "--trigger-source": "manual",
    }
    given = [part for pair in flags.items() for part in pair]
    taken = run(*SNAPSHOT, "create", "--dashboard", sellers, "--immutable", *given, *AS_JSON).json
    wanted = {name.removeprefix("--").replace("-", "_"): value for name, value in flags.items()}
    wanted["as_of"] = "2026-01-02T03:04:05.000Z"
    assert {name: taken[name] for name in wanted} == wanted
    assert taken["immutable"] is True
    assert taken["initiator"].startswith("local:")


def test_a_first_snapshot_says_that_nobody_is_told(run: Run, sellers: str) -> None:
    """It has nothing to be compared with."""
    assert "the first of this dashboard" in run(*SNAPSHOT, "create", "--dashboard", sellers).out


def test_data_can_be_pushed(run: Run, folder: Path) -> None:
    """The data come with the command where no source can be asked."""
    run("dashboard", "apply", str(folder / "pushed.yaml"))
    (folder / "data.json").write_text('{"ideas": [{"id": "a", "score": 1}, {"id": "b", "score": 2}]}', encoding="utf8")
    pushed = run(*SNAPSHOT, "create", "--dashboard", "pushed", "--data", str(folder / "data.json"), *AS_JSON).json
    shown = run(*SNAPSHOT, "show", pushed["id"], *AS_JSON).json
    assert [row["id"] for row in shown["materialized_data"]["ideas"]["rows"]] == ["b", "a"]
    assert shown["content_hash"] == pushed["content_hash"]
    assert "1  b   2" in run(*SNAPSHOT, "show", pushed["id"]).out


def test_a_comparison_names_both_ends_and_what_differs(
    run: Run, sellers: str, sell: Callable[[str, int], None]
) -> None:
    """Whatever is found, the comparison itself succeeded: exit code 0."""
    one = run(*SNAPSHOT, "create", "--dashboard", sellers, *AS_JSON).json["id"]
    sell("rice", 50)
    two = run(*SNAPSHOT, "create", "--dashboard", sellers, *AS_JSON).json["id"]
    newest = run(*SNAPSHOT, "compare", "--dashboard", sellers, *AS_JSON).json
    assert (newest["snapshot_a"]["id"], newest["snapshot_b"]["id"]) == (one, two)
    assert newest["comparability"]["level"] == "full"
    assert [change["id"] for change in newest["diff"]["top_n_changes"]] == ["rice", "tea"]
    back = run(*SNAPSHOT, "compare", "--from-snapshot", two, "--to-snapshot", one)
    assert "from 2 as of" in back.out
    assert one in back.out
    assert two in back.out
    assert "Rice" in back.out
    assert run(*SNAPSHOT, "compare", "--from-snapshot", one, *AS_JSON).json["snapshot_b"]["id"] == two


def test_an_empty_capture_can_be_accepted_as_the_truth(run: Run, folder: Path, sellers: str) -> None:
    """Until then the last good snapshot stays the head; accepting a good one makes no sense."""
    good = run(*SNAPSHOT, "create", "--dashboard", sellers, *AS_JSON).json["id"]
    assert "only an empty capture" in run(*SNAPSHOT, "accept", good, code=2).err
    spec = (folder / "sellers.yaml").read_text(encoding="utf8").replace("sum(sold)", "coalesce(sum(sold), 0)")
    (folder / "sellers.yaml").write_text(spec, encoding="utf8")
    run("dashboard", "apply", str(folder / "sellers.yaml"))
    with closing(sqlite3.connect(folder / "shop.db")) as shop, shop:
        shop.execute("delete from sales")
    empty = run(*SNAPSHOT, "create", "--dashboard", sellers, *AS_JSON).json
    assert empty["capture_status"] == "empty"
    assert run("dashboard", "show", sellers, *AS_JSON).json["head"]["head_snapshot_id"] == good
    run(*SNAPSHOT, "accept", empty["id"])
    assert run("dashboard", "show", sellers, *AS_JSON).json["head"]["head_snapshot_id"] == empty["id"]


def test_a_dashboard_without_snapshots_says_so(run: Run, sellers: str) -> None:
    """An empty page and one sentence beside it."""
    done = run(*SNAPSHOT, "list", "--dashboard", sellers)
    assert (done.out, done.err) == ("", "sellers has no snapshots yet.\n")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--project", "my-service", "--data"), "--data: this is for a live dashboard only"),
        (("--dashboard", "sellers", "--summary"), "--summary: this is for a project only"),
    ],
)
def test_what_is_brought_belongs_to_what_it_is_for(run: Run, folder: Path, given: tuple[str, ...], says: str) -> None:
    """Rows are a live dashboard's and summaries a project's; neither is taken for the other."""
    (folder / "brought.json").write_text('{"schema": "stillframe.summary/1", "summaries": {}}', encoding="utf8")
    assert says in run(*SNAPSHOT, "create", *given, str(folder / "brought.json"), code=2).err
