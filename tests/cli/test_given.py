"""What was given on the command line is read, or named as wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stillframe.cli.given import (
    exactly_one,
    named_scope,
    only_for,
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
