"""What a process holds is renewed while it lives; what it could not renew it does not begin to send."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from stillframe.errors import StoreUnavailable
from stillframe.flows.holdings import Holdings
from stillframe.model.delivery import Letter
from stillframe.store import Claimed, Lease

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVERY = 0.05
LEASE = 0.4


def a_claim(
    name: str = "d-1", *, token: int = 1, left: float = LEASE, channel: str = "webhook", receiver: str = "r"
) -> Claimed:
    """Return a claim whose lease has so many seconds left."""
    return Claimed(
        delivery_id=name,
        lease_token=token,
        attempt=1,
        subscription_id="s",
        dashboard_id="b",
        snapshot_id="2",
        baseline_snapshot_id="1",
        rule_id=1,
        receiver=receiver,
        sealed_address=None,
        sealed_secret=None,
        created_at=NOW,
        channel=channel,  # type: ignore[arg-type]  # because a test names them plainly
        key=int(name.removeprefix("d-")),
        leased_until=NOW + timedelta(seconds=left),
    )


def a_letter(name: str = "d-1", *, token: int = 1) -> Letter:
    """Return the letter of a claim."""
    return Letter(delivery_id=name, lease_token=token, attempt=1, receiver="r", address="https://x", body=b"{}")


class Renewer:
    """Notes what it was asked to renew; keeps everything but what was lost."""

    def __init__(self) -> None:
        self.asked: list[list[Lease]] = []
        self.lost: set[str] = set()
        self.trouble = False

    def __call__(self, leases: Sequence[Lease]) -> set[str]:
        self.asked.append(list(leases))
        if self.trouble:
            raise StoreUnavailable
        return {lease.delivery_id for lease in leases} - self.lost


@pytest.fixture
def holdings() -> Iterator[Holdings]:
    """Holdings that hurry."""
    found = Holdings(renew_every_seconds=EVERY)
    yield found
    found.close()


def take(holdings: Holdings, renewer: Renewer, *claims: Claimed) -> None:
    """Take claims, as of the time that stands."""
    holdings.take(claims, now=NOW, lease_seconds=LEASE, renew=renewer)


def wait_until(holds: Callable[[], bool]) -> None:
    """Return as soon as something holds."""
    give_up_at = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < give_up_at, "it never came"
        time.sleep(0.005)


def test_what_is_held_is_renewed_until_it_is_let_go(holdings: Holdings) -> None:
    """Longer than one lease, and not once more afterwards."""
    renewer = Renewer()
    take(holdings, renewer, a_claim())
    time.sleep(LEASE + 0.2)
    assert holdings.has(a_letter())
    assert len(renewer.asked) >= 3
    holdings.let_go([("d-1", 1)])
    assert not holdings.has(a_letter())
    time.sleep(EVERY)
    asked = len(renewer.asked)
    time.sleep(EVERY * 4)
    assert len(renewer.asked) == asked


def test_several_are_renewed_together(holdings: Holdings) -> None:
    """A statement for each would be a statement for each delivery."""
    renewer = Renewer()
    take(holdings, renewer, *(a_claim(f"d-{number}") for number in range(50)))
    wait_until(lambda: len(renewer.asked) >= 1)
    assert len(renewer.asked[0]) == 50


def test_what_ends_quickly_is_never_renewed(holdings: Holdings) -> None:
    """The usual delivery takes milliseconds and costs nothing here."""
    renewer = Renewer()
    for number in range(20):
        take(holdings, renewer, a_claim(f"d-{number}"))
        holdings.let_go([(f"d-{number}", 1)])
        time.sleep(0.005)
    time.sleep(EVERY * 3)
    assert renewer.asked == []


def test_what_somebody_else_has_now_is_not_held(holdings: Holdings) -> None:
    """The store says which are still this process's."""
    renewer = Renewer()
    renewer.lost = {"d-1"}
    take(holdings, renewer, a_claim("d-1"), a_claim("d-2"))
    wait_until(lambda: not holdings.has(a_letter("d-1")))
    assert holdings.has(a_letter("d-2"))


def test_a_lease_that_could_not_be_renewed_ends(holdings: Holdings) -> None:
    """Nobody knows who has it after its end; while the trouble is short, nothing is lost."""
    renewer = Renewer()
    renewer.trouble = True
    take(holdings, renewer, a_claim())
    wait_until(lambda: bool(renewer.asked))
    wait_until(lambda: not holdings.has(a_letter()))
    renewer.trouble = False
    wait_until(lambda: holdings.has(a_letter()))


def test_a_claim_that_was_long_under_way_counts_from_when_it_was_made() -> None:
    """A commit that took longer than the lease leaves nothing to hold."""
    holdings = Holdings(renew_every_seconds=60)
    take(holdings, Renewer(), a_claim("d-1", left=-0.1), a_claim("d-2", left=30))
    assert not holdings.has(a_letter("d-1"))
    assert holdings.has(a_letter("d-2"))
    holdings.close()


def test_an_older_token_holds_nothing(holdings: Holdings) -> None:
    """A delivery that this process claimed again is held under its newest token only."""
    take(holdings, Renewer(), a_claim(token=1))
    take(holdings, Renewer(), a_claim(token=3))
    assert (holdings.has(a_letter(token=1)), holdings.has(a_letter(token=3))) == (False, True)
    holdings.let_go([("d-1", 1)])
    assert holdings.has(a_letter(token=3))


def test_holdings_are_counted_by_channel(holdings: Holdings) -> None:
    """So that mail takes no more room than its own."""
    take(holdings, Renewer(), a_claim("d-1"), a_claim("d-2", channel="email"), a_claim("d-3", channel="channel"))
    assert (holdings.count({"webhook"}), holdings.count({"email", "channel"})) == (1, 2)


def test_what_waits_for_one_receiver_counts_up_to_its_share(holdings: Holdings) -> None:
    """So that a chat that hangs leaves room for everybody else."""
    hanging = [a_claim(f"d-{number}", channel="channel", receiver="channel:chat") for number in range(1, 6)]
    take(holdings, Renewer(), *hanging, a_claim("d-6", channel="email"))
    assert holdings.count({"email", "channel"}, share=2) == 3


def test_nothing_is_renewed_after_the_end(holdings: Holdings) -> None:
    """A process that ends lets its leases end."""
    renewer = Renewer()
    take(holdings, renewer, a_claim())
    holdings.close()
    asked = len(renewer.asked)
    time.sleep(EVERY * 3)
    assert len(renewer.asked) == asked
