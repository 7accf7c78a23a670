"""Every error is a problem document that says what is wrong, where, and what is allowed there."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import event

from stillframe.api.problems import faults_of, problem, refusal
from stillframe.errors import Conflict, SourceFailed, StillframeError, StoreFull, StoreUnavailable, Unauthenticated
from tests.api.cast import PUSHED_SPEC, ROWS, RULE, House, push, sql_spec, warehouse

HOLD_THE_LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""
MEMBERS = {"type", "title", "status", "detail", "error_code", "request_id"}


def assert_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is a problem document with every documented member."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document.keys() >= MEMBERS
    assert document["status"] == status
    assert document["error_code"] == code
    assert document["request_id"] == answer.headers["X-Request-ID"]
    return document


def paths(document: dict[str, Any]) -> list[str]:
    return [fault["path"] for fault in document["errors"]]


@pytest.mark.parametrize(
    ("body", "path", "says"),
    [
        (b"{", "$", "line 1, column 2"),
        (b'{"reason": "a", "reason": "b"}', "$", "occurs twice"),
        (b"[1]", "$", "object"),
        (b'"text"', "$", "object"),
        (b"\xff\xfe", "$", "UTF-8"),
        (b'{"reason": "\\ud800"}', "$.reason", "surrogate"),
        (b'{"reson": "typo"}', "$.reson", "did you mean 'reason'?"),
        (b'{"reason": 5}', "$.reason", "string"),
        (b'{"immutable": "yes"}', "$.immutable", "boolean"),
        (b'{"data": [1]}', "$.data", "dictionary"),
        (b'{"as_of": "yesterday"}', "$.as_of", "RFC 3339"),
        (b'{"as_of": "2999-01-01T00:00:00Z"}', "$.as_of", "future"),
        (b'{"retention_class": "releas"}', "$.retention_class", "did you mean 'release'?"),
        (b'{"trigger_source": "schedule"}', "$.trigger_source", "'manual'"),
        (b'{"initiator": "somebody else"}', "$.initiator", "unknown member"),
    ],
)
def test_a_body_that_cannot_be_understood_is_refused_where_it_is_wrong(
    house: House, board: str, body: bytes, path: str, says: str
) -> None:
    """422, the path of the fault, and what is allowed there; nothing is stored."""
    answer = house.ask("alice", "POST", f"{board}/snapshot", content=body)
    document = assert_problem(answer, 422, "invalid_input")
    assert paths(document) == [path]
    assert says in document["errors"][0]["message"]
    assert house.ask("alice", "GET", f"{board}/snapshots").json()["items"] == []


def pushed_json(rows: bytes) -> bytes:
    return b'{"data": {"papers": 1, "board": [' + rows + b"]}}"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (pushed_json(b'{"id": "a"}, {"id": "a"}'), "$.panels.board.rows[1].id"),
        (pushed_json(b'{"id": "a", "score": NaN}'), "$.panels.board.rows[0].score"),
        (pushed_json(b'{"id": "a", "score": 1e999}'), "$.panels.board.rows[0].score"),
        (pushed_json(b'{"id": "a", "score": 9007199254740992}'), "$.panels.board.rows[0].score"),
        (pushed_json(b'{"id": null}'), "$.panels.board.rows[0].id"),
        (pushed_json(b'{"title": "no key"}'), "$.panels.board.key"),
        (pushed_json(b'{"id": "a", "score": {"deep": 1}}'), "$.panels.board.rows[0].score"),
        (pushed_json(b'{"id": "a", "title": "' + b"x" * 5_000_000 + b'"}'), "$.panels.board.rows[0].title"),
        (b'{"data": {"papers": 1}}', "$.data.board"),
        (b'{"data": {"papers": 1, "board": [], "bord": []}}', "$.data.bord"),
        (b"{}", "$.data.board"),
    ],
)
def test_data_that_cannot_become_evidence_is_refused_with_panel_row_and_field(
    house: House, board: str, body: bytes, path: str
) -> None:
    """The head stays, the attempt is recorded with the error, and the answer names it."""
    head = house.made("alice", f"{board}/snapshot", push())
    answer = house.ask("alice", "POST", f"{board}/snapshot", content=body)
    document = assert_problem(answer, 422, "capture_refused")
    assert path in paths(document)
    attempts = house.ask("alice", "GET", f"{board}/attempts").json()["items"]
    assert [attempt["id"] for attempt in attempts] == [document["attempt_id"]]
    assert house.ask("alice", "GET", board).json()["head"]["head_snapshot_id"] == head["id"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"sources": {"rows": {"type": "sequel"}}}, "$.view_spec_json.sources.rows.type"),
        ({"colour": "red"}, "$.view_spec_json.colour"),
        ({"primary": {"rows": "nothing"}}, "$.view_spec_json.primary.rows"),
        ({"refresh_interval_seconds": -1}, "$.view_spec_json.refresh_interval_seconds"),
        ({"panels": {}}, "$.view_spec_json.panels"),
    ],
)
def test_a_view_spec_is_refused_at_its_place_in_the_body(house: House, change: dict[str, Any], path: str) -> None:
    """The path leads from the root of what was sent, not from the root of the view spec."""
    answer = house.ask("alice", "POST", "/api/dashboards", json={"view_spec_json": {**PUSHED_SPEC, **change}})
    document = assert_problem(answer, 422, "invalid_view_spec")
    assert path in paths(document)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM board",
        "SELECT 1; SELECT 2",
        "WITH x AS (DELETE FROM board RETURNING *) SELECT * FROM x",
        "PRAGMA user_version",
    ],
)
def test_sql_that_is_not_one_select_is_refused(house: House, query: str) -> None:
    """A view spec reads; whatever else SQL can do is refused, when it is written or at the latest when it is run."""
    made = house.ask("admin", "POST", "/api/dashboards", json={"view_spec_json": sql_spec(query=query)})
    if made.status_code == 201:
        made = house.ask("admin", "POST", "/api/dashboard/warehouse/snapshot")
    document = made.json()
    assert made.status_code == 422, document
    assert "query" in document["detail"]


def test_a_connection_that_is_down_is_a_502_with_its_attempt(house: House) -> None:
    """The source failed, not the product: the attempt is recorded, and nothing of the address is told."""
    house.made("admin", "/api/dashboards", {"view_spec_json": sql_spec(connection="gone")})
    document = assert_problem(house.ask("admin", "POST", "/api/dashboard/warehouse/snapshot"), 502, "source_failed")
    attempts = house.ask("admin", "GET", "/api/dashboard/warehouse/attempts").json()["items"]
    assert attempts[0]["id"] == document["attempt_id"]
    assert attempts[0]["source"] == "rows"


def test_the_head_stays_when_a_source_goes_away(house: House, tmp_path: Path) -> None:
    """A capture that fails changes nothing that was captured before."""
    house.made("admin", "/api/dashboards", {"view_spec_json": sql_spec()})
    head = house.made("admin", "/api/dashboard/warehouse/snapshot")
    with sqlite3.connect(tmp_path / "warehouse.db") as connection:
        connection.execute("DROP TABLE board")
    connection.close()
    assert_problem(house.ask("admin", "POST", "/api/dashboard/warehouse/snapshot"), 502, "source_failed")
    warehouse(tmp_path / "warehouse.db", ROWS)
    again = house.made("admin", "/api/dashboard/warehouse/snapshot")
    assert again["parent_snapshot_id"] == head["id"]
    assert again["sequence"] == 2


def test_a_connection_that_is_not_for_you_is_forbidden(house: House) -> None:
    """Without groups a connection is the admins'; whether it exists makes no difference."""
    for connection in ("warehouse", "absent"):
        answer = house.ask("alice", "POST", "/api/dashboards", json={"view_spec_json": sql_spec(connection=connection)})
        assert_problem(answer, 403, "forbidden")
    unknown = house.ask("admin", "POST", "/api/dashboards", json={"view_spec_json": sql_spec(connection="warehose")})
    document = assert_problem(unknown, 422, "invalid_input")
    assert paths(document) == ["$.view_spec_json.sources.rows.connection"]
    assert "did you mean 'warehouse'?" in document["detail"]


@pytest.mark.parametrize("path", ["../warehouse.db", "/etc/passwd", "a/../../b.csv"])
def test_a_file_path_that_climbs_out_of_its_root_is_refused(house: House, path: str) -> None:
    """A connection is a fence."""
    spec = {
        "title": "Files",
        "sources": {"rows": {"type": "file", "connection": "folder", "path": path, "format": "csv"}},
        "panels": {"board": {"source": "rows", "kind": "table"}},
    }
    made = house.ask("admin", "POST", "/api/dashboards", json={"view_spec_json": spec})
    if made.status_code == 201:
        made = house.ask("admin", "POST", "/api/dashboard/files/snapshot")
    assert made.status_code == 422, made.text


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"threshold_json": {"top_n_reorderin": 3}}, "$.threshold_json"),
        ({"threshold_json": {"top_n_reordering": 3, "set_added_min": 1}}, "$.threshold_json"),
        ({"threshold_json": {}}, "$.threshold_json"),
        ({"threshold_json": {"NOT": {"value_delta_pct": 0.1, "on_field": "scor"}}}, "$.threshold_json.NOT"),
        ({"baseline": "previos"}, "$.baseline"),
        ({"baseline": "pinned"}, "$.baseline_snapshot_id"),
        ({"repeat_interval": 5}, "$.repeat_interval"),
        ({"subscriber_kind": "pigeon"}, "$.subscriber_kind"),
        ({"subscriber_kind": "email", "subscriber_id": "a@b, c@d"}, "$.subscriber_id"),
        ({"cooldown": 5}, "$.cooldown"),
    ],
)
def test_a_subscription_that_cannot_be_is_refused_at_its_member(
    house: House, board: str, change: dict[str, Any], path: str
) -> None:
    """A rule that says nothing, or two things, tells nobody ever: better to hear it now."""
    house.made("alice", f"{board}/snapshot", push())
    body = {"subscriber_kind": "email", "subscriber_id": "ops@example.org", "threshold_json": RULE, **change}
    answer = house.ask("alice", "POST", f"{board}/subscriptions", json=body)
    assert answer.status_code == 422, answer.text
    assert any(found.startswith(path) for found in paths(answer.json()))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "https://[::1]/x", "http://169.254.169.254/latest", "ftp://example.org"]
)
def test_a_webhook_to_a_private_address_is_refused(house: House, board: str, url: str) -> None:
    """The server is nobody's way into the network that it stands in."""
    body = {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": RULE}
    answer = house.ask("alice", "POST", f"{board}/subscriptions", json=body)
    assert_problem(answer, 422, "address_refused")


def test_snapshots_of_two_dashboards_are_not_compared(house: House, board: str) -> None:
    """Ranks of different boards have nothing to say to each other."""
    one = house.made("alice", f"{board}/snapshot", push())["id"]
    house.made("alice", "/api/dashboards", {"view_spec_json": {**PUSHED_SPEC, "slug": "second"}})
    other = house.made("alice", "/api/dashboard/second/snapshot", push())["id"]
    assert_problem(house.ask("alice", "GET", f"{board}/diff?from={one}&to={other}"), 422, "not_comparable")


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("snapshots?limit=0", "$.limit"),
        ("snapshots?limit=201", "$.limit"),
        ("snapshots?limit=ten", "$.limit"),
        ("snapshots?cursor=%00", "$"),
        ("subscriptions?cursor=absent", "$.cursor"),
        ("diff?top_n=0", "$.top_n"),
        ("series?metric=absent", "$.metric"),
        ("series?from=monday", "$.from"),
    ],
)
def test_a_query_is_refused_at_its_parameter(house: House, board: str, query: str, path: str) -> None:
    """A parameter is a member of what was asked."""
    answer = house.ask("alice", "GET", f"{board}/{query}")
    assert paths(assert_problem(answer, 422, "invalid_input")) == [path]


def test_an_unknown_path_and_an_unknown_method_are_problems_too(house: House) -> None:
    """Also what the framework refuses is said in our words."""
    assert_problem(house.ask(None, "GET", "/nowhere"), 404, "not_found")
    assert_problem(house.ask("alice", "DELETE", "/api/me"), 405, "method_not_allowed")
    assert_problem(
        house.ask("alice", "POST", "/api/personas", content=b"slug=x", headers={"Content-Type": "text/plain"}),
        415,
        "unsupported_media_type",
    )


def test_a_full_disk_is_a_507_and_heals_without_a_restart(house: House, board: str) -> None:
    """What was acknowledged stays, what was refused left nothing, and space alone brings the product back."""
    house.made("alice", f"{board}/snapshot", push())
    with house.services.store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit_pages(house, pages)
    rows = [
        {"id": f"r-{number}", "title": f"{number * 7919 % 104729:x}" * 40, "score": number / 7}
        for number in range(3_000)
    ]
    assert_problem(house.ask("alice", "POST", f"{board}/snapshot", json=push(rows)), 507, "store_full")
    limit_pages(house, 1_000_000)
    assert house.made("alice", f"{board}/snapshot", push(rows))["sequence"] == 2


def limit_pages(house: House, pages: int) -> None:
    """Let the database file grow to so many pages, on every connection that the pool makes from now on."""
    engine = house.services.store._engine
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages}"))


def test_a_store_that_cannot_be_written_now_is_a_503_that_says_when(house: House, board: str, tmp_path: Path) -> None:
    """Somebody else holds the file: nothing is stored, and the client is told to come back."""
    holder = [sys.executable, "-c", HOLD_THE_LOCK, str(tmp_path / "stillframe.db")]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        answer = house.ask("alice", "POST", f"{board}/snapshot", json=push())
        other.communicate("done\n")
    document = assert_problem(answer, 503, "store_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "locked" not in document["detail"]
    assert house.made("alice", f"{board}/snapshot", push())["sequence"] == 1


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (Unauthenticated(), 401, {"WWW-Authenticate": 'Bearer realm="stillframe"'}),
        (Conflict("busy", retry_after_seconds=2), 409, {"Retry-After": "2"}),
        (SourceFailed("down", attempt_id="a-1"), 502, {}),
        (StoreUnavailable("host=db password=x"), 503, {"Retry-After": "2"}),
        (StoreFull(), 507, {}),
    ],
)
def test_an_error_carries_its_status_and_its_headers(
    error: StillframeError, status: int, headers: dict[str, str]
) -> None:
    """A client that reads only the head knows what to do; what a driver said is not for it."""
    answer = refusal(error, request_id="r-1")
    assert answer.status_code == status
    assert (
        headers.items() <= {name.title().replace("Www", "WWW"): value for name, value in answer.headers.items()}.items()
    )
    assert b"password" not in answer.body


def test_faults_of_pydantic_are_written_as_json_paths() -> None:
    """Everybody who reports a place reports it in one notation."""
    faults = faults_of([{"loc": ("a", 0, "b"), "msg": "Value error, No"}], inside="$.x")
    assert [str(fault) for fault in faults] == ["$.x.a[0].b: no"]


def test_a_problem_document_is_json_with_the_members_of_the_rfc() -> None:
    """RFC 9457, section 3.1, and ours."""
    document = problem(status=418, code="teapot", title="T", detail="d", request_id=None, more={"attempt_id": "a"})
    assert orjson.loads(orjson.dumps(document)).keys() == MEMBERS | {"attempt_id"}


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        ("GET", "/api/dashboard/a%00b", None, "$"),
        ("GET", "/api/notifications?persona=a%00b", None, "$"),
        ("POST", "/api/personas", {"slug": "x", "name": "a\x00b"}, "$.name"),
        ("POST", "/api/tokens", {"name": "alice", "label": "a\x00b"}, "$.label"),
    ],
)
def test_the_character_nul_is_refused_before_it_reaches_a_database(
    house: House, method: str, path: str, body: Any, where: str
) -> None:
    """No column of text can hold it, and databases do not agree on what to do about it."""
    answer = house.ask("alice", method, path, json=body)
    assert paths(assert_problem(answer, 422, "invalid_input")) == [where]
