"""The counter of a server: which request a question becomes, and that none is made of what somebody wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillframe.api.app import create_app
from stillframe.capture import parse_view_spec
from stillframe.cli.remote import RemoteCounter, remote_counter
from stillframe.config import load_settings
from stillframe.errors import InvalidInput
from stillframe.wiring import build_services
from tests.api.servers import running
from tests.cli.conftest import SPEC, Run
from tests.cli.scripted import LosingProxy, ScriptedServer, answer, problem
from tests.flows.gated import bandit


def counter_of(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> RemoteCounter:
    monkeypatch.setenv("STILLFRAME_TOKEN", "sf_x")
    return remote_counter(server.url)


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        ("carriers", "/api/dashboard/carriers"),
        ("../tokens?x=1#y", "/api/dashboard/..%20tokens%3Fx%3D1%23y"),
        ("", "/api/dashboard/%20"),
        ("project:a/b", "/api/dashboard/project%3Aa~2Fb"),
        ("a\r\nHost: elsewhere", "/api/dashboard/a%0D%0AHost%3A%20elsewhere"),
    ],
)
def test_a_name_stays_one_segment_of_a_path(monkeypatch: pytest.MonkeyPatch, ref: str, path: str) -> None:
    """A name cannot climb to another path, ask another question, or add a header."""
    with ScriptedServer() as server:
        counter_of(server, monkeypatch).dashboard(ref)
    assert [sent.line for sent in server.sent] == [f"GET {path} HTTP/1.1"]


def test_a_list_without_pages_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the database's own counter gives it."""
    pages = [answer(200, {"items": [1, 2], "next_cursor": "b"}), answer(200, {"items": [3], "next_cursor": None})]
    with ScriptedServer(pages) as server:
        assert counter_of(server, monkeypatch).tokens() == {"items": [1, 2, 3], "next_cursor": None}
    assert [sent.line for sent in server.sent] == ["GET /api/tokens HTTP/1.1", "GET /api/tokens?cursor=b HTTP/1.1"]


def test_faults_of_a_view_spec_name_their_place_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wrote the file never saw the body that it was sent in."""
    faults = [{"path": "$.view_spec_json.sources.sales.connection", "message": "no"}]
    refused = problem(422, "invalid_view_spec", errors=faults)
    with ScriptedServer([refused]) as server, pytest.raises(InvalidInput) as raised:
        counter_of(server, monkeypatch).apply(parse_view_spec(SPEC, format="yaml"), dry_run=True)
    assert [fault.path for fault in raised.value.faults] == ["$.sources.sales.connection"]
    assert json.loads(server.sent[0].body)["dry_run"] is True


def test_without_a_token_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says where to put it and how to get one."""
    monkeypatch.delenv("STILLFRAME_TOKEN", raising=False)
    with pytest.raises(InvalidInput, match=r"STILLFRAME_TOKEN: set it to a token of http://127\.0\.0\.1:8000"):
        remote_counter("http://127.0.0.1:8000")


@pytest.mark.parametrize("losses", [0, 1, 2])
def test_a_snapshot_whose_answer_was_lost_is_taken_once(run: Run, sellers: str, server: str, losses: int) -> None:
    """The server knows the key, and answers what it answered the first time."""
    create = ("dashboard", "snapshot", "create", "--dashboard", sellers, "--format", "json")
    with LosingProxy(int(server.rpartition(":")[2]), losses=losses) as proxy:
        taken = run(*create, "--server", proxy.url).json
    assert proxy.carried == losses + 1
    listed = run("dashboard", "snapshot", "list", "--dashboard", sellers, "--format", "json").json["items"]
    assert [found["id"] for found in listed] == [taken["id"]]


@pytest.mark.parametrize("losses", [0, 1, 2])
def test_a_decision_whose_answer_was_lost_is_made_once(run: Run, folder: Path, server: str, losses: int) -> None:
    """The files are sent again with the request, and nothing is decided, kept or told a second time."""
    run("group", "create", "team-a")
    run("project", "create", "my-service", "--group", "team-a")
    (folder / "bandit.json").write_bytes(bandit(high=1).read())
    check = ("release", "check", "--project", "my-service", "--report", str(folder / "bandit.json"))
    with LosingProxy(int(server.rpartition(":")[2]), losses=losses) as proxy:
        answer = run(*check, "--server", proxy.url, "--format", "json").json
    assert proxy.carried == losses + 1
    assert [found["id"] for found in run("release", "history", "--format", "json").json["items"]] == [answer["id"]]


def test_names_of_projects_and_decisions_stay_in_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slash is part of a project's name, and of no id."""
    with ScriptedServer() as server:
        counter = counter_of(server, monkeypatch)
        counter.health("team/app")
        counter.decision("../profiles?x=1")
        counter.replay("a/b")
        counter.lift("a?b")
        counter.suppressions(None, ended=True, limit=None, cursor=None)
        counter.take_reports("team/app", {"reason": None}, [])
    assert [sent.line for sent in server.sent] == [
        "GET /api/v2/dashboard/snapshots/team%2Fapp/health HTTP/1.1",
        "GET /api/v1/release/history/..%20profiles%3Fx%3D1 HTTP/1.1",
        "POST /api/v2/dashboard/snapshots/a%20b/replay HTTP/1.1",
        "DELETE /api/v1/release/suppressions/a%3Fb HTTP/1.1",
        "GET /api/v1/release/suppressions?include_ended=true HTTP/1.1",
        "POST /api/projects/team%2Fapp/reports HTTP/1.1",
    ]


def test_a_report_over_the_servers_limit_is_no_decision(run: Run, folder: Path, server: str) -> None:
    """The server refuses it in the middle of the sending, in words that name the file: 1, and of a gate 3."""
    assert server
    services = build_services(load_settings(folder / "stillframe.toml"), create=False)
    (folder / "large.json").write_bytes(b" " * 8_000_000)
    report = ("--project", "my-service", "--report", str(folder / "large.json"))
    try:
        with running(create_app(services, report_limit_bytes=1024)) as port:
            where = ("--server", f"http://127.0.0.1:{port}")
            taken = run("dashboard", "snapshot", "create", *report, *where, code=1)
            checked = run("release", "check", *report, *where, code=3)
    finally:
        services.close()
    assert taken.err == checked.err
    assert "large.json is over the limit of " in taken.err


def test_a_body_that_is_refused_unread_is_refused_in_the_servers_words(folder: Path, run: Run, server: str) -> None:
    """It answers and hangs up in the middle of the sending; that is a refusal, not a broken network."""
    assert server
    services = build_services(load_settings(folder / "stillframe.toml"), create=False)
    run("dashboard", "apply", str(folder / "pushed.yaml"))
    rows = [{"id": number, "text": "x" * 60_000} for number in range(200)]
    (folder / "data.json").write_text(json.dumps({"ideas": rows}), encoding="utf8")
    push = ("dashboard", "snapshot", "create", "--dashboard", "pushed", "--data", str(folder / "data.json"))
    try:
        with running(create_app(services, push_limit_bytes=1024)) as port:
            refused = run(*push, "--server", f"http://127.0.0.1:{port}", code=1)
    finally:
        services.close()
    assert refused.err.startswith("stillframe: the body is over the limit of ")
