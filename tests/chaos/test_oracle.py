"""The oracle can fail: each verdict is drawn from ledgers made by hand, and withheld where the ledger explains."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chaos.oracle import (
    Asked,
    Case,
    Kill,
    Lease,
    Picture,
    Promised,
    Settled,
    Try,
    any_change,
    claims_at,
    judge_deliveries,
    judge_inbox,
    judge_snapshots,
    moved_by,
    must_be_told,
)

SENDER = 41
OTHER = 42


def picture(sequence: int, **scores: float) -> Picture:
    return Picture(id=f"s{sequence}", sequence=sequence, key=f"k{sequence}", scores=scores)


def tried(at: float = 10.0, **said: Any) -> Try:
    given: dict[str, Any] = {
        "delivery_id": "s2_a", "path": "/0", "subject": "s2", "at": at, "ended": at + 0.01, "did": "204",
        "body": "b", "verified": True, "sender": SENDER,
    }  # fmt: skip
    return Try(**given | said)


def settled(attempt: int = 1, **said: Any) -> Settled:
    given: dict[str, Any] = {"attempt": attempt, "started_at": 10.0, "finished_at": 10.05, "outcome": "sent"}
    return Settled(**given | said)


def entry(*tries: Settled, **said: Any) -> Promised:
    given: dict[str, Any] = {"id": "s2_a", "subject": "s2", "state": "sent", "attempts": 1}
    return Promised(**given | said, tries=tries)


def case(**said: Any) -> Case:
    given: dict[str, Any] = {
        "name": "a", "due": {"s2"}, "promised": [entry(settled())], "tries": [tried()], "kills": [],
        "timeout_seconds": 1.0, "lease_seconds": 14.0,
    }  # fmt: skip
    return Case(**given | said)


def killed(at: float, process: int = SENDER, *, ends: float | None = None) -> Kill:
    leased = {} if ends is None else {("s2_a", 1): Lease(ends_at=ends, attempt=1)}
    return Kill(process=process, at=at, role="worker", how="", leased=leased)


def test_who_must_be_told_follows_from_the_pictures_alone() -> None:
    """The rule is asked of neighbours, or of what was told last; and where nothing changed, nobody is asked."""
    shown = [picture(1, a=1.0), picture(2, a=4.0), picture(3, a=7.0), picture(4, a=7.0)]
    assert must_be_told(shown, any_change) == {"s2", "s3"}
    assert must_be_told(shown, moved_by(5.0)) == set()
    assert must_be_told(shown, moved_by(5.0), baseline="last_notified") == {"s3"}
    assert must_be_told(shown, lambda before, after: True) == {"s2", "s3"}


def test_what_is_as_it_should_be_has_no_fault() -> None:
    """Once due, once promised, once received, once written down."""
    assert judge_deliveries(case()).faults == {}


@pytest.mark.parametrize(
    ("broken", "verdict"),
    [
        (case(tries=[]), "lost"),
        (case(promised=[]), "lost"),
        (case(due=set()), "phantom"),
        (case(tries=[tried(), tried(delivery_id="s9_a", subject="s9")]), "phantom"),
        (case(promised=[entry(settled()), entry(id="s2_a_again")]), "double"),
        (case(tries=[tried(), tried(11.0, delivery_id="s2_b")]), "double"),
        (case(tries=[tried(did="500"), tried(20.0, body="c")], promised=[entry()]), "mismatch"),
        (case(tries=[tried(verified=False)]), "mismatch"),
    ],
)
def test_each_verdict_is_drawn_from_what_it_is_about(broken: Case, verdict: str) -> None:
    """An oracle that cannot say lost, phantom, double or mismatch proves nothing."""
    assert verdict in judge_deliveries(broken).faults


@pytest.mark.parametrize(
    ("first", "kills", "written", "why"),
    [
        (tried(did="500"), [], [], "answered with an error"),
        (tried(did="reset"), [], [], "broken after it was read"),
        (tried(did="hang", ended=None), [], [], "not answered in time"),
        (tried(), [killed(10.1)], [], "its sender was killed"),
        (tried(), [killed(9.9)], [], "its sender was killed"),
        (tried(sender=None), [killed(10.1, OTHER)], [], "its sender was killed"),
        (tried(), [], [settled(outcome="unknown", finished_at=11.0)], "not answered in time"),
        (tried(), [], [settled(outcome="unknown", started_at=1.0, finished_at=11.0)], None),
        (tried(), [], [], None),
        (tried(), [killed(10.1, OTHER)], [], None),
        (tried(), [killed(18.0)], [], None),
        (tried(), [killed(10.1)], [settled()], None),
        (tried(did="gone", ended=10.1), [], [settled(outcome="unknown", finished_at=10.1)], None),
        (tried(did="500"), [], [settled()], None),
    ],
)
def test_a_repeat_needs_a_try_that_failed_or_whose_outcome_nobody_knew(
    first: Try, kills: list[Kill], written: list[Settled], why: str | None
) -> None:
    """An error, silence, a broken connection, a dead sender explain it; a budget or a death elsewhere does not."""
    again = tried(25.0)
    found = judge_deliveries(case(tries=[first, again], kills=kills, promised=[entry(*written)]))
    assert dict(found.redelivered) == ({} if why is None else {why: 1})
    assert found.faults.keys() == (set() if why else {"double"})


def test_an_orphan_is_a_claim_that_nobody_ever_wrote_the_end_of() -> None:
    """It counts from the kill until it is sent again, or claimed again by somebody who died in turn."""
    kill = killed(10.0, ends=24.0)
    claims = claims_at([kill])
    again = [tried(9.9), tried(24.5)]
    orphan = case(promised=[entry(settled(2))], tries=again, kills=[kill], claims=claims)
    assert judge_deliveries(orphan).orphans == [14.5]
    assert judge_deliveries(replace(orphan, promised=[entry(settled(1))])).orphans == []
    assert judge_deliveries(replace(orphan, until=20.0)).orphans == []
    second = replace(kill, at=24.6, leased={("s2_a", 2): Lease(ends_at=38.2, attempt=2)})
    twice = replace(
        orphan, promised=[entry(settled(3))], claims=claims_at([kill, second]), tries=[tried(9.9), tried(38.7)]
    )
    assert judge_deliveries(twice).orphans == pytest.approx([14.2, 14.1])


def test_what_is_stored_is_held_against_what_the_clients_know() -> None:
    """What was acknowledged is there, under its key, with what was pushed; a key makes one, and nobody else does."""
    asked = Asked(sent={"k1": {"a": 1.0}, "k2": {"a": 2.0}}, acknowledged={"k1": "s1", "k2": "s2"})
    good = [picture(1, a=1.0), picture(2, a=2.0)]
    assert judge_snapshots(good, asked).faults == {}
    assert judge_snapshots(good[:1], asked).faults.keys() == {"lost"}
    assert judge_snapshots([good[0], replace(good[1], sequence=3)], asked).faults.keys() == {"lost"}
    assert judge_snapshots([*good, picture(3, a=3.0)], asked).faults.keys() == {"phantom"}
    assert judge_snapshots([good[0], picture(2, a=9.0)], asked).faults.keys() == {"mismatch"}
    assert "double" in judge_snapshots([*good, replace(good[1], id="s3", sequence=3)], asked).faults


def test_a_persona_is_told_exactly_once() -> None:
    """Comments are written with the snapshot, so there is no try whose outcome could be unknown."""
    assert judge_inbox({"s2"}, ["s2"], name="alice").faults == {}
    assert judge_inbox({"s2"}, ["s2", "s2"], name="alice").faults.keys() == {"double"}
    assert judge_inbox({"s2"}, [], name="alice").faults.keys() == {"lost"}
    assert judge_inbox(set(), ["s2"], name="alice").faults.keys() == {"phantom"}
