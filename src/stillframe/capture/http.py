"""The source `http`: JSON that a server answers, and the part of it that is meant."""

from __future__ import annotations

from dataclasses import dataclass

from stillframe.capture.cells import too_many_rows
from stillframe.capture.deadline import Deadline
from stillframe.capture.http_answer import ask, url_under
from stillframe.capture.interface import Connection, Read
from stillframe.capture.json_text import parse_json
from stillframe.capture.selecting import select
from stillframe.errors import SourceFailed

_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSource:
    """
    One GET under an HTTP root that the operator named.

    Shape   `path` starts in the root, whether it begins with a slash or not, and may end in `?name=value`. `select`
            is JMESPath.
    """

    connection: Connection
    path: str
    select: str | None = None

    def check(self) -> None:
        """Refuse a path at `$.path` that could leave the connection's root."""
        url_under(self.connection, self.path)

    def read(self, *, max_rows: int, seconds: float) -> Read:
        """
        Ask once.

        Errors  CaptureRefused at `$.path`, at `$.select`, or at `$` for an answer that is no JSON; SourceFailed for any
                status but 200, and for no answer in time.
        """
        deadline = Deadline.after(seconds)
        answer = ask(self.connection, self.path, deadline=deadline)
        if answer.status != _OK:
            raise SourceFailed(f"the server answered {answer.status}, and 200 is needed")
        found = select(parse_json(answer.body, path="$"), self.select)
        deadline.check()
        rows = len(found) if isinstance(found, list) else 1
        if rows > max_rows:
            raise too_many_rows(max_rows)
        return Read(value=found, rows=rows)
