"""No secret stands in clear anywhere: every way to fail is gone, and everything that is written down is searched."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from stillframe.store.connect import SQLITE
from stillframe.testing import Answer, Drip, Hang, Raw, Reset, WebhookReceiver
from tests.post_office import Mailbox, Say
from tests.security.installation import HOST, NOBODY_LISTENS, Installation, free_port, installed
from tests.security.leaks import Search, canary, signed_links, spellings_of

RULE = {"any_change": True}
AWAY = {"Location": "http://127.0.0.1:9/"}
SETTLING_SECONDS = 60.0
BAD = (Answer(status=500), Answer(status=410), Answer(status=307, headers=AWAY), Hang(), Drip(), Reset(), Raw())
SPEC: dict[str, Any] = {
    "title": "Board",
    "sources": {"pushed": {"type": "push"}},
    "panels": {"board": {"source": "pushed", "kind": "table", "key": "id", "rank_by": "score", "order": "desc"}},
    "primary": {"rows": "board"},
}


@pytest.mark.parametrize("secret", ["whsec_abc/def+ghi==", "plain4word4canary", "k" * 40])
def test_a_secret_is_found_in_every_encoding(secret: str) -> None:
    """A search that cannot find proves nothing: raw, base64 at any place, hex, percent, escapes, another case."""
    raw = secret.encode()
    for shift in range(3):
        hidden = base64.b64encode(b"x" * shift + raw + b"yz" * 3)
        assert any(spelling in hidden.lower() for spelling in spellings_of(raw)), (secret, shift)
    for form in (secret, secret.upper(), raw.hex(), "".join(f"%{byte:02X}" for byte in raw)):
        search = Search()
        search.add("it", secret)
        search.look("there", f"before {form} after")
        assert search.found == ["it in there"]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    with Mailbox() as found:
        yield found


@pytest.mark.timeout(1200)
def test_no_secret_is_in_clear_anywhere(tmp_path: Path, mailbox: Mailbox) -> None:
    """Every kind of secret, every error path, then logs, database, WAL, backup, exports, metrics, answers, outputs."""
    there = installed(tmp_path, mailbox)
    search = there.search
    made = there.command("token", "create", "alice", "--role", "admin", "--format", "json")
    there.said.pop()
    there.token = _member(made, "token")
    search.add("a token", there.token)
    with ExitStack() as stack:
        receivers = [stack.enter_context(WebhookReceiver(behaviour)) for behaviour in (Answer(), *BAD)]
        with there.served():
            board = _people_and_boards(there)
            _subscribe(there, board, receivers)
            _fail_over_http(there, board)
            _change_and_deliver(there, board, mailbox)
            _read_everything(there, board)
            _let_settling_fail(there, board)
        _damage(there)
        there.sign_in_to_mail()
        with there.served():
            _push(there, board, 100)
            time.sleep(2)
            _read_everything(there, board)
    for number, mail in enumerate(mailbox.arrived):
        for place, signed in enumerate(signed_links(mail.content.decode("utf-8", "replace"))):
            search.add(f"signed link {number}.{place}", signed)
    _fail_on_the_command_line(there)
    _look_everywhere(there)
    assert search.found == []
    assert len(search.secrets) >= 20
    events = _events(there)
    assert events >= {"delivery_settled", "letter_failed", "settle_failed", "request"}, events
    assert "signed link 0.0" in search.secrets


def _member(said: str, name: str) -> str:
    document, _ = json.JSONDecoder().raw_decode(said[said.index("{") :])
    found: str = document[name]
    return found


def _people_and_boards(there: Installation) -> str:
    there.ask("POST", "/api/personas", {"slug": "desk"})
    made = there.ask("POST", "/api/tokens", {"name": "bob", "role": "viewer"}, kept=False)
    there.search.add("another token", made["token"])
    for source in ("api", "base", "missing"):
        spec = {**SPEC, "title": f"of {source}", "slug": f"of-{source}", "sources": {"pushed": _source(source)}}
        failing = there.ask("POST", "/api/dashboards", {"view_spec_json": spec})
        for path in ("snapshot", "live", "attempts"):
            method = "POST" if path == "snapshot" else "GET"
            there.ask(method, f"/api/dashboard/{failing.get('id', 'none')}/{path}")
    board: str = there.ask("POST", "/api/dashboards", {"view_spec_json": SPEC})["id"]
    return board


def _source(name: str) -> dict[str, Any]:
    if name == "api":
        return {"type": "http", "connection": "api", "path": "rows"}
    if name == "base":
        return {"type": "sql", "connection": "base", "query": "SELECT 1 AS id, 2 AS score"}
    return {"type": "file", "connection": "missing", "path": "rows.json"}


def _subscribe(there: Installation, board: str, receivers: list[WebhookReceiver]) -> None:
    """Subscribe receivers that fail in every way, by addresses whose path and query are canaries."""
    path = f"/api/dashboard/{board}/subscriptions"
    addresses = [receiver.url("") for receiver in receivers]
    addresses += [f"http://{HOST}:{free_port()}", receivers[0].url("").replace("http:", "https:")]
    for number, address in enumerate(addresses):
        secret, query = canary(f"path{number}x"), canary(f"query{number}x")
        there.search.add(f"webhook path {number}", secret)
        there.search.add(f"webhook query {number}", query)
        body = {"subscriber_kind": "webhook", "subscriber_id": f"{address}/{secret}?t={query}", "threshold_json": RULE}
        made = there.ask("POST", path, body, kept=False)
        assert "secret" in made, made
        _add_signing(there.search, f"signing secret {number}", made["secret"])
        if number < 2:
            rotated = there.ask("POST", f"{path}/{made['id']}/secret", {"overlap_seconds": 60}, kept=False)
            _add_signing(there.search, f"rotated secret {number}", rotated["secret"])
    for kind, name in (("email", "ana@example.org"), ("channel", "chat"), ("channel", "alerts"), ("persona", "desk")):
        there.ask("POST", path, {"subscriber_kind": kind, "subscriber_id": name, "threshold_json": RULE})


def _add_signing(search: Search, kind: str, secret: str) -> None:
    body = secret.removeprefix("whsec_")
    search.add(kind, body)
    search.add(f"{kind}, its bytes", base64.b64decode(body))


def _push(there: Installation, board: str, score: float) -> None:
    pushed = canary("pushed")
    there.search.add(f"pushed header {score}", pushed)
    document = {"data": {"board": [{"id": "a", "score": score}, {"id": "b", "score": 1}]}}
    there.ask(
        "POST", f"/api/dashboard/{board}/snapshot", document, headers={"X-Api-Key": pushed, "Cookie": f"s={pushed}"}
    )


def _fail_over_http(there: Installation, board: str) -> None:
    """Ask in every wrong way, with secrets in every place of a request."""
    path = f"/api/dashboard/{board}/subscriptions"
    wrong = {name: canary(name) for name in ("bearer", "query", "userinfo", "refused", "broken", "basic", "idem")}
    for kind, secret in wrong.items():
        there.search.add(f"a wrong {kind}", secret)
    there.ask("GET", "/api/me", headers={"Authorization": f"Bearer sf_{wrong['bearer']}"})
    there.ask("GET", "/api/me", headers={"Authorization": f"Basic {wrong['basic']}"})
    there.ask("GET", f"/api/me?token={wrong['query']}&access_token={wrong['query']}")
    for url in (
        f"https://user:{wrong['userinfo']}@example.org/",
        f"http://169.254.169.254/{wrong['refused']}",
        f"ftp://example.org/{wrong['refused']}",
        f"https://example.org/{wrong['refused']} x",
    ):
        there.ask("POST", path, {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": RULE})
        there.ask("POST", path, {"subscriber_kind": "webhook", "subscriber_id": url, "threshold_json": {"nonsense": 1}})
    there.ask("POST", path, f'{{"subscriber_kind": "webhook", "subscriber_id": "https://e.org/{wrong["broken"]}"')
    there.ask("POST", path, {"subscriber_kind": "webhook", "secret": wrong["broken"], "subscriber_id": "x"})
    there.ask("GET", f"/u/{wrong['query']}.x.y")
    there.ask("POST", f"/u/{wrong['query']}.x.y")
    there.ask("GET", f"/nowhere?password={wrong['query']}")


def _change_and_deliver(there: Installation, board: str, mailbox: Mailbox) -> None:
    for score in (1, 2, 3):
        _push(there, board, score)
    until = time.monotonic() + 60
    while not mailbox.arrived and time.monotonic() < until:
        time.sleep(0.1)
    assert mailbox.arrived
    mailbox.behave(Say(at="MAIL", line="535 no"), Say(at="RCPT", line="550 no such address"))
    _push(there, board, 4)
    time.sleep(3)
    for mail in mailbox.arrived:
        for signed in signed_links(mail.content.decode("utf-8", "replace")):
            there.ask("GET", f"/u/{signed}", kept=False)
    for subscription in there.ask("GET", f"/api/dashboard/{board}/subscriptions")["items"]:
        there.ask("POST", f"/api/dashboard/{board}/subscriptions/{subscription['id']}/test")
        there.ask("GET", f"/api/dashboard/{board}/subscriptions/{subscription['id']}/deliveries")


def _read_everything(there: Installation, board: str) -> None:
    """Read what shows how things are, and every export."""
    start = f"/api/dashboard/{board}"
    items = there.ask("GET", f"{start}/snapshots")["items"]
    for path in (
        "/metrics", "/readyz", "/healthz", "/api/audit?limit=1000", "/api/notifications", "/api/tokens", "/api/users",
        "/api/personas", "/api/dashboards", f"{start}/subscriptions", f"/api/artifacts/{board}/comments",
        f"{start}/diff?from={items[-1]['id']}&to={items[0]['id']}", f"/api/snapshot/{items[0]['id']}?format=html",
        "/openapi.json", "/docs",
    ):  # fmt: skip
        there.ask("GET", path)
    for form in ("json", "markdown", "pdf"):
        document = {"baseline_snapshot_id": items[-1]["id"], "format": form}
        there.ask("POST", f"/api/v2/dashboard/snapshots/{items[0]['id']}/export", document)
    for subscription in there.ask("GET", f"{start}/subscriptions")["items"]:
        for part in ("deliveries", "evaluations"):
            there.ask("GET", f"{start}/subscriptions/{subscription['id']}/{part}")


def _let_settling_fail(there: Installation, board: str) -> None:
    """Hold the database until a settle has failed: the server's writers queue, and each waits 5 s."""
    _push(there, board, 50)
    holder = SQLITE.connect(there.database, isolation_level=None, timeout=20)
    holder.execute("BEGIN IMMEDIATE")
    there.ask("POST", f"/api/dashboard/{board}/snapshot", {"data": {"board": [{"id": "a", "score": 51}]}})
    give_up_at = time.monotonic() + SETTLING_SECONDS
    while "settle_failed" not in _events(there) and time.monotonic() < give_up_at:
        time.sleep(0.5)
    holder.execute("ROLLBACK")
    holder.close()
    time.sleep(2)


def _damage(there: Installation) -> None:
    """Let letters fail: seals that do not open, evidence that is gone."""
    connection = SQLITE.connect(there.database, isolation_level=None)
    connection.execute(
        "UPDATE dashboard_subscriptions SET sealed_secret=sealed_address WHERE rowid%2=0 AND sealed_secret IS NOT NULL"
    )
    connection.execute("UPDATE dashboard_subscriptions SET state='active',paused_reason=NULL WHERE state='paused'")
    connection.execute("UPDATE outbox SET state='pending',due_at=0,unsettled=0 WHERE channel='webhook'")
    connection.execute("DELETE FROM notices WHERE snapshot_id=(SELECT min(snapshot_id) FROM notices)")
    connection.close()


def _fail_on_the_command_line(there: Installation) -> None:
    """Give commands every kind of configuration that cannot be, and servers that are not there."""
    secret = canary("config")
    there.search.add("a secret of a bad configuration", secret)
    passphrase = there.folder / "passphrase"
    passphrase.write_text(canary("passphrase"))
    there.search.add("the passphrase", passphrase.read_text())
    there.command("doctor")
    there.command("config", "show")
    there.command("config", "show", "--format", "json")
    there.command("audit", "list", "--format", "json")
    there.command("backup", str(there.folder / "plain.stillframe"))
    there.command("backup", str(there.folder / "whole.stillframe"), "--with-key", str(passphrase))
    bad = {
        "syntax": f'[smtp]\npassword = "{secret}\n',
        "type": f'[smtp]\nport = "{secret}"\n',
        "member": f'[smtp]\npasswort = "{secret}"\n',
        "key": f'[secrets]\nkey = "{secret}"\n',
        "channel": f'[channels.x]\nurl = "nonsense://{secret}@x"\n',
        "channel headers": f'[channels.x]\nurl = "json://127.0.0.1:9/"\nheaders = "{secret}"\n',
        "connection": f'[connections.x]\nurl = "nonsense://u:{secret}@127.0.0.1:9/x"\n',
        "database": f'[database]\nurl = "postgresql://u:{secret}@127.0.0.1:{NOBODY_LISTENS}/x"\n',
        "no such database": f'[database]\nurl = "oracle://u:{secret}@127.0.0.1:{NOBODY_LISTENS}/x"\n',
        "odd database": f'[database]\nurl = "postgresql://u:{secret}@[::1/x"\n',
    }
    for name, text in bad.items():
        config = there.folder / f"{name.replace(' ', '-')}.toml"
        config.write_text(f'{text}[dashboard]\nsnapshot_db_path = "other-{name.replace(" ", "-")}.db"\n')
        there.command("doctor", config=config, STILLFRAME_DEBUG="1")
        if name == "database":
            there.command("worker", "--once", config=config)
            there.command("dashboard", "list", config=config)
    server = f"http://{HOST}:{NOBODY_LISTENS}"
    there.command("dashboard", "list", "--server", server, STILLFRAME_TOKEN=f"sf_{secret}")
    there.command("dashboard", "list", "--server", f"http://u:{secret}@{HOST}:{NOBODY_LISTENS}", STILLFRAME_DEBUG="1")
    there.command("serve", "--port", "0", config=there.folder / "database.toml")


def _events(there: Installation) -> set[str]:
    """Return what the server's log tells of; each of its lines is one JSON object."""
    lines = [line for place, said in there.said if place == "the log of the server" for line in said.splitlines()]
    return {json.loads(line)["event"] for line in lines}


def _look_everywhere(there: Installation) -> None:
    search = there.search
    # A password that somebody wrote into the address of a command is in that command; the log does not repeat it.
    for place, said in there.said:
        search.look(place, said)
    search.look_in_database(there.database)
    for file in there.folder.glob("other-*.db*"):
        search.look(f"the file {file.name}", file.read_bytes())
    for name in ("plain.stillframe", "whole.stillframe"):
        file = there.folder / name
        assert file.exists(), there.said
        search.look(name, file.read_bytes())
    search.look_in_database(there.folder / "plain.stillframe", name="plain backup")
