"""What was given on the command line is read, or named as wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillframe.cli.given import (
    exactly_one,
    expiry_in,
    named_scope,
    only_for,
    outcomes_in,
    profile_in,
    project_with_reports,
    pushed_in,
    read_bytes,
    rule_in,
    summary_in,
    time_in,
    token_scopes_in,
    view_spec_in,
)
from stillframe.errors import InvalidInput
from tests.cli.conftest import PUSH_SPEC


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    """Bytes, as they are."""
    (tmp_path / "a").write_bytes(b"\x00a")
    assert read_bytes(str(tmp_path / "a"), option="--data") == b"\x00a"


def test_a_file_that_is_not_there_is_named_with_its_option(tmp_path: Path) -> None:
    """Two files may be given; which one is missing must be clear."""
    with pytest.raises(InvalidInput, match=r"--data: .*absent cannot be read: No such file"):
        read_bytes(str(tmp_path / "absent"), option="--data")


def test_a_dash_reads_standard_input(repository: Path) -> None:
    """So that a command can stand behind a pipe."""
    program = "from stillframe.cli.given import view_spec_in; print(view_spec_in('-').slug)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        input=PUSH_SPEC,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "pushed\n"


def test_a_view_spec_is_json_by_its_name(tmp_path: Path) -> None:
    """What YAML would forgive, JSON does not."""
    (tmp_path / "a.json").write_text(PUSH_SPEC, encoding="utf8")
    with pytest.raises(InvalidInput):
        view_spec_in(str(tmp_path / "a.json"))
    (tmp_path / "a.yaml").write_text(PUSH_SPEC, encoding="utf8")
    assert view_spec_in(str(tmp_path / "a.yaml")).title == "Pushed"


def test_pushed_data_are_an_object_by_panel(tmp_path: Path) -> None:
    """A bare list does not say which panel it is for."""
    (tmp_path / "a").write_text('{"ideas": []}', encoding="utf8")
    assert pushed_in(str(tmp_path / "a")) == {"ideas": []}
    (tmp_path / "a").write_text("[]", encoding="utf8")
    with pytest.raises(InvalidInput, match=r"\$\.data: an object"):
        pushed_in(str(tmp_path / "a"))


def test_a_rule_is_text_or_a_file(tmp_path: Path) -> None:
    """A long rule is easier kept in a file than quoted in a shell."""
    (tmp_path / "rule.json").write_text('{"any_change": true}', encoding="utf8")
    assert rule_in('{"any_change": true}') == rule_in(f"@{tmp_path / 'rule.json'}") == {"any_change": True}


def test_a_rule_is_checked_where_it_is_written() -> None:
    """Its faults need no dashboard to be seen."""
    with pytest.raises(InvalidInput, match=r"\$\.threshold_json\.AND"):
        rule_in('{"AND": []}')
    with pytest.raises(InvalidInput, match=r"\$\.threshold_json"):
        rule_in("[]")


def test_the_scopes_of_a_token_are_known_words() -> None:
    """A misspelt one would be a token that cannot do what it was made for; none at all could do nothing."""
    assert token_scopes_in(" read, capture,") == ["read", "capture"]
    with pytest.raises(InvalidInput, match="--scopes: 'rea' is not a scope; did you mean 'read'"):
        token_scopes_in("read,rea")
    with pytest.raises(InvalidInput, match="--scopes: give at least one; known: read, capture, manage"):
        token_scopes_in(" , ")


def test_a_time_needs_its_zone() -> None:
    """Midnight is not one moment."""
    assert time_in("2026-01-02T04:04:05+01:00", option="--as-of") == "2026-01-02T03:04:05.000Z"
    assert time_in(None, option="--as-of") is None
    with pytest.raises(InvalidInput, match="--as-of"):
        time_in("2026-01-02T03:04:05", option="--as-of")


@pytest.mark.parametrize("given", [{"--a": None, "--b": None}, {"--a": "1", "--b": "2"}])
def test_one_of_several_options_means_one(given: dict[str, str | None]) -> None:
    """None says nothing, two contradict each other."""
    with pytest.raises(InvalidInput, match=r"--a \| --b: give one"):
        exactly_one(given)
    assert exactly_one({"--a": None, "--b": "x"}) == ("--b", "x")


def test_a_summary_is_an_object(tmp_path: Path) -> None:
    """What is inside is checked where it is kept, so that both ways say the same."""
    (tmp_path / "a").write_text('{"schema": "x"}', encoding="utf8")
    assert summary_in(str(tmp_path / "a")) == {"schema": "x"}
    (tmp_path / "a").write_text("[]", encoding="utf8")
    with pytest.raises(InvalidInput, match=r"\$\.summaries: an object"):
        summary_in(str(tmp_path / "a"))


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        ({"dashboard": "d"}, None),
        ({"scope": "portfolio"}, ("portfolio", None, None)),
        ({"project": "p"}, ("project", "p", None)),
        ({"group_id": "g"}, ("group", None, "g")),
        ({"scope": "group", "group_id": "g"}, ("group", None, "g")),
        ({"scope": "group", "project": "p"}, ("group", "p", None)),
    ],
)
def test_a_name_says_its_scope(given: dict[str, str], scope: tuple[str | None, ...] | None) -> None:
    """Whether a scope has the name that it needs is for the keeper to say, in one place for both ways."""
    nothing: dict[str, str | None] = dict.fromkeys(("dashboard", "scope", "project", "group_id"))
    members = named_scope(**{**nothing, **given})
    assert members == (None if scope is None else dict(zip(("scope", "project_name", "group_id"), scope, strict=True)))


@pytest.mark.parametrize("given", [{}, {"dashboard": "d", "scope": "portfolio"}, {"dashboard": "d", "project": "p"}])
def test_a_snapshot_is_of_one_thing(given: dict[str, str]) -> None:
    """A live dashboard or a scope."""
    nothing: dict[str, str | None] = dict.fromkeys(("dashboard", "scope", "project", "group_id"))
    with pytest.raises(InvalidInput, match=r"--dashboard \| --scope: give (one|only one) of them"):
        named_scope(**{**nothing, **given})


def test_an_option_of_another_thing_is_refused_by_its_name() -> None:
    """Left aside in silence it would be data that somebody believes to be kept."""
    only_for(False, {"--data": None}, of="a live dashboard")
    only_for(True, {"--data": "x"}, of="a live dashboard")
    with pytest.raises(InvalidInput, match="--data: this is for a live dashboard only"):
        only_for(False, {"--data": "x"}, of="a live dashboard")


PROFILE = 'name = "ours"\n[[check]]\nid = "a"\ntype = "{type}"\nseverity = "info"\nfindings = "high"\nat_most = 0\n'


def test_a_profile_is_a_name_or_a_file(tmp_path: Path) -> None:
    """A file by its ending or by a slash in it; a bare word is never looked for on the disk."""
    assert profile_in("standard") == "standard"
    for name in ("ours.toml", "ours"):
        (tmp_path / name).write_text(PROFILE.format(type="security"), encoding="utf8")
        found = profile_in(str(tmp_path / name))
        assert isinstance(found, dict)
        assert found["name"] == "ours"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name =", "this is not TOML"),
        (PROFILE.format(type="securty"), r"\$\.profile\.check\[0\]\.type"),
        (PROFILE.format(type="security") + "since = 2026-01-01\n", r"\$\.profile\.check\[0\]\.since"),
        (PROFILE.format(type="security").replace("0", "inf"), r"\$\.profile\.check\[0\]\.at_most"),
    ],
)
def test_a_profile_is_checked_where_it_is_written(tmp_path: Path, text: str, says: str) -> None:
    """Its faults need no server to be seen, and what JSON cannot say never travels."""
    (tmp_path / "ours.toml").write_text(text, encoding="utf8")
    with pytest.raises(InvalidInput, match=says):
        profile_in(str(tmp_path / "ours.toml"))


def test_a_subscription_is_to_changes_or_to_gates() -> None:
    """A rule says which changes; of a gate its outcomes are enough."""
    assert outcomes_in(None, rule="{}") == outcomes_in("change", rule="{}") == "change"
    assert outcomes_in("gate:fail, warn", rule=None) == {"gate": ["fail", "warn"]}
    assert outcomes_in("gate:", rule=None) == {"gate": []}


@pytest.mark.parametrize(
    ("on", "rule", "says"),
    [
        (None, None, r"--rule \| --on gate:…: give one of them"),
        ("change", None, "give one of them"),
        ("gate:fail", "{}", "give only one of them"),
        ("gates:fail", None, "--on: 'gates:fail' is neither"),
        ("change:fail", "{}", "--on: 'change:fail' is neither"),
    ],
)
def test_half_a_wish_is_refused(on: str | None, rule: str | None, says: str) -> None:
    """And two at once."""
    with pytest.raises(InvalidInput, match=says):
        outcomes_in(on, rule=rule)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("30d", "2026-06-03T12:00:00.000Z"),
        ("2026-12-31", "2026-12-31T00:00:00.000Z"),
        ("2026-12-31T18:00:00+02:00", "2026-12-31T16:00:00.000Z"),
    ],
)
def test_an_end_is_a_day_a_time_or_a_number_of_days(text: str, end: str) -> None:
    """A day from its beginning in UTC, wherever the command runs."""
    assert expiry_in(text, now=datetime(2026, 5, 4, 12, tzinfo=UTC)) == end


@pytest.mark.parametrize("text", ["", "soon", "30", "-3d", "1.5d", "99999d", "2026-02-30", "2026-12-31T18:00:00"])
def test_an_end_that_is_none_is_refused(text: str) -> None:
    """Whether it is near enough is said by whoever keeps the suppression."""
    with pytest.raises(InvalidInput, match="--expires"):
        expiry_in(text, now=datetime(2026, 5, 4, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (None, "--report: this is for a project only"),
        ({"scope": "group", "project_name": None, "group_id": "g"}, "--report: this is for a project only"),
        ({"scope": "project", "project_name": "p", "group_id": "g"}, "--group"),
        ({"scope": "project", "project_name": None, "group_id": None}, "--project: name the project"),
    ],
)
def test_reports_are_of_a_project(place: dict[str, str | None] | None, says: str) -> None:
    """A group's health is made of its projects'."""
    with pytest.raises(InvalidInput, match=says):
        project_with_reports(place)
    assert project_with_reports({"scope": "project", "project_name": "p", "group_id": None}) == "p"
