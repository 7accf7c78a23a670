"""Bad input is answered by a message that names the place, exit code 2, and nothing lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import SPEC, Run

SNAPSHOT = ("dashboard", "snapshot")


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("title: [", "line"),
        (SPEC.replace("type: sql", "type: sqll", 1), "$.sources.sales.type"),
        (SPEC.replace("title: Best", "titel: x\ntitle: Best"), "did you mean 'title'"),
        (SPEC.replace("connection: shop", "connection: shp"), "did you mean 'shop'"),
        (SPEC.replace("top_n: 3", "top_n: 0"), "$.top_n"),
        (SPEC + "title: twice\n", "title"),
    ],
)
def test_a_wrong_view_spec_is_refused_with_its_path(run: Run, folder: Path, spec: str, says: str) -> None:
    """Whoever wrote it sees which member is wrong, not a traceback."""
    (folder / "wrong.yaml").write_text(spec, encoding="utf8")
    assert says in run("dashboard", "apply", str(folder / "wrong.yaml"), code=2).err


@pytest.mark.parametrize("query", ["delete from sales", "select 1 as id; select 2 as id", "pragma user_version"])
def test_sql_that_is_not_one_select_is_refused(run: Run, folder: Path, query: str) -> None:
    """A dashboard looks; it never writes to what it looks at."""
    spec = SPEC.replace("select id, title, sold from sales", query)
    (folder / "sellers.yaml").write_text(spec, encoding="utf8")
    refused = run("dashboard", "apply", str(folder / "sellers.yaml"), code=2)
    assert "$.sources.sales.query" in refused.err
    with closing(sqlite3.connect(folder / "shop.db")) as shop:
        assert shop.execute("select count(*) from sales").fetchone() == (3,)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("{}", "$.threshold_json"),
        ("{not json", "$.threshold_json"),
        ('{"top_n_reorderin": 3}', "did you mean 'top_n_reordering'"),
        ('{"top_n_reordering": 3, "set_added_min": 1}', "AND"),
        ('{"AND": []}', "$.threshold_json.AND"),
        ('{"value_delta_pct": -1, "on_field": "sold"}', "$.threshold_json.value_delta_pct"),
        ('{"value_delta_pct": 0.1, "on_field": "sld"}', "did you mean 'sold'"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_path(run: Run, sellers: str, rule: str, path: str) -> None:
    """A rule is checked when it is written, not when it should have fired."""
    run(*SNAPSHOT, "create", "--dashboard", sellers)
    run("persona", "add", "ops-desk")
    refused = run("subscription", "add", "--dashboard", sellers, "--persona", "ops-desk", "--rule", rule, code=2)
    assert path in refused.err
    assert run("subscription", "list", "--dashboard", sellers, "--format", "json").json["items"] == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ('{"ideas": [{"id": 1}, {"id": 1}]}', "$.panels.ideas.rows[1].id"),
        ('{"ideas": [{"id": null}]}', "rows[0].id"),
        ('{"ideas": [{"id": 1, "score": NaN}]}', "score"),
        ('{"ideas": [{"id": 1, "id": 2}]}', "occurs twice"),
        ('{"ideas": [{"id": 1, "score": {"a": 1}}]}', "rows[0].score"),
        ('{"ideas": [], "other": []}', "$.data.other"),
        ("{}", "$.data.ideas"),
        ("[1]", "$.data"),
        ("not json", "JSON"),
    ],
)
def test_pushed_data_that_cannot_be_evidence_is_refused(run: Run, folder: Path, data: str, says: str) -> None:
    """The head stays, and the message names panel, row and field."""
    run("dashboard", "apply", str(folder / "pushed.yaml"))
    (folder / "data.json").write_text(data, encoding="utf8")
    push = (*SNAPSHOT, "create", "--dashboard", "pushed", "--data", str(folder / "data.json"))
    assert says in run(*push, code=2).err
    assert run(*SNAPSHOT, "list", "--dashboard", "pushed", "--format", "json").json["items"] == []


def test_a_cell_of_five_megabytes_is_refused(run: Run, folder: Path) -> None:
    """A cell is what a reader of a table can see."""
    run("dashboard", "apply", str(folder / "pushed.yaml"))
    (folder / "data.json").write_text('{"ideas": [{"id": 1, "title": "' + "x" * 5_000_000 + '"}]}', encoding="utf8")
    push = (*SNAPSHOT, "create", "--dashboard", "pushed", "--data", str(folder / "data.json"))
    assert "rows[0].title" in run(*push, code=2).err


def test_a_source_that_is_down_fails_and_is_recorded(run: Run, folder: Path, sellers: str) -> None:
    """It could not be done: exit code 1; the attempt is kept and the head stays."""
    run(*SNAPSHOT, "create", "--dashboard", sellers)
    (folder / "shop.db").rename(folder / "gone.db")
    failed = run(*SNAPSHOT, "create", "--dashboard", sellers, code=1)
    assert "attempt" in failed.err
    assert not (folder / "shop.db").exists()
    assert len(run(*SNAPSHOT, "list", "--dashboard", sellers, "--format", "json").json["items"]) == 1


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd", "link.csv"])
def test_a_file_that_climbs_out_of_its_root_is_refused(run: Run, folder: Path, path: str) -> None:
    """By its name, by an absolute path, and through a link."""
    (folder / "files").mkdir()
    (folder / "secret.csv").write_text("id,secret\n1,hunter2\n", encoding="utf8")
    (folder / "files" / "link.csv").symlink_to(folder / "secret.csv")
    with (folder / "stillframe.toml").open("a", encoding="utf8") as file:
        file.write('[connections.files]\nurl = "files"\n')
    source = f"{{type: file, connection: files, path: {path}}}"
    spec = f"title: Climber\nsources: {{f: {source}}}\npanels: {{p: {{source: f, kind: table}}}}\n"
    (folder / "climber.yaml").write_text(spec, encoding="utf8")
    through_a_link = path == "link.csv"
    refused = run("dashboard", "apply", str(folder / "climber.yaml"), code=0 if through_a_link else 2)
    if through_a_link:
        refused = run("dashboard", "live", "climber", code=2)
    assert "$.sources.f" in refused.err
    assert "hunter2" not in refused.out + refused.err


def test_duplicate_keys_in_a_source_are_refused(run: Run, folder: Path, sellers: str) -> None:
    """Two rows with one name have no rank of their own."""
    with closing(sqlite3.connect(folder / "shop.db")) as shop, shop:
        shop.executescript("create table other as select * from sales; drop table sales;")
        shop.executescript("create view sales as select * from other union all select * from other;")
    assert "$.panels.sellers.rows" in run(*SNAPSHOT, "create", "--dashboard", sellers, code=2).err


def test_two_snapshots_of_different_dashboards_do_not_compare(run: Run, folder: Path, sellers: str) -> None:
    """A comparison of two boards would be an answer to no question."""
    run("dashboard", "apply", str(folder / "pushed.yaml"))
    (folder / "data.json").write_text('{"ideas": [{"id": 1, "score": 2}]}', encoding="utf8")
    one = run(*SNAPSHOT, "create", "--dashboard", sellers, "--format", "json").json["id"]
    pushed = ("create", "--dashboard", "pushed", "--data", str(folder / "data.json"), "--format", "json")
    other = run(*SNAPSHOT, *pushed).json["id"]
    compared = run(*SNAPSHOT, "compare", "--from-snapshot", one, "--to-snapshot", other, code=2)
    assert "different dashboards" in compared.err


def test_a_webhook_to_a_private_address_is_refused(run: Run, folder: Path, sellers: str) -> None:
    """Unless the operator permits it, nobody can aim the product at the machines behind the firewall."""
    text = (folder / "stillframe.toml").read_text(encoding="utf8").replace("= true", "= false")
    (folder / "stillframe.toml").write_text(text, encoding="utf8")
    hook = ("subscription", "add", "--dashboard", sellers, "--webhook", "http://127.0.0.1:9999/x", "--rule")
    assert "127.0.0.1: loopback" in run(*hook, '{"any_change": true}', code=2).err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[dashbord]\n", "did you mean 'dashboard'"),
        ("[dashboard\n", "TOML"),
        ("[dashboard]\nsnapshot_list_limit = 0\n", "dashboard.snapshot_list_limit"),
    ],
)
def test_a_wrong_configuration_is_refused_with_its_key(run: Run, folder: Path, text: str, says: str) -> None:
    """An unknown key is a misspelt one, so it is never ignored."""
    (folder / "stillframe.toml").write_text(text, encoding="utf8")
    assert says in run("dashboard", "list", code=2).err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("dashboard", "show", "nothing"), 1, "no dashboard here"),
        (("dashboard", "apply", "absent.yaml"), 2, "SPEC: absent.yaml cannot be read"),
        ((*SNAPSHOT, "show", "nothing"), 1, "no snapshot here"),
        ((*SNAPSHOT, "compare"), 2, "name a dashboard, or the snapshots"),
        ((*SNAPSHOT, "compare", "--dashboard", "sellers"), 1, "needs two good snapshots"),
        ((*SNAPSHOT, "create", "--dashboard", "sellers", "--as-of", "yesterday"), 2, "--as-of"),
        ((*SNAPSHOT, "create", "--dashboard", "sellers", "--as-of", "2999-01-01T00:00:00Z"), 2, "$.as_of"),
        ((*SNAPSHOT, "create", "--dashboard", "sellers", "--retention-class", "releas"), 2, "did you mean 'release'"),
        ((*SNAPSHOT, "create", "--dashboard", "sellers", "--trigger-source", "schedule"), 2, "--trigger-source"),
        ((*SNAPSHOT, "create", "--dashboard", "sellers", "--data", "absent.json"), 2, "--data: absent.json"),
        ((*SNAPSHOT, "create"), 2, "--dashboard"),
        (("subscription", "remove", "nothing", "--dashboard", "sellers"), 1, "no subscription here"),
        (("delivery", "replay", "nothing"), 1, "no delivery here"),
        (("token", "revoke", "nothing"), 1, "no token here"),
        (("token", "create", "x y"), 2, "$.name"),
        (("token", "create", "bob", "--scopes", "rea"), 2, "--scopes"),
        (("token", "create", "bob", "--days", "0"), 2, "days"),
        (("user", "role", "nobody", "admin"), 1, "no user nobody"),
        (("user", "role", "nobody", "boss"), 2, "boss"),
        (("persona", "add", "Not A Slug"), 2, "$.slug"),
        (("notifications", "list", "--persona", "nobody"), 1, "no persona here"),
        (("comments", "add", "--dashboard", "sellers", "--body", " "), 2, "$.body"),
        (("dashboard", "list", "--limit", "0"), 2, "--limit"),
        (("dashboard", "list", "--format", "xml"), 2, "--format"),
        (("dashbord",), 2, "dashbord"),
        (("dashboard", "list", "--config", "absent.toml"), 2, "no configuration file at absent.toml"),
    ],
)
def test_every_refusal_has_its_exit_code_and_names_its_place(
    run: Run, sellers: str, arguments: Sequence[str], code: int, says: str
) -> None:
    """2 for what was given, 1 for what could not be done, and one clear message on stderr."""
    done = run(*arguments, code=code)
    assert says in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("dashboard", "list"),
        ("dashboard", "show", "x"),
        ("dashboard", "live", "x"),
        ("dashboard", "autosnapshot"),
        (*SNAPSHOT, "list", "--dashboard", "x"),
        ("subscription", "list", "--dashboard", "x"),
        ("worker", "--once"),
        ("token", "list"),
    ],
)
def test_a_command_that_makes_nothing_never_makes_a_database(run: Run, folder: Path, arguments: Sequence[str]) -> None:
    """A misspelt path must not become an empty database that looks like lost data."""
    done = run(*arguments, code=1)
    assert str(folder / "stillframe.db") in done.err
    assert not list(folder.glob("stillframe.db*"))
