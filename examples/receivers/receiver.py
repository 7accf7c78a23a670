"""
A receiver of Stillframe's webhooks: verifies, keeps, answers, and then acts once on each notice.

    pip install standardwebhooks
    WEBHOOK_SECRETS='whsec_…' PORT=9000 python receiver.py

Two secrets, apart by a space, are both good while one replaces the other.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

SECRETS = os.environ["WEBHOOK_SECRETS"].split()
PORT = int(os.environ.get("PORT", "9000"))
INBOX = os.environ.get("INBOX", "inbox.db")
BODY_BYTES_MOST = 32 * 1024 * 1024

arrived = threading.Event()


def connect() -> sqlite3.Connection:
    """Open the inbox: one row for each notice, under the id that is the same on every try."""
    inbox = sqlite3.connect(INBOX, isolation_level=None, timeout=10)
    inbox.execute("pragma journal_mode = wal")
    inbox.execute(
        "create table if not exists notices (id text primary key, body text not null, acted integer not null)"
    )
    return inbox


def is_genuine(body: bytes, headers: dict[str, str]) -> bool:
    """Say whether one of our secrets signed the very bytes that arrived, within the last five minutes."""
    for secret in SECRETS:
        try:
            Webhook(secret).verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            continue
        return True
    return False


class Receiver(BaseHTTPRequestHandler):
    """Takes one notice: nothing slow happens before the answer."""

    timeout = 10
    """A client that sends half a request and waits does not keep its thread for ever."""

    def do_POST(self) -> None:
        """Keep a genuine notice, once, and answer; what it means is worked out afterwards."""
        said = self.headers.get("Content-Length", "")
        length = int(said) if said.isdecimal() and said.isascii() else 0
        if not 0 < length <= BODY_BYTES_MOST:
            self.answer(413)
            return
        body = self.rfile.read(length)
        if not is_genuine(body, dict(self.headers)):
            self.answer(401)
            return
        with closing(connect()) as inbox:
            # A repeat is already there, and is answered as the first one was: whoever sends it did not hear our answer.
            inbox.execute("insert or ignore into notices values (?, ?, 0)", (self.headers["webhook-id"], body.decode()))
        arrived.set()
        self.answer(204)

    def answer(self, status: int) -> None:
        """Send an answer without a body."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the terminal for notices."""


def act(notice: dict[str, Any]) -> None:
    """Do what the notice is for; here it is only said."""
    rehearsal = "(test) " if notice.get("test") else ""
    reason = notice.get("reason", {}).get("sentence", "")
    match notice["type"]:
        case "dashboard.diverged":
            said = f"changed: {notice['dashboard_id']} frame {notice['sequence']}: {reason}"
        case "dashboard.resolved":
            said = f"over: {notice['dashboard_id']} frame {notice['sequence']}: {reason}"
        case "dashboard.digest":
            told = notice["digest"]
            what = "changed and came back" if told.get("came_back") else reason
            said = f"digest: {notice['dashboard_id']}, true {told.get('times')} times: {what}"
        case "release.decided":
            said = f"release: {notice['project_name']} {notice['source_ref'] or ''}: {notice['decision']}"
        case other:
            # New types may come; a receiver that fails on them would be sent them for five days.
            said = f"not known here: {other}"
    print(rehearsal + said, flush=True)


def work() -> None:
    """Act on what was kept and not acted upon, also from before the last stop."""
    with closing(connect()) as inbox:
        while True:
            arrived.wait()
            arrived.clear()
            for name, body in inbox.execute("select id, body from notices where acted = 0 order by rowid").fetchall():
                act(json.loads(body))
                # A stop between these two lines acts twice: keep the act and this mark in one transaction if you can.
                inbox.execute("update notices set acted = 1 where id = ?", (name,))


def main() -> None:
    """Serve until the process is asked to end."""
    connect().close()
    arrived.set()
    threading.Thread(target=work, daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Receiver)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    with server:
        server.serve_forever()


if __name__ == "__main__":
    main()
