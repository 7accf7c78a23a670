"""Here and by a server: the same command gives the same data, the same talk and the same exit code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from stillframe.cli.reference import commands
from tests.cli.conftest import SPEC, Done, Run

SNAPSHOT = ("dashboard", "snapshot")
AS_JSON = ("--format", "json")
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PASSING: Mapping[str, str] = {
    UUID: "<id>",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z": "<time>",
    r'"milliseconds": [\d.]+': '"milliseconds": 0',
    r"(whsec|sf)_[\w+/=-]+": "<secret>",
}
"""What two runs of one command cannot have in common, whichever way they go."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """A dashboard with two snapshots, a subscription, and a token to revoke: what commands name."""

    slug: str
    first: str
    second: str
    subscription: str
    token: str

    def named(self, arguments: Sequence[str]) -> list[str]:
        return [argument.format(board=self) for argument in arguments]


@pytest.fixture
def boards(run: Run, folder: Path, sell: Callable[[str, int], None]) -> tuple[Board, Board]:
    """Two dashboards with one history: what can be done only once is done here to one and there to the other."""
    run("persona", "add", "ops-desk")
    (folder / "first.yaml").write_text(SPEC, encoding="utf8")
    (folder / "other.yaml").write_text(SPEC.replace("slug: sellers", "slug: resells"), encoding="utf8")
    return furnished(run, folder, "first", sell), furnished(run, folder, "other", sell)


def furnished(run: Run, folder: Path, name: str, sell: Callable[[str, int], None]) -> Board:
    slug = run("dashboard", "apply", str(folder / f"{name}.yaml"), *AS_JSON).json["slug"]
    ids = []
    for sold in (20, 50):
        sell("rice", sold)
        ids.append(
            run(
                *SNAPSHOT,
                "create",
                "--dashboard",
                slug,
                "--reason",
                "n\N{LATIN SMALL LETTER O WITH DIAERESIS}",
                *AS_JSON,
            ).json["id"]
        )
    rule = ("--rule", '{"top_n_reordering": 2}', *AS_JSON)
    told = run("subscription", "add", "--dashboard", slug, "--persona", "ops-desk", *rule).json["id"]
    token = run("token", "create", "robot", *AS_JSON).json["id"]
    return Board(slug=slug, first=ids[0], second=ids[1], subscription=told, token=token)


def same(done: Done, names: Mapping[str, str]) -> Done:
    """What a command gave, without what is different in any two runs."""
    out, err = done.out, done.err
    for pattern, word in {**PASSING, **names}.items():
        out, err = re.sub(pattern, word, out), re.sub(pattern, word, err)
    return replace(done, out=out, err=err)


LOOKS: Sequence[tuple[str, ...]] = (
    ("dashboard", "list"),
    ("dashboard", "list", "--limit", "1"),
    ("dashboard", "show", "{board.slug}"),
    (*SNAPSHOT, "list", "--dashboard", "{board.slug}"),
    (*SNAPSHOT, "list", "--dashboard", "{board.slug}", "--limit", "1"),
    (*SNAPSHOT, "show", "{board.first}"),
    (*SNAPSHOT, "compare", "--dashboard", "{board.slug}"),
    (*SNAPSHOT, "compare", "--from-snapshot", "{board.second}", "--to-snapshot", "{board.first}"),
    ("subscription", "list", "--dashboard", "{board.slug}"),
    ("token", "list"),
)
DEEDS: Sequence[tuple[str, ...]] = (
    ("dashboard", "apply", "{board.slug}.yaml"),
    ("dashboard", "apply", "{board.slug}.yaml", "--dry-run"),
    ("dashboard", "apply", "new-{board.slug}.yaml"),
    ("dashboard", "apply", "new-{board.slug}.yaml", "--dry-run"),
    ("dashboard", "live", "{board.slug}"),
    (*SNAPSHOT, "create", "--dashboard", "{board.slug}", "--reason", "again", "--immutable"),
    (*SNAPSHOT, "create", "--dashboard", "{board.slug}", "--as-of", "2026-01-02T03:04:05Z", "--source-ref", "abc"),
    (*SNAPSHOT, "accept", "{board.first}"),
    ("subscription", "add", "--dashboard", "{board.slug}", "--persona", "ops-desk", "--rule", '{{"any_change": true}}'),
    (
        "subscription",
        "add",
        "--dashboard",
        "{board.slug}",
        "--webhook",
        "http://127.0.0.1:19999/x",
        "--rule",
        '{{"any_change": true}}',
    ),
    (
        "subscription",
        "add",
        "--dashboard",
        "{board.slug}",
        "--persona",
        "ops-desk",
        "--rule",
        '{{"top_n_reordering": 2}}',
    ),
    ("subscription", "remove", "{board.subscription}", "--dashboard", "{board.slug}"),
    ("token", "create", "robot-{board.slug}", "--role", "viewer", "--scopes", "read", "--days", "2"),
    ("token", "revoke", "{board.token}"),
)
REFUSALS: Sequence[tuple[tuple[str, ...], int]] = (
    (("dashboard", "list", "--limit", "500"), 2),
    (("dashboard", "list", "--cursor", "nothing"), 2),
    (("dashboard", "show", "nothing"), 1),
    (("dashboard", "show", "a/b?c#d%20"), 1),
    (("dashboard", "show", ""), 1),
    (("dashboard", "live", "nothing"), 1),
    (("dashboard", "apply", "unknown-connection.yaml"), 2),
    (("dashboard", "apply", "unknown-connection.yaml", "--dry-run"), 2),
    (("dashboard", "apply", "wrong.yaml"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "nothing"), 1),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--retention-class", "releas"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--as-of", "2999-01-01T00:00:00Z"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--as-of", "yesterday"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--data", "data.json"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--reason", "x" * 3_000), 2),
    ((*SNAPSHOT, "list", "--dashboard", "nothing"), 1),
    ((*SNAPSHOT, "show", "nothing"), 1),
    ((*SNAPSHOT, "compare"), 2),
    ((*SNAPSHOT, "compare", "--dashboard", "resells", "--from-snapshot", "{board.first}"), 2),
    ((*SNAPSHOT, "compare", "--dashboard", "nothing"), 1),
    ((*SNAPSHOT, "accept", "nothing"), 1),
    (("subscription", "add", "--dashboard", "sellers", "--persona", "nobody", "--rule", '{{"any_change": true}}'), 2),
    (
        (
            "subscription",
            "add",
            "--dashboard",
            "sellers",
            "--persona",
            "ops-desk",
            "--rule",
            '{{"value_delta_pct": 1, "on_field": "sld"}}',
        ),
        2,
    ),
    (("subscription", "add", "--dashboard", "sellers", "--persona", "ops-desk", "--rule", "[]"), 2),
    (("subscription", "add", "--dashboard", "sellers", "--webhook", "ftp://x", "--rule", '{{"any_change": true}}'), 2),
    (
        (
            "subscription",
            "add",
            "--dashboard",
            "sellers",
            "--persona",
            "ops-desk",
            "--baseline",
            "pinned",
            "--rule",
            '{{"any_change": true}}',
        ),
        2,
    ),
    (("subscription", "remove", "nothing", "--dashboard", "sellers"), 1),
    (("subscription", "list", "--dashboard", "nothing"), 1),
    (("token", "create", "x y"), 2),
    (("token", "create", "robot", "--role", "admin"), 1),
    (("token", "create", "robot", "--days", "0"), 2),
    (("token", "create", "robot", "--scopes", "rea"), 2),
    (("token", "revoke", "nothing"), 1),
)


def files(folder: Path) -> None:
    """The files that the cases name, in the folder that commands run in."""
    for slug in ("sellers", "resells"):
        spec = SPEC.replace("slug: sellers", f"slug: {slug}").replace("top_n: 3", "top_n: 2")
        (folder / f"{slug}.yaml").write_text(spec, encoding="utf8")
        (folder / f"new-{slug}.yaml").write_text(spec.replace(f"slug: {slug}", f"slug: new-{slug}"), encoding="utf8")
    (folder / "unknown-connection.yaml").write_text(
        SPEC.replace("connection: shop", "connection: shp"), encoding="utf8"
    )
    (folder / "wrong.yaml").write_text(SPEC + "titel: x\n", encoding="utf8")
    (folder / "data.json").write_text('{"other": []}', encoding="utf8")


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the files, as the working directory."""
    files(folder)
    monkeypatch.chdir(folder)
    return folder


def test_looking_gives_the_same_bytes(run: Run, boards: tuple[Board, Board], server: str) -> None:
    """A script that reads one reads the other."""
    for look in LOOKS:
        for form in ((), AS_JSON):
            arguments = (*boards[0].named(look), *form)
            local = run(*arguments)
            assert local.out, arguments
            assert run(*arguments, "--server", server) == local, arguments


def test_doing_gives_the_same_but_for_new_ids_and_times(
    run: Run, boards: tuple[Board, Board], here: Path, server: str
) -> None:
    """What is done here to one dashboard is done there to its twin, and told in the same words."""
    assert here
    for deed in DEEDS:
        for form in ((), AS_JSON) if deed[1] in {"live", "create"} or "--dry-run" in deed else (AS_JSON,):
            code = 2 if "accept" in deed else 1 if '{{"top_n_reordering": 2}}' in deed else 0
            local = run(*boards[0].named(deed), *form, code=code)
            remote = run(*boards[1].named(deed), *form, "--server", server, code=code)
            assert local.out or code, deed
            assert same(remote, {"resells": "sellers"}) == same(local, {}), deed


def test_a_refusal_is_the_same_refusal(run: Run, boards: tuple[Board, Board], here: Path, server: str) -> None:
    """The same words at the same place, and an exit code that says whose fault it is."""
    assert here
    for refused, code in REFUSALS:
        arguments = boards[0].named(refused)
        local = run(*arguments, code=code)
        assert local.out == ""
        assert same(run(*arguments, "--server", server, code=code), {}) == same(local, {}), arguments


def test_a_source_that_fails_fails_in_the_same_words(
    run: Run, boards: tuple[Board, Board], folder: Path, server: str
) -> None:
    """With the id of the attempt that was recorded, which is another one each time."""
    (folder / "shop.db").rename(folder / "gone.db")
    arguments = (*SNAPSHOT, "create", "--dashboard", boards[0].slug)
    local = run(*arguments, code=1)
    assert "recorded as attempt" in local.err
    assert same(run(*arguments, "--server", server, code=1), {}) == same(local, {})


def test_every_command_that_can_ask_a_server_is_compared() -> None:
    """A command added without a line here is a command that nobody compared."""
    able = {
        name.split(maxsplit=1)[1]
        for name, found in commands()
        if "--server" in {o for p in found.params for o in p.opts}
    }
    compared = {" ".join(case) for case in (*LOOKS, *DEEDS)}
    assert {name for name in able if not any(f"{case} ".startswith(f"{name} ") for case in compared)} == set()
    assert len(able) >= 13


def test_the_environment_names_the_server(
    run: Run, boards: tuple[Board, Board], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Continuous integration says it once; the configuration that it also names is not read."""
    monkeypatch.setenv("STILLFRAME_SERVER", server)
    monkeypatch.setenv("STILLFRAME_CONFIG", "absent.toml")
    assert run("dashboard", "show", boards[0].slug, *AS_JSON).json["slug"] == boards[0].slug


@pytest.mark.parametrize("arguments", [("dashboard", "list"), ("token", "list")])
def test_a_configuration_beside_a_server_is_refused(run: Run, server: str, arguments: tuple[str, ...]) -> None:
    """Which of the two was meant, nobody can know."""
    refused = run(*arguments, "--server", server, "--config", "stillframe.toml", code=2)
    assert "--config | --server: give one of them" in refused.err
