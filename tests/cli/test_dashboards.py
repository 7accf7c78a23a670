"""Dashboards on the command line: applied, listed, shown, looked at live, captured by the timer."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from tests.cli.conftest import SPEC, Run, columns_of


def two_hours_ago() -> AbstractContextManager[object]:
    """A slot is due once it has begun after the dashboard was given its policy."""
    return time_machine.travel(datetime.now(UTC) - timedelta(hours=2))


def test_apply_makes_changes_and_leaves_alone(run: Run, folder: Path) -> None:
    """The file says what should be; the command says what it did about it."""
    spec = folder / "sellers.yaml"
    assert run("dashboard", "apply", str(spec)).out == "sellers created\n"
    assert run("dashboard", "apply", str(spec)).out == "sellers unchanged\n"
    spec.write_text(SPEC.replace("top_n: 3", "top_n: 2"), encoding="utf8")
    assert run("dashboard", "apply", str(spec)).out == "sellers updated\n  $.top_n: 3 → 2\n"


def test_a_dry_run_says_what_would_change_and_changes_nothing(run: Run, folder: Path) -> None:
    """Who reviews a change wants to see it before it is true."""
    spec = folder / "sellers.yaml"
    run("dashboard", "apply", str(folder / "pushed.yaml"))
    dry = ("dashboard", "apply", str(spec), "--dry-run")
    assert run(*dry).out == "sellers would be created\n"
    assert run("dashboard", "list", "--format", "json").json["items"][0]["slug"] == "pushed"
    run("dashboard", "apply", str(spec))
    spec.write_text(SPEC.replace("top_n: 3", "top_n: 2"), encoding="utf8")
    assert run(*dry).out == "sellers would be updated\n  $.top_n: 3 → 2\n"
    assert run("dashboard", "show", "sellers", "--format", "json").json["view_spec_json"]["top_n"] == 3


def test_a_list_goes_on_where_it_ended(run: Run, folder: Path) -> None:
    """A page's cursor asks for the next one."""
    for name in ("sellers", "pushed"):
        run("dashboard", "apply", str(folder / f"{name}.yaml"))
    first = run("dashboard", "list", "--limit", "1", "--format", "json").json
    second = run("dashboard", "list", "--limit", "1", "--cursor", first["next_cursor"], "--format", "json").json
    assert {page["items"][0]["slug"] for page in (first, second)} == {"sellers", "pushed"}
    assert second["next_cursor"] is None
    assert columns_of(run("dashboard", "list").out.splitlines()) == ["SLUG", "TITLE", "UPDATED", "AT", "ID"]


def test_an_empty_list_is_said_and_not_printed(run: Run) -> None:
    """stdout holds what there is: nothing."""
    run("migrate")
    done = run("dashboard", "list")
    assert done.out == ""
    assert "no live dashboards yet" in done.err


def test_live_shows_what_the_sources_say_and_stores_nothing(run: Run, sellers: str) -> None:
    """Looking is free."""
    done = run("dashboard", "live", sellers)
    assert "total: 60 pieces" in done.out
    assert "1  tea   Tea    30" in done.out
    assert run("dashboard", "live", sellers, "--format", "json").json["primary"]["rows"] == "sellers"
    assert run("dashboard", "show", sellers, "--format", "json").json["head"]["last_sequence"] == 0


def test_show_says_where_a_dashboard_stands(run: Run, sellers: str) -> None:
    """The number of its snapshots and which is the newest."""
    taken = run("dashboard", "snapshot", "create", "--dashboard", sellers, "--format", "json").json
    shown = run("dashboard", "show", sellers, "--format", "json").json
    assert (shown["head"]["last_sequence"], shown["head"]["head_snapshot_id"]) == (1, taken["id"])
    told = run("dashboard", "show", sellers).out
    assert "Best sellers" in told
    assert f"head_snapshot_id  {taken['id']}" in told


def test_the_timer_takes_a_slot_once(run: Run, folder: Path) -> None:
    """Running it again in the same slot takes nothing, and what it took is in its log."""
    hourly = SPEC + "metadata: {snapshot_policy: hourly}\n"
    (folder / "sellers.yaml").write_text(hourly, encoding="utf8")
    with two_hours_ago():
        run("dashboard", "apply", str(folder / "sellers.yaml"))
    done = run("dashboard", "autosnapshot", "--format", "json")
    first, again = done.json, run("dashboard", "autosnapshot", "--format", "json").json
    taken = [tick["outcome"] for tick in first["dashboards"] + again["dashboards"]]
    assert taken in (["taken"], ["taken", "taken"])  # two when an hour began in between
    logged = [line for line in map(json.loads, done.err.splitlines()) if line["event"] == "snapshot_taken"]
    assert [line["snapshot_id"] for line in logged] == [first["dashboards"][0]["snapshot"]["id"]]


def test_the_timer_takes_every_scope_where_it_is_told_to(run: Run, folder: Path) -> None:
    """Projects, groups and everybody's portfolio have their slots, as live dashboards have theirs."""
    run("group", "create", "team-a")
    run("project", "create", "my-service", "--group", "team-a")
    assert run("dashboard", "autosnapshot", "--format", "json").json["dashboards"] == []
    with (folder / "stillframe.toml").open("a", encoding="utf8") as file:
        file.write("\n[dashboard]\nsnapshot_enabled = true\nsnapshot_interval_minutes = 525600\n")
    first = run("dashboard", "autosnapshot", "--format", "json").json["dashboards"]
    told = [(tick["dashboard"], tick["outcome"]) for tick in first]
    assert told == [("project:my-service", "taken"), ("group:team-a", "taken"), ("portfolio:all", "taken")]
    assert run("dashboard", "autosnapshot", "--format", "json").json["dashboards"] == []


def test_a_failing_dashboard_stops_no_other(run: Run, folder: Path) -> None:
    """Each failure has its line, the rest is captured, and the exit code says that something failed."""
    for name, query in (("one", "select * from nowhere"), ("two", "select id, sold from sales")):
        spec = f"""title: {name}
sources: {{s: {{type: sql, connection: shop, query: "{query}"}}}}
panels: {{p: {{source: s, kind: table}}}}
metadata: {{snapshot_policy: hourly}}
"""
        (folder / f"{name}.yaml").write_text(spec, encoding="utf8")
        with two_hours_ago():
            run("dashboard", "apply", str(folder / f"{name}.yaml"))
    done = run("dashboard", "autosnapshot", "--format", "json", code=1)
    assert {tick["dashboard"]: tick["outcome"] for tick in done.json["dashboards"]} == {"one": "failed", "two": "taken"}
    assert [line for line in done.err.splitlines() if line.startswith("one: ")]


@pytest.mark.parametrize("unknown", ["nothing", "01a1fcfa-b94e-7355-ba52-4f76a1b9be15"])
def test_a_dashboard_that_is_not_there_is_said_calmly(run: Run, sellers: str, unknown: str) -> None:
    """By slug and by id alike."""
    assert sellers
    assert "there is no dashboard here" in run("dashboard", "show", unknown, code=1).err
