"""
From ended tries to settled deliveries, in three statements however many there are.

Rows go in as one JSON text: to bind each of their values costs more than the database needs to write them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, Integer, Text, bindparam, text

from stillframe.store.answers import Settlement
from stillframe.store.types import json_text, to_millis
from stillframe.store.work import Work

_PLAIN_WORDS = 2
"""Of the id of an alert whose cause and subscription have no underscore: all ids that this program makes."""
_EACH = {"sqlite": "json_each(:given)", "postgresql": "jsonb_array_elements(CAST(:given AS jsonb))"}
_JOIN = {"sqlite": "CROSS JOIN", "postgresql": "JOIN"}
"""In SQLite the order of a cross join is the order that is taken: the few that are given, each found by its key."""
_LOCK = {"sqlite": "", "postgresql": "FOR UPDATE OF o"}
_HELD = """SELECT o.key,o.id,o.lease_token FROM {each} g {join} outbox o
ON o.cause=g.value->>0 AND o.subscription_id=g.value->>1 AND o.kind=g.value->>2
WHERE o.unsettled>0 AND o.state IN ('pending','cancelled','parked') ORDER BY o.key {lock}"""
# What was removed or paused while it was being sent stays so, unless it arrived.
_SETTLED = """UPDATE outbox SET due_at=g.again_at,unsettled=0,
state=CASE WHEN state='pending' OR g.ending='sent' THEN g.ending ELSE state END
FROM (SELECT CAST(value->>0 AS bigint) AS key,value->>1 AS ending,CAST(value->>2 AS bigint) AS again_at
FROM {each}) g WHERE outbox.key=g.key"""
_TRIED = """INSERT INTO tries(delivery,attempt,started_at,finished_at,outcome,status,detail)
SELECT CAST(value->>0 AS bigint),CAST(value->>1 AS bigint),CAST(value->>2 AS bigint),CAST(value->>3 AS bigint),
value->>4,CAST(value->>5 AS bigint),value->>6 FROM {each}"""


def settle(work: Work, results: Iterable[Settlement]) -> set[str]:
    """
    Write down how claimed deliveries ended, and return the ids that were accepted.

    Refused: a lease token that is not the newest, and one that was settled before.
    """
    wanted: dict[str, list[Settlement]] = {}
    for result in results:
        wanted.setdefault(result.delivery_id, []).append(result)
    named = [parts for delivery_id in wanted for parts in parts_of(delivery_id)]
    accepted: dict[int, Settlement] = {}
    for row in work.rows(_statement(_HELD, work.is_sqlite), {"given": json_text(named)}):
        fitting = [result for result in wanted[row.id] if result.lease_token == row.lease_token]
        if fitting:
            accepted[row.key] = fitting[0]
    if accepted:
        settled = [_ending(key, result) for key, result in accepted.items()]
        work.run(_statement(_SETTLED, work.is_sqlite), {"given": json_text(settled)})
        tried = [_tried(key, result) for key, result in accepted.items()]
        work.run(_statement(_TRIED, work.is_sqlite), {"given": json_text(tried)})
    return {result.delivery_id for result in accepted.values()}


def parts_of(delivery_id: str) -> list[tuple[str, str, str]]:
    """Return every (cause, subscription, kind) that a delivery id can stand for: one, unless ids hold underscores."""
    words = delivery_id.split("_")
    if len(words) == _PLAIN_WORDS:
        return [(words[0], words[1], "alert")]
    whole = [("_".join(words[:cut]), "_".join(words[cut:]), "alert") for cut in range(1, len(words))]
    marked = [("_".join(words[:cut]), "_".join(words[cut:-1]), words[-1]) for cut in range(1, len(words) - 1)]
    return [*whole, *marked]


def _ending(key: int, result: Settlement) -> Sequence[Any]:
    again = to_millis(result.due_at) if result.state == "pending" and result.due_at is not None else None
    return key, result.state, again


def _tried(key: int, result: Settlement) -> Sequence[Any]:
    times = to_millis(result.started_at), to_millis(result.finished_at)
    return key, result.attempt, *times, result.outcome, result.status, result.detail


@cache
def _statement(template: str, is_sqlite: bool) -> Executable:
    dialect = "sqlite" if is_sqlite else "postgresql"
    written = template.format(each=_EACH[dialect], join=_JOIN[dialect], lock=_LOCK[dialect])
    statement = text(written).bindparams(bindparam("given", type_=Text()))
    if template is _HELD:
        return statement.columns(key=Integer(), id=Text(), lease_token=Integer())
    return statement
