"""Calm as it is asked for: every form that is taken, and every fault with its path and what is allowed there."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

from stillframe.errors import InvalidInput
from stillframe.model.calm import CALM_MEMBERS, NO_CALM, Calm, Digest, QuietHours
from stillframe.rules.calm_grammar import parse_calm, parse_importance, parse_max_items

NOW = datetime(2027, 2, 1, 12, tzinfo=UTC)
WHOLE = {
    "cooldown_seconds": 60,
    "pending_for": 2,
    "snooze_until": "2027-02-02T00:00:00Z",
    "quiet_hours": {"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"},
    "notify_on_resolve": True,
}


def faults(document: object, **over: Any) -> list[tuple[str, str]]:
    """Return what is wrong with a document: each path with its message."""
    with pytest.raises(InvalidInput) as caught:
        parse_calm(document, now=NOW, **over)
    return [(fault.path, fault.message) for fault in caught.value.faults]


def test_what_is_asked_for_reads_back_as_it_was_written() -> None:
    """What a door shows of calm is what it takes."""
    found = parse_calm(WHOLE, now=NOW)
    shown = found.as_dict()
    assert set(shown) == set(CALM_MEMBERS)
    assert parse_calm({name: value for name, value in shown.items() if value is not None}, now=NOW) == found
    assert Calm.from_dict(shown) == found


@pytest.mark.parametrize(
    ("given", "digest"),
    [
        ("hourly", Digest(every="hourly")),
        ("daily", Digest(every="daily", at=time(0), zone="UTC")),
        ({"every": "hourly", "at": "00:15"}, Digest(every="hourly", at=time(0, 15))),
        (
            {"every": "daily", "at": "08:30", "zone": "Asia/Kolkata"},
            Digest(every="daily", at=time(8, 30), zone="Asia/Kolkata"),
        ),
        ({"every": "weekly", "on": "friday"}, Digest(every="weekly", on="friday")),
    ],
)  # fmt: skip
def test_a_digest_is_a_word_or_says_when(given: Any, digest: Digest) -> None:
    """The short form is the long one with its defaults."""
    assert parse_calm({"digest": given}, now=NOW).digest == digest


def test_nothing_asked_for_is_no_calm() -> None:
    """Null and absence are the same word, and false is no wish."""
    assert parse_calm({}, now=NOW) == NO_CALM
    assert parse_calm(dict.fromkeys(CALM_MEMBERS), now=NOW) == NO_CALM
    assert parse_calm({"notify_on_resolve": False}, now=NOW) == NO_CALM


def test_what_is_not_named_stays_and_null_takes_back() -> None:
    """A change of one member leaves the others; a snooze that is over is forgotten."""
    kept = parse_calm(WHOLE, now=NOW)
    found = parse_calm({"cooldown_seconds": None, "pending_for": 3}, now=NOW, kept=kept)
    assert (found.cooldown_seconds, found.pending_for) == (None, 3)
    assert (found.quiet_hours, found.notify_on_resolve) == (kept.quiet_hours, True)
    assert parse_calm({}, now=datetime(2027, 3, 1, tzinfo=UTC), kept=kept).snooze_until is None


@pytest.mark.parametrize(
    ("document", "path", "said"),
    [
        ([], "$", "must be an object, not an empty list"),
        ({"cooldown": 5}, "$.cooldown", "did you mean 'cooldown_seconds'"),
        ({"cooldown_seconds": 0}, "$.cooldown_seconds", "1 to 31622400 seconds"),
        ({"cooldown_seconds": 31_622_401}, "$.cooldown_seconds", "1 to 31622400 seconds"),
        ({"cooldown_seconds": True}, "$.cooldown_seconds", "not true"),
        ({"cooldown_seconds": 1.5}, "$.cooldown_seconds", "1 to 31622400"),
        ({"pending_for": 1}, "$.pending_for", "2 to 1000 snapshots in a row"),
        ({"pending_for": 1_001}, "$.pending_for", "2 to 1000"),
        ({"snooze_until": "tomorrow"}, "$.snooze_until", "RFC 3339"),
        ({"snooze_until": 5}, "$.snooze_until", "RFC 3339"),
        ({"snooze_until": "2027-02-01T12:00:00Z"}, "$.snooze_until", "is over"),
        ({"quiet_hours": "night"}, "$.quiet_hours", '"from": "22:00"'),
        ({"quiet_hours": {"from": "22:00"}}, "$.quiet_hours.to", "a time of day"),
        ({"quiet_hours": {"from": "24:00", "to": "07:00"}}, "$.quiet_hours.from", "a time of day"),
        ({"quiet_hours": {"from": "9:00", "to": "07:00"}}, "$.quiet_hours.from", "a time of day"),
        ({"quiet_hours": {"from": "07:00", "to": "07:00"}}, "$.quiet_hours", "the same time"),
        ({"quiet_hours": {"from": "22:00", "to": "07:00", "tz": "UTC"}}, "$.quiet_hours.tz", "unknown key"),
        ({"quiet_hours": {"from": "22:00", "to": "07:00", "zone": "Berlin"}}, "$.quiet_hours.zone", "an IANA zone"),
        ({"digest": "dayly"}, "$.digest", "did you mean 'daily'"),
        ({"digest": 5}, "$.digest", "hourly, daily, weekly"),
        ({"digest": {"at": "08:00"}}, "$.digest.every", "hourly, daily, weekly"),
        ({"digest": {"every": "daily", "on": "monday"}}, "$.digest.on", "only a weekly digest"),
        ({"digest": {"every": "weekly", "on": "mon"}}, "$.digest.on", "did you mean 'monday'"),
        ({"digest": {"every": "weekly", "at": "8"}}, "$.digest.at", "a time of day"),
        ({"digest": {"every": "weekly", "zone": "Mars/Olympus"}}, "$.digest.zone", "an IANA zone"),
        ({"digest": {"every": "weekly", "hour": 8}}, "$.digest.hour", "unknown key"),
        ({"notify_on_resolve": "yes"}, "$.notify_on_resolve", "true or false"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_path(document: object, path: str, said: str) -> None:
    """An error says what was wrong, where, and what is allowed."""
    ((where, message),) = faults(document)
    assert where == path
    assert said in message


@pytest.mark.parametrize("zone", ["America", "../etc/passwd", "", "x\0y", "localtime", "UTC ", "a" * 5_000, 5, None])
def test_only_the_name_of_a_zone_is_a_zone(zone: Any) -> None:
    """Folders, paths and what every machine reads differently are none."""
    ((path, _),) = faults({"quiet_hours": {"from": "22:00", "to": "07:00", "zone": zone}})
    assert path == "$.quiet_hours.zone"


@pytest.mark.parametrize("member", ["cooldown_seconds", "pending_for", "notify_on_resolve"])
def test_a_digest_goes_with_nothing_that_is_about_single_notices(member: str) -> None:
    """Refused at the member, or at the digest where that is what is new."""
    ((path, message),) = faults({"digest": "daily", member: WHOLE[member]})
    assert path == f"$.{member}"
    assert f"{member} does not go with it" in message
    kept = parse_calm({member: WHOLE[member]}, now=NOW)
    ((path, _),) = faults({"digest": "daily"}, kept=kept)
    assert path == "$.digest"


def test_every_fault_is_told_at_once() -> None:
    """Nobody has to ask five times to hear five faults."""
    found = faults({"cooldown_seconds": 0, "pending_for": 0, "digest": {"every": "never"}, "nap": 1})
    assert [path for path, _ in found] == ["$.nap", "$.cooldown_seconds", "$.pending_for", "$.digest.every"]


def test_quiet_hours_may_lie_in_utc_and_end_on_the_next_day() -> None:
    """What is not said is UTC."""
    found = parse_calm({"quiet_hours": {"from": "23:30", "to": "00:15"}}, now=NOW)
    assert found.quiet_hours == QuietHours(begin=time(23, 30), end=time(0, 15), zone="UTC")


def test_importance_and_the_length_of_lists_have_their_bounds() -> None:
    """Each is one of few words, or a small number."""
    assert [parse_importance(word) for word in ("low", "normal", "high")] == ["low", "normal", "high"]
    assert [parse_max_items(number) for number in (None, 1, 100)] == [None, 1, 100]
    with pytest.raises(InvalidInput, match="did you mean 'high'"):
        parse_importance("hihg")
    for wrong in (0, 101, True, "5", 1.0):
        with pytest.raises(InvalidInput, match="1 to 100"):
            parse_max_items(wrong)
