"""The terminal door as a person uses it: real commands over a real database in a folder of their own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stillframe.api.app import create_app
from stillframe.cli import main
from stillframe.cli.desk import log_to_stderr
from stillframe.config import load_settings, os_user
from stillframe.flows.identity import create_token, local_caller
from stillframe.testing import WebhookReceiver
from stillframe.wiring import build_services
from tests.api.servers import running

CONFIGURATION = """\
[connections.shop]
url = "sqlite:///shop.db"

[webhook]
allow_private_targets = true
"""
SPEC = """\
title: Best sellers
slug: sellers
sources:
  sales: {type: sql, connection: shop, query: "select id, title, sold from sales"}
  total: {type: sql, connection: shop, query: "select sum(sold) as sold from sales"}
panels:
  sellers:
    source: sales
    kind: table
    rank_by: sold
    order: desc
    fields: {sold: {better: higher, unit: pieces}}
  total: {source: total, kind: metric, better: higher, unit: pieces}
top_n: 3
"""
PUSH_SPEC = """\
title: Pushed
sources: {ideas: {type: push}}
panels: {ideas: {source: ideas, kind: table, rank_by: score, order: desc}}
"""
SALES = (("tea", "Tea", 30), ("rice", "Rice", 20), ("salt", "Salt", 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> Run:
    """Run a command in this process and expect its exit code."""
    monkeypatch.setenv("STILLFRAME_CONFIG", str(folder / "stillframe.toml"))

    def run_command(*arguments: str, code: int = 0) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        said = capsys.readouterr()
        done = Done(code=int(ended.value.code or 0), out=said.out, err=said.err)
        assert done.code == code, done
        assert "Traceback" not in done.err
        return done

    return run_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a configuration, a shop's database, and view specs over both."""
    (tmp_path / "stillframe.toml").write_text(CONFIGURATION, encoding="utf8")
    (tmp_path / "sellers.yaml").write_text(SPEC, encoding="utf8")
    (tmp_path / "pushed.yaml").write_text(PUSH_SPEC, encoding="utf8")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop, shop:
        shop.execute("create table sales (id text primary key, title text, sold integer)")
        shop.executemany("insert into sales values (?, ?, ?)", SALES)
    return tmp_path


@pytest.fixture
def sell(folder: Path) -> Callable[[str, int], None]:
    """Set how many of an article the shop has sold."""

    def set_sold(article: str, sold: int) -> None:
        with closing(sqlite3.connect(folder / "shop.db")) as shop, shop:
            shop.execute("update sales set sold = ? where id = ?", (sold, article))

    return set_sold


@pytest.fixture
def sellers(run: Run, folder: Path) -> str:
    """A dashboard over the shop, made by the command; its slug."""
    run("dashboard", "apply", str(folder / "sellers.yaml"))
    return "sellers"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A real server that takes webhooks."""
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """
    The address of a real server over the folder's database, with a token of whoever runs the tests in the environment.

    So both ways the caller is the same person, and what they see must be the same.
    """
    log_to_stderr()
    services = build_services(load_settings(folder / "stillframe.toml"), create=True)
    try:
        me = local_caller(services, os_user())
        token = create_token(services, me, user_name=me.name)
        monkeypatch.setenv("STILLFRAME_TOKEN", token.text)
        with running(create_app(services)) as port:
            yield f"http://127.0.0.1:{port}"
    finally:
        services.close()


def columns_of(lines: Iterable[str]) -> list[str]:
    """The headings of a printed table."""
    return next(iter(lines)).split()
