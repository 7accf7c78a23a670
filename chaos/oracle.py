"""The oracle: from the ledgers of clients and receivers, the kills and the outbox to verdicts, by rules of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

SETTLE_SECONDS = 3.0
"""An answer that its sender, still alive, has not written down after so long is written down too late."""
_CLOCK_SECONDS = 0.01
_WHOLE_TIMEOUT = 0.9
"""A send that lasted this share of its timeout is believed to have ended by it."""


@dataclass(frozen=True, kw_only=True)
class Try:
    """One request as a receiver saw it. `did`: `204`, `500`, `reset`, `hang`, or `gone` when the sender went away."""

    delivery_id: str
    path: str
    subject: str
    at: float
    ended: float | None
    did: str
    body: str
    verified: bool
    sender: int | None
    """The process, None when the kernel could no longer tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """When the lease of a claim ends, and which attempt the claim is for."""

    ends_at: float
    attempt: int


@dataclass(frozen=True, kw_only=True)
class Kill:
    """A process that was killed, when, in which part, and how; with the claims that were leased then."""

    process: int
    at: float
    role: str
    how: str
    leased: Mapping[tuple[str, int], Lease] = field(default_factory=dict)
    """By delivery and token."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A try as the product wrote it down."""

    attempt: int
    started_at: float
    finished_at: float
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Promised:
    """A delivery as the product's outbox holds it."""

    id: str
    subject: str
    state: str
    attempts: int
    tries: tuple[Settled, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A stored snapshot: what it was asked under, and what it shows."""

    id: str
    sequence: int
    key: str
    scores: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the clients know: what they sent under each key, and what was acknowledged as which snapshot."""

    sent: Mapping[str, Mapping[str, float]]
    acknowledged: Mapping[str, str]


FAULTS = ("lost", "double", "phantom", "mismatch")


@dataclass(kw_only=True)
class Verdicts:
    """What was found: four lists that must stay empty, and what is explained."""

    lost: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    mismatch: list[str] = field(default_factory=list)
    redelivered: Counter[str] = field(default_factory=Counter)
    """Redeliveries by what explains them."""
    promised: int = 0
    delivered: int = 0
    """Deliveries that a receiver, or an inbox, has."""
    orphans: list[float] = field(default_factory=list)
    """Seconds from a kill until what the dead had claimed was sent again."""

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, by name."""
        return {name: found for name in FAULTS if (found := getattr(self, name))}

    def add(self, other: Verdicts) -> None:
        """Take in what another found."""
        for name in (*FAULTS, "orphans"):
            getattr(self, name).extend(getattr(other, name))
        self.redelivered.update(other.redelivered)
        self.promised += other.promised
        self.delivered += other.delivered


Rule = Callable[[Mapping[str, float], Mapping[str, float]], bool]


def any_change(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    """Whether two pictures differ at all."""
    return before != after


def moved_by(step: float) -> Rule:
    """Return whether a score that both pictures have moved by a step, as a rule."""

    def moved(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
        return any(abs(after[name] - before[name]) >= step for name in before.keys() & after.keys())

    return moved


def must_be_told(pictures: Sequence[Picture], rule: Rule, *, baseline: str = "previous") -> set[str]:
    """
    Return the snapshots that a subscriber must hear of, worked out from what is stored without the product's own rules.

    Shape   `pictures`: in sequence; the subscriber came after the first. `baseline`: `previous` or `last_notified`.
    """
    told: set[str] = set()
    against = pictures[0]
    for before, after in pairwise(pictures):
        if baseline == "previous":
            against = before
        # Nothing changed since the baseline: nobody is asked.
        if against.scores != after.scores and rule(against.scores, after.scores):
            told.add(after.id)
            against = after
    return told


def judge_snapshots(pictures: Sequence[Picture], asked: Asked | None = None) -> Verdicts:
    """
    Hold what is stored against what the clients know.

    Shape   `asked`: None for boards that nobody pushes to.
    """
    found = Verdicts()
    if [picture.sequence for picture in pictures] != list(range(1, len(pictures) + 1)):
        found.lost.append("the sequence of the stored snapshots has a gap")
    by_key: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        by_key[picture.key].append(picture)
    found.double += [f"{key} made {len(made)} snapshots" for key, made in by_key.items() if len(made) > 1]
    if asked is None:
        return found
    ids = {picture.id: picture for picture in pictures}
    for key, snapshot_id in asked.acknowledged.items():
        if snapshot_id not in ids:
            found.lost.append(f"{key} was acknowledged as {snapshot_id}, which is not stored")
        elif ids[snapshot_id].key != key:
            found.mismatch.append(f"{key} was acknowledged as {snapshot_id}, which was made for {ids[snapshot_id].key}")
    for picture in pictures:
        if picture.key not in asked.sent:
            found.phantom.append(f"snapshot {picture.id} was asked for by nobody")
        elif picture.scores != asked.sent[picture.key]:
            found.mismatch.append(f"snapshot {picture.id} does not show what was pushed as {picture.key}")
    return found


@dataclass(frozen=True, kw_only=True)
class Case:
    """One webhook subscription: who must be told of what, what the outbox says, what its receiver got."""

    name: str
    due: set[str]
    promised: Sequence[Promised]
    tries: Sequence[Try]
    kills: Sequence[Kill]
    timeout_seconds: float
    lease_seconds: float = 0.0
    claims: Mapping[str, Mapping[int, Claim]] = field(default_factory=dict)
    """What `claims_at` says of the kills."""
    until: float = float("inf")
    """Orphans sent again later than this were not waited for in real time, and are not counted."""


def judge_deliveries(case: Case) -> Verdicts:
    """Hold what a receiver got, and what the outbox says of it, against what it must be told."""
    found = Verdicts(promised=len(case.promised))
    entries = {entry.id: entry for entry in case.promised}
    by_subject = Counter(entry.subject for entry in case.promised)
    got: dict[str, list[Try]] = defaultdict(list)
    for one in sorted(case.tries, key=lambda one: one.at):
        got[one.delivery_id].append(one)
    found.delivered = len(got)
    heard = {one.subject for one in case.tries}
    found.lost += [f"{case.name} was never told of {subject}" for subject in sorted(case.due - heard)]
    found.lost += [f"{case.name} was not promised {subject}" for subject in sorted(case.due - by_subject.keys())]
    found.phantom += [f"{case.name} was told of {subject}" for subject in sorted(heard - case.due)]
    found.phantom += [f"{case.name} was promised {subject}" for subject in sorted(by_subject.keys() - case.due)]
    found.phantom += [f"{case.name} got {name}, which the outbox does not hold" for name in got if name not in entries]
    found.double += [f"{case.name}: {count} promises for {name}" for name, count in by_subject.items() if count > 1]
    ids = Counter(subject for tries in got.values() for subject in {one.subject for one in tries})
    found.double += [f"{case.name}: {count} ids for {name}" for name, count in ids.items() if count > 1]
    deaths = {kill.process: kill.at for kill in case.kills}
    for name, tries in got.items():
        _judge_one(case, found, tries, entry=entries.get(name), deaths=deaths)
    for entry in case.promised:
        if entry.id in case.claims:
            claims = case.claims[entry.id]
            found.orphans += orphaned(
                entry, got.get(entry.id, ()), claims=claims, lease_seconds=case.lease_seconds, until=case.until
            )
    return found


def _judge_one(
    case: Case, found: Verdicts, tries: Sequence[Try], *, entry: Promised | None, deaths: Mapping[int, float]
) -> None:
    name = tries[0].delivery_id
    if len({(one.body, one.subject) for one in tries}) > 1:
        found.mismatch.append(f"{case.name}: {name} came with more than one body")
    if not all(one.verified for one in tries):
        found.mismatch.append(f"{case.name}: {name} came with a signature that does not hold")
    settled = () if entry is None else entry.tries
    for this, following in pairwise(tries):
        why = explained(
            this, following, settled=settled, deaths=deaths, timeout_seconds=case.timeout_seconds, kills=case.kills
        )
        if why is None:
            after = following.at - this.at
            found.double.append(
                f"{case.name}: {name} again after {after:.2f} s, though it was {this.did} to {this.sender}"
            )
        else:
            found.redelivered[why] += 1


def explained(
    this: Try,
    following: Try,
    *,
    settled: Iterable[Settled],
    deaths: Mapping[int, float],
    timeout_seconds: float,
    kills: Sequence[Kill] = (),
) -> str | None:
    """
    Return why a try had to be followed by another: it failed, or its outcome was unknown; None if nothing explains it.

    A try that the product wrote down as sent explains nothing, whatever happened to its sender.
    """
    ended = float("inf") if this.ended is None else this.ended
    if any(one.outcome == "sent" and one.finished_at + _CLOCK_SECONDS < following.at for one in settled):
        return None
    if this.did in {"500", "reset"}:
        return {"500": "answered with an error", "reset": "broken after it was read"}[this.did]
    # What the dead have sent waits in the kernel until the receiver reads it, so a death may also come before its try.
    died = [deaths[this.sender]] if this.sender is not None and this.sender in deaths else []
    if this.sender is None:
        died = [kill.at for kill in kills if kill.at >= this.at - SETTLE_SECONDS]
    if any(at <= min(ended + SETTLE_SECONDS, following.at) for at in died):
        return "its sender was killed"
    lasted = min(ended, following.at) - this.at
    gave_up = any(
        one.outcome == "unknown"
        and one.finished_at - one.started_at >= _WHOLE_TIMEOUT * timeout_seconds
        and this.at - 2 * timeout_seconds <= one.started_at <= this.at + _CLOCK_SECONDS
        and one.finished_at <= following.at + _CLOCK_SECONDS
        for one in settled
    )
    if lasted >= _WHOLE_TIMEOUT * timeout_seconds or gave_up:
        return "not answered in time"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    A claim that was leased at one kill or more.

    Shape   `killed_at`: the first kill after its lease was renewed for the last time. `ends_at`: the end of that lease.
            `first_ends_at`: the end of the lease at the first kill that met it.
    """

    attempt: int
    killed_at: float
    ends_at: float
    first_ends_at: float


def claims_at(kills: Sequence[Kill]) -> dict[str, dict[int, Claim]]:
    """Return every claim that was leased at a kill, by delivery and token."""
    found: dict[str, dict[int, Claim]] = defaultdict(dict)
    for kill in sorted(kills, key=lambda kill: kill.at):
        for (name, token), lease in kill.leased.items():
            known = found[name].get(token)
            if known is None:
                found[name][token] = Claim(
                    attempt=lease.attempt, killed_at=kill.at, ends_at=lease.ends_at, first_ends_at=lease.ends_at
                )
            elif lease.ends_at > known.ends_at:
                found[name][token] = replace(known, killed_at=kill.at, ends_at=lease.ends_at)
    return found


def orphaned(
    entry: Promised,
    tries: Sequence[Try],
    *,
    claims: Mapping[int, Claim],
    lease_seconds: float,
    until: float = float("inf"),
) -> list[float]:
    """
    Return for each claim of a delivery that died with its holder how long after the kill it was sent again.

    A claim is an orphan if it was leased at a kill and no end of it was ever written down. Where more than one kill
    came within its last lease, the first is believed to be the one: the time is rather too long than too short. An
    orphan that was claimed again by somebody who died before sending counts up to that claim, an orphan of its own.
    """
    written = {one.attempt for one in entry.tries}
    found = []
    for token, claim in claims.items():
        if claim.attempt in written:
            continue
        again = min((one.at for one in tries if one.at >= claim.ends_at - _CLOCK_SECONDS), default=float("inf"))
        later = min((number for number in claims if number > token), default=token)
        if later > token and claims[later].attempt not in written:
            again = min(again, claims[later].first_ends_at - lease_seconds)
        if again <= until:
            found.append(again - claim.killed_at)
    return found


def judge_inbox(due: set[str], subjects: Sequence[str], *, name: str) -> Verdicts:
    """Hold the comments that a persona got, by the snapshot that each tells of, against what it must be told: once."""
    counted = Counter(subjects)
    return Verdicts(
        promised=len(subjects),
        delivered=len(counted),
        lost=[f"{name} was never told of {subject}" for subject in sorted(due - counted.keys())],
        phantom=[f"{name} was told of {subject}" for subject in sorted(counted.keys() - due)],
        double=[f"{name} was told {times} times of {subject}" for subject, times in counted.items() if times > 1],
    )
