"""
From matched rules to promised deliveries, in a few statements however many there are.

The rows of subscriptions are never read: the database joins the matched groups to them and writes the outbox itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Integer, Row, Text, TextClause, bindparam, text

from stillframe.model.delivery import SubscriberKind
from stillframe.store.answers import Match, PersonaMatch, Told
from stillframe.store.types import json_text, to_millis
from stillframe.store.work import Work

_MATCHED = {
    "sqlite": """matched(baseline,base,against,rule_id) AS MATERIALIZED (
SELECT value->>0,value->>1,value->>2,value->>3 FROM json_each(:matched))""",
    "postgresql": """matched(baseline,base,against,rule_id) AS MATERIALIZED (
SELECT value->>0,value->>1,value->>2,(value->>3)::bigint FROM jsonb_array_elements(CAST(:matched AS jsonb)))""",
}
_JOINED = """matched m CROSS JOIN dashboard_subscriptions s
WHERE s.dashboard_artifact_id=:dashboard AND s.state='active' AND s.gate IS NULL AND s.calm IS NULL
AND s.rule_id=m.rule_id AND s.baseline=m.baseline
AND (m.baseline='previous' OR coalesce(s.baseline_snapshot_id,'')=m.base)
AND {find}(:unseeing,','||s.owner_id||',')=0"""
_KNOWS = """(s.baseline='pinned' AND s.holding=1
AND (s.acknowledged=1 OR s.repeat_interval IS NULL OR s.last_notified_at IS NULL
OR s.last_notified_at+s.repeat_interval*1000>:judged))"""
_COLUMNS = """INSERT INTO outbox(subscription_id,cause,kind,dashboard,baseline_snapshot_id,said,rule_id,channel,
receiver,state,due_at,lease_token,attempts,unsettled,created_at)"""
_FIND = {"sqlite": "instr", "postgresql": "strpos"}
_IS_SENDABLE = "{find}(:sendable,','||s.subscriber_kind||',')>0"
# A channel's name is no secret, and by it those that are being sent to are passed over as other receivers are.
_VALUES = """s.rule_id,s.subscriber_kind,
coalesce(s.receiver,CASE WHEN s.subscriber_kind='channel' THEN 'channel:'||s.subscriber_id END),
CASE WHEN s.subscriber_kind='persona' THEN 'sent' WHEN {sendable} THEN 'pending' ELSE 'deferred' END,
CASE WHEN s.subscriber_kind<>'persona' AND {sendable} THEN :now END,0,0,0,:now"""
_RETURNING = "ON CONFLICT DO NOTHING RETURNING key,channel,receiver,state"
_INSERT = """WITH {matched} {columns}
SELECT s.id,:cause,'alert',:key,m.against,NULL,{values} FROM {joined} AND NOT {knows} {returning}"""
# That it was not removed says no more than that it is active; SQLite takes the partial index only if it is said.
_INSERT_GATE = """{columns}
SELECT s.id,:cause,'gate',:key,'',NULL,{values} FROM dashboard_subscriptions s
WHERE s.dashboard_artifact_id=:dashboard AND s.state='active' AND s.state<>'removed'
AND s.gate IS NOT NULL AND ','||s.gate||',' LIKE '%,'||:outcome||',%' {returning}"""
_CALM = {
    "sqlite": """told(id,kind,against,said) AS MATERIALIZED (
SELECT value->>0,value->>1,value->>2,value->>3 FROM json_each(:told))""",
    "postgresql": """told(id,kind,against,said) AS MATERIALIZED (
SELECT value->>0,value->>1,value->>2,value->>3 FROM jsonb_array_elements(CAST(:told AS jsonb)))""",
}
_INSERT_CALM = """WITH {calm} {columns}
SELECT s.id,:cause,t.kind,:key,t.against,t.said,{values}
FROM told t CROSS JOIN dashboard_subscriptions s WHERE s.id=t.id AND s.state='active' {returning}"""
_TOLD = "UPDATE dashboard_subscriptions SET last_notified_at=:now WHERE {promised}"
_SUPPRESSED = "WITH {matched} SELECT count(*) AS total FROM {joined} AND {knows}"
_PROMISED = "id IN (SELECT subscription_id FROM outbox WHERE key BETWEEN :first AND :last AND cause=:cause)"
_NOTIFIED = """UPDATE dashboard_subscriptions SET last_notified_snapshot_id=:cause,last_notified_at=:judged,
holding=CASE baseline WHEN 'pinned' THEN 1 ELSE 0 END WHERE {promised}"""
_MOVED = "UPDATE dashboard_subscriptions SET baseline_snapshot_id=:cause WHERE {promised} AND baseline='last_notified'"
_RELEASED = """WITH {matched} UPDATE dashboard_subscriptions SET holding=0,acknowledged=0
WHERE holding=1 AND id IN (SELECT s.id FROM {joined})"""
_PERSONAS = """SELECT o.id AS delivery_id,o.subscription_id,s.subscriber_id AS slug,p.owner_id,o.rule_id,
o.baseline_snapshot_id,o.kind,o.said
FROM outbox o JOIN dashboard_subscriptions s ON s.id=o.subscription_id JOIN personas p ON p.slug=s.subscriber_id
WHERE o.key BETWEEN :first AND :last AND o.cause=:cause AND o.channel='persona' ORDER BY o.key"""

_PARAMETERS = (
    bindparam("matched", type_=Text()),
    bindparam("dashboard", type_=Text()),
    bindparam("cause", type_=Text()),
    bindparam("key", type_=Integer()),
    bindparam("outcome", type_=Text()),
    bindparam("told", type_=Text()),
    bindparam("sendable", type_=Text()),
    bindparam("unseeing", type_=Text()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """
    What promises are made for, and when.

    Shape   `snapshot_id`: a snapshot's, or a decision's. `judged_at`: the snapshot's own time, by which intervals are
            counted; by default now. `sendable`: the kinds of subscribers that somebody sends to here; a persona is told
            at once, and the others are deferred. `unseeing`: owners who are not told by their group, because they see
            a part of the pictures only.
    """

    dashboard_id: str
    snapshot_id: str
    now: datetime
    judged_at: datetime | None = None
    sendable: frozenset[SubscriberKind] = frozenset({"webhook"})
    unseeing: frozenset[str] = frozenset()


class Promises:
    """The statements of one promise, in the words of one database."""

    def __init__(self, work: Work, cause: Cause) -> None:
        self._work = work
        self._cause = cause
        self._values = {"dashboard": cause.dashboard_id, "cause": cause.snapshot_id, "now": to_millis(cause.now)}
        self._judged = {"judged": to_millis(cause.judged_at or cause.now)}
        self._sendable = _listed(cause.sendable)
        self._unseeing = {"unseeing": _listed(cause.unseeing)}

    def insert(self, matched: Sequence[Match]) -> Sequence[Row[Any]]:
        """Write the delivery of every subscription that must be told; return key, channel and receiver of each."""
        if not matched:
            return []
        key = self._work.dashboard_key(self._cause.dashboard_id)
        values = self._values | self._judged | self._unseeing
        values |= {"matched": _as_json(matched), "key": key, "sendable": self._sendable}
        return self._work.rows(self._statement(_INSERT), values)

    def insert_calm(self, told: Sequence[Told]) -> Sequence[Row[Any]]:
        """Write the delivery of calm subscriptions, and nothing on them: where they stand says that they were told."""
        if not told:
            return []
        key = self._work.dashboard_key(self._cause.dashboard_id)
        found = json_text(
            [[one.subscription_id, one.kind, one.against_snapshot_id, _said(one)] for one in told],
        )
        return self._work.rows(
            self._statement(_INSERT_CALM), self._values | {"told": found, "key": key, "sendable": self._sendable}
        )

    def insert_gate(self, outcome: str) -> Sequence[Row[Any]]:
        """Write the delivery of every subscription that asked for this outcome, and note on each that it was told."""
        key = self._work.dashboard_key(self._cause.dashboard_id)
        values = self._values | {"outcome": outcome, "key": key, "sendable": self._sendable}
        promised = self._work.rows(self._statement(_INSERT_GATE), values)
        if promised:
            self._work.run(self._statement(_TOLD), self._span(promised) | {"now": self._values["now"]})
        return promised

    def count_suppressed(self, matched: Sequence[Match]) -> int:
        """Return how many pinned subscriptions know already; ask before `note`."""
        pinned = [match for match in matched if match.baseline == "pinned"]
        if not pinned:
            return 0
        values = {"dashboard": self._values["dashboard"], "matched": _as_json(pinned)}
        row = self._work.row(self._statement(_SUPPRESSED), values | self._judged | self._unseeing)
        return row.total if row else 0

    def note(self, promised: Sequence[Row[Any]], matched: Sequence[Match]) -> bool:
        """Note on each subscription that it was told, and say whether baselines moved with it."""
        if not promised:
            return False
        span = self._span(promised)
        self._work.run(self._statement(_NOTIFIED), span | self._judged)
        if not any(match.baseline == "last_notified" for match in matched):
            return False
        return self._work.run(self._statement(_MOVED), span) > 0

    def release(self, unmatched: Sequence[Match]) -> None:
        """Let pinned subscriptions whose rule is false be told again when it turns true."""
        if unmatched:
            values = {"dashboard": self._values["dashboard"], "matched": _as_json(unmatched)}
            self._work.run(self._statement(_RELEASED), values | self._unseeing)

    def personas(self, promised: Sequence[Row[Any]]) -> tuple[PersonaMatch, ...]:
        """Return the personas among the promised, whose comments the caller writes."""
        if not any(row.channel == "persona" for row in promised):
            return ()
        rows = self._work.rows(self._statement(_PERSONAS), self._span(promised))
        return tuple(
            PersonaMatch(**row._asdict() | {"said": None if row.said is None else orjson.loads(row.said)})
            for row in rows
        )

    def _statement(self, template: str) -> TextClause:
        return _prepared(template, self._work.connection.dialect.name)

    def _span(self, promised: Sequence[Row[Any]]) -> dict[str, Any]:
        keys = [row.key for row in promised]
        return {"first": min(keys), "last": max(keys), "cause": self._values["cause"]}


@cache
def _prepared(template: str, dialect: str) -> TextClause:
    find = _FIND[dialect]
    written = template.format(
        matched=_MATCHED[dialect],
        joined=_JOINED.format(find=find),
        knows=_KNOWS,
        promised=_PROMISED,
        calm=_CALM[dialect],
        columns=_COLUMNS,
        values=_VALUES.format(sendable=_IS_SENDABLE.format(find=find)),
        returning=_RETURNING,
    )
    return text(written).bindparams(*(found for found in _PARAMETERS if f":{found.key}" in written))


def _listed(words: Collection[str]) -> str:
    """Return words with a comma before and after each, so that whole ones are found; nothing for none."""
    return f",{','.join(sorted(words))}," if words else ""


def _said(told: Told) -> str | None:
    return None if told.said is None else json_text(told.said)


def _as_json(matches: Sequence[Match]) -> str:
    return json_text(
        [
            [match.baseline, match.baseline_snapshot_id or "", match.against_snapshot_id, match.rule_id]
            for match in matches
        ]
    )
