"""Subscriptions on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

ADD = ("subscription", "add", "--dashboard", "sellers", "--rule", '{"any_change": true}')


def test_a_secret_is_shown_once_and_never_again(run: Run, sellers: str) -> None:
    """Neither it nor the address behind it is in any list."""
    made = run(*ADD, "--webhook", "http://127.0.0.1:19999/hook/T0KEN")
    secret = next(line.split()[1] for line in made.out.splitlines() if line.startswith("secret "))
    assert secret.startswith("whsec_")
    listed = run("subscription", "list", "--dashboard", sellers, "--format", "json")
    assert secret not in listed.out
    assert "T0KEN" not in listed.out + made.out
    assert listed.json["items"][0]["subscriber_kind"] == "webhook"


def test_a_subscription_that_is_removed_is_gone_from_the_list(run: Run, sellers: str) -> None:
    """And the same may be made again; twice at the same time is a conflict."""
    run("persona", "add", "ops-desk")
    made = run(*ADD, "--persona", "ops-desk", "--format", "json").json
    assert "secret" not in made
    run(*ADD, "--persona", "ops-desk", code=1)
    run("subscription", "remove", made["id"], "--dashboard", sellers)
    assert "Nobody is told" in run("subscription", "list", "--dashboard", sellers).err
    run(*ADD, "--persona", "ops-desk")


def test_a_baseline_can_be_pinned(run: Run, sellers: str) -> None:
    """To a snapshot of this dashboard, which must be named."""
    taken = run("dashboard", "snapshot", "create", "--dashboard", sellers, "--format", "json").json["id"]
    run("persona", "add", "ops-desk")
    pinned = (*ADD, "--persona", "ops-desk", "--baseline", "pinned")
    assert "$.baseline_snapshot_id" in run(*pinned, code=2).err
    made = run(*pinned, "--baseline-snapshot", taken, "--repeat-interval", "3600", "--format", "json").json
    assert (made["baseline_snapshot_id"], made["repeat_interval"]) == (taken, 3600)


@pytest.mark.parametrize("to", [(), ("--persona", "a", "--email", "a@example.org")])
def test_one_subscription_tells_one_subscriber(run: Run, sellers: str, to: tuple[str, ...]) -> None:
    """None and two are refused with the names of all four options."""
    assert sellers
    assert "--persona | --webhook | --email | --channel: give one" in run(*ADD, *to, code=2).err


def test_a_rule_can_stand_in_a_file(run: Run, folder: Path, sellers: str) -> None:
    """Quoting JSON in a shell is no fun."""
    (folder / "rule.json").write_text('{"set_added_min": 2}', encoding="utf8")
    run("persona", "add", "ops-desk")
    rule = ("--rule", f"@{folder / 'rule.json'}")
    run("subscription", "add", "--dashboard", sellers, "--persona", "ops-desk", *rule)
    (found,) = run("subscription", "list", "--dashboard", sellers, "--format", "json").json["items"]
    assert found["threshold_json"] == {"set_added_min": 2}


def test_somebody_can_be_told_of_what_gates_decide(run: Run) -> None:
    """In place of a rule the outcomes; it stands in the list beside the others."""
    run("group", "create", "team-a")
    run("project", "create", "my-service", "--group", "team-a")
    run("persona", "add", "ops-desk")
    add = ("subscription", "add", "--dashboard", "project:my-service", "--persona", "ops-desk")
    made = run(*add, "--on", "gate:fail,warn", "--format", "json").json
    assert made["on"] == {"gate": ["warn", "fail"]}
    assert "$.on.gate: name at least one outcome" in run(*add, "--on", "gate:", code=2).err
    assert "did you mean 'fail'" in run(*add, "--on", "gate:fial", code=2).err
    assert made["id"] in run("subscription", "list", "--dashboard", "project:my-service").out
