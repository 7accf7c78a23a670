"""The product broken on purpose: what is changed in a copy of it, which attack is made, which verdict must catch it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Change:
    """One text of one file, replaced. Shape   `old` occurs exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Breakage:
    """
    A way to break a promise.

    Shape   `verdicts`: one of these must be drawn; none for what another part of the product makes up for.
    """

    name: str
    changes: Sequence[Change]
    attack: Sequence[str]
    verdicts: frozenset[str]


_STORM = ("storm", "--only", "sqlite", "--kills", "24")
_COMMIT = Change(
    file="store/database.py",
    old="""        with self._counted(), translated(), self._queued(), self._writer.connect() as connection:
            work = Work(connection, self._memory, writes=True)
            with begin_writing(connection):
                yield Unit(work)
            work.committed()
""",
    new="""        with self._counted(), translated(), self._queued():
            connection = self._writer.connect()
            work = Work(connection, self._memory, writes=True)
            transaction = begin_writing(connection)
            try:
                yield Unit(work)
            except BaseException:
                transaction.rollback()
                connection.close()
                raise
            work.committed()
            threading.Timer(0.05, lambda: (transaction.commit(), connection.close())).start()
""",
)
_PROMISED_TWICE = Change(
    file="store/promise.py",
    old="        return self._work.rows(self._statement(_INSERT), values)\n",
    new="        first = self._work.rows(self._statement(_INSERT), values)\n"
    "        return [*first, *self._work.rows(self._statement(_INSERT), values)]\n",
)
_NO_UNIQUE_KEY = Change(
    file="store/migrations/first_tables.py", old="UNIQUE(cause,subscription_id,kind));", new="CHECK(1=1));"
)
_PROMISED_APART = Change(
    file="flows/storing.py",
    old="    promised = promise(services, unit, draft.dashboard, judgement=judgement)\n",
    new="    driver = unit._work.connection.connection.driver_connection\n"
    "    driver.execute('COMMIT')\n"
    "    driver.execute('BEGIN IMMEDIATE')\n"
    "    promised = promise(services, unit, draft.dashboard, judgement=judgement)\n",
)
_SLOT_NOT_ASKED = Change(
    file="store/snapshots.py",
    old="        if slot is not None and self.slot_taken(record.dashboard_id, slot):\n",
    new="        if slot is None and record is None:\n",
)
_SLOT_NOT_UNIQUE = (
    Change(
        file="store/migrations/first_tables.py",
        old="CREATE UNIQUE INDEX snapshots_slot",
        new="CREATE INDEX snapshots_slot",
    ),
    *(
        Change(
            file=f"store/migrations/{name}.py",
            old="OR (dashboard=NEW.dashboard AND slot=NEW.slot)",
            new="OR (1=0)",
        )
        for name in ("first_triggers", "governance_triggers")
    ),
)
BREAKAGES: Sequence[Breakage] = (
    Breakage(
        name="a snapshot is acknowledged before its commit",
        changes=[_COMMIT],
        attack=_STORM,
        verdicts=frozenset({"lost", "phantom"}),
    ),
    Breakage(
        name="`synchronous=NORMAL` in place of `FULL`",
        changes=[Change(file="store/connect.py", old='"synchronous=FULL"', new='"synchronous=NORMAL"')],
        attack=("power",),
        verdicts=frozenset({"lost"}),
    ),
    Breakage(
        name="`synchronous=OFF`",
        changes=[Change(file="store/connect.py", old='"synchronous=FULL"', new='"synchronous=OFF"')],
        attack=("power", "--cuts", "200"),
        verdicts=frozenset({"corrupt"}),
    ),
    Breakage(
        name="`synchronous_commit=off` on PostgreSQL",
        changes=[],
        attack=("stops", "--setting", "synchronous_commit", "off"),
        verdicts=frozenset({"lost", "phantom"}),
    ),
    Breakage(
        name="a snapshot and its promises are committed one after the other",
        changes=[_PROMISED_APART],
        attack=("power", "--cuts", "300"),
        verdicts=frozenset({"half"}),
    ),
    Breakage(
        name="each promise is written twice: the unique key of the outbox makes up for it",
        changes=[_PROMISED_TWICE],
        attack=_STORM,
        verdicts=frozenset(),
    ),
    Breakage(
        name="each promise is written twice, and the outbox has no unique key",
        changes=[_PROMISED_TWICE, _NO_UNIQUE_KEY],
        attack=_STORM,
        verdicts=frozenset({"double"}),
    ),
    Breakage(
        name="a send is cancelled when the request's budget is spent",
        changes=[
            Change(
                file="notify/loop.py",
                old="result = await self._channel.send(job.letter)",
                new="result = await asyncio.wait_for(self._channel.send(job.letter), 0.1)",
            )
        ],
        attack=_STORM,
        verdicts=frozenset({"double"}),
    ),
    Breakage(
        name="what was sent is not written down",
        changes=[Change(file="store/settlements.py", old="    if accepted:\n", new="    if not results:\n")],
        attack=_STORM,
        verdicts=frozenset({"double"}),
    ),
    Breakage(
        name="a claim takes no lease",
        changes=[
            Change(
                file="store/outbox.py",
                old='        due_at=bindparam("until", type_=TimeMillis()),\n    )\n'
                "    .returning(OUTBOX.c.key, OUTBOX.c.state)",
                new='    )\n    .returning(OUTBOX.c.key, OUTBOX.c.state, bindparam("until", type_=TimeMillis()))',
            )
        ],
        attack=_STORM,
        verdicts=frozenset({"double"}),
    ),
    Breakage(
        name="what the dead had claimed is never claimed again",
        changes=[
            Change(
                file="store/outbox.py",
                old="    .where(PENDING, _DUE_BY, OUTBOX.c.channel",
                new="    .where(PENDING, OUTBOX.c.unsettled == 0, _DUE_BY, OUTBOX.c.channel",
            )
        ],
        attack=_STORM,
        verdicts=frozenset({"lost"}),
    ),
    Breakage(
        name="a claim does not raise the lease token",
        changes=[
            Change(
                file="store/outbox.py",
                old="        lease_token=OUTBOX.c.lease_token + 1,\n",
                new="        lease_token=OUTBOX.c.lease_token,\n",
            ),
        ],
        attack=("stale", "--only", "sqlite"),
        verdicts=frozenset({"double"}),
    ),
    Breakage(
        name="a settle does not ask for the lease token",
        changes=[
            Change(
                file="store/settlements.py",
                old="if result.lease_token == row.lease_token]",
                new="if result.lease_token <= row.lease_token]",
            )
        ],
        attack=("stale", "--only", "sqlite"),
        verdicts=frozenset({"double"}),
    ),
    Breakage(
        name="an Idempotency-Key is not looked up",
        changes=[
            Change(
                file="store/idempotency.py",
                old="        if self._work.run(taking.values(row)):\n            return Fresh()\n",
                new="        self._work.run(taking.values(row))\n        return Fresh()\n",
            )
        ],
        attack=_STORM,
        verdicts=frozenset({"double"}),
    ),
    Breakage(
        name="whoever subscribed is told of every change, whatever the rule says",
        changes=[
            Change(
                file="flows/promises.py",
                old='        (matched if outcome == "true" else unmatched_pinned).append(match)\n',
                new="        matched.append(match)\n",
            ),
            Change(
                file="flows/promises.py",
                old='        if outcome == "unknown" or (outcome == "false" and group.baseline != "pinned"):\n',
                new='        if outcome == "unknown":\n',
            ),
        ],
        attack=_STORM,
        verdicts=frozenset({"phantom"}),
    ),
    Breakage(
        name="a message says when it is sent, so that a repeat says something else",
        changes=[
            Change(
                file="flows/letters.py",
                old="    return form.told(entry.subscription_id)\n",
                new="    said = form.told(entry.subscription_id)[:-1]\n"
                '    return said + f\',"sent_at":"{services.clock()}"}}\'.encode()\n',
            )
        ],
        attack=_STORM,
        verdicts=frozenset({"mismatch"}),
    ),
    Breakage(
        name="a slot is not asked for when its snapshot is stored: the unique index makes up for it",
        changes=[_SLOT_NOT_ASKED],
        attack=("schedulers", "--only", "sqlite"),
        verdicts=frozenset(),
    ),
    Breakage(
        name="a slot is not asked for, and neither index nor trigger keeps it single",
        changes=[_SLOT_NOT_ASKED, *_SLOT_NOT_UNIQUE],
        attack=("schedulers", "--only", "sqlite"),
        verdicts=frozenset({"twice"}),
    ),
    Breakage(
        name="a daily time that occurs twice is looked for from inside its second occurrence",
        changes=[
            Change(
                file="rules/schedule.py",
                old="    start = (utc + _LONGEST_CLOCK_CHANGE).astimezone(",
                new="    start = utc.astimezone(",
            )
        ],
        attack=("schedulers", "--only", "sqlite", "--slots", "1000"),
        verdicts=frozenset({"missed", "unasked"}),
    ),
    Breakage(
        name="a full disk is answered as any other failure",
        changes=[
            Change(
                file="store/faults.py", old="        return StoreFull()\n", new="        return StoreUnavailable()\n"
            )
        ],
        attack=("full",),
        verdicts=frozenset({"answers"}),
    ),
)
