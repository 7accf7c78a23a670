"""What release gates decided: written once, never changed, never removed."""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Select, TextClause, bindparam, column, select, text

from stillframe.model.gate import GateRecord
from stillframe.store.answers import Page
from stillframe.store.frames import packed, unpacked
from stillframe.store.tables import DASHBOARDS, GATES
from stillframe.store.types import PackedId, json_text
from stillframe.store.work import Work, bad_cursor, bounded, page_of

_NARROW = [found for found in GATES.c if found.name not in ("answer", "dashboard")]
_LINES: Select[Any] = select(*_NARROW, DASHBOARDS.c.id.label("dashboard_id")).join(
    DASHBOARDS, DASHBOARDS.c.key == GATES.c.dashboard
)
_BY_ID = _LINES.add_columns(GATES.c.answer).where(GATES.c.id == bindparam("wanted", type_=PackedId()))
_PAGE = _LINES.where(GATES.c.id.in_(bindparam("ids", expanding=True, type_=PackedId()))).order_by(GATES.c.id.desc())
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NEWEST = {
    True: """SELECT g.id FROM json_each(:wanted) w JOIN dashboards d ON d.id=w.value
JOIN gates g ON g.dashboard=d.key AND g.id IN (
SELECT id FROM gates WHERE dashboard=d.key @after ORDER BY id DESC LIMIT :most)
ORDER BY g.id DESC LIMIT :most""",
    False: """SELECT g.id FROM unnest(CAST(:wanted AS TEXT[])) w(id) JOIN dashboards d ON d.id=w.id
CROSS JOIN LATERAL (SELECT id FROM gates WHERE dashboard=d.key @after ORDER BY id DESC LIMIT :most) g
ORDER BY g.id DESC LIMIT :most""",
}
"""By whether the database is SQLite: the newest of each dashboard are looked up, and no others."""
_NEWEST_OF_ALL = "SELECT id FROM gates WHERE true @after ORDER BY id DESC LIMIT :most"


class Gates:
    """Decisions. Their ids are UUIDs of version 7, so that sorting by id is sorting by time."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, record: GateRecord) -> None:
        """
        Keep a decision.

        Errors  NotFound for an unknown dashboard; StoreError if there is one with this id.
        """
        row = {found.name: getattr(record, found.name) for found in _NARROW}
        answer = packed(json_text(record.answer).encode())
        key = self._work.dashboard_key(record.dashboard_id)
        self._work.run(GATES.insert(), row | {"dashboard": key, "answer": answer})

    def get(self, decision_id: str) -> GateRecord | None:
        """Return a decision with the answer that was given then."""
        row = self._work.row(_BY_ID, {"wanted": decision_id})
        if row is None:
            return None
        values = row._asdict()
        return GateRecord(**values | {"answer": orjson.loads(unpacked(values["answer"]))})

    def list(self, dashboard_ids: Sequence[str] | None, *, limit: int, cursor: str | None = None) -> Page[GateRecord]:
        """
        Return the decisions of some dashboards, or of all, newest first; their answers are left empty.

        Errors  InvalidInput for a cursor that no list gave out.
        """
        # Whether there is such a decision is not asked: the answer would tell it to those who may not see it.
        if cursor is not None and not _UUID.fullmatch(cursor):
            raise bad_cursor(cursor)
        most = bounded(limit)
        ids = self._newest(dashboard_ids, cursor, most=most + 1)
        rows = self._work.rows(_PAGE, {"ids": ids}) if ids else ()
        found = [GateRecord(**row._asdict(), answer={}) for row in rows]
        return page_of(found, limit=most, cursor=lambda record: record.id)

    def _newest(self, dashboard_ids: Sequence[str] | None, cursor: str | None, *, most: int) -> builtins.list[str]:
        is_sqlite = self._work.is_sqlite
        values: dict[str, Any] = {"most": most}
        if dashboard_ids is not None:
            values["wanted"] = json_text(list(dashboard_ids)) if is_sqlite else list(dashboard_ids)
        if cursor is not None:
            values["cursor"] = cursor
        words = _NEWEST_OF_ALL if dashboard_ids is None else _NEWEST[is_sqlite]
        return [row.id for row in self._work.rows(_statement(words, goes_on=cursor is not None), values)]


@cache
def _statement(words: str, *, goes_on: bool) -> Any:  # noqa: ANN401  # because a text with columns has a private type
    said: TextClause = text(words.replace("@after", "AND id<:cursor" if goes_on else ""))
    if goes_on:
        said = said.bindparams(bindparam("cursor", type_=PackedId()))
    return said.columns(column("id", PackedId()))
