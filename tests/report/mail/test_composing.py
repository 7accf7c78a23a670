"""A mail says first what changed, then why it is told, then the change and its evidence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.report.mail import Picture, change_mail
from stillframe.report.mail.composing import ITEMS_SHOWN, absolute
from stillframe.report.mail.document import Bullets, Frames, Grid, Paragraph
from tests.report.mail.mails import BEFORE, PUBLIC, a_mail, a_message, titles
from tests.report.pictures import TEXTS, diffs, picture, row


def paragraphs(mail: object) -> list[str]:
    return [block.text for block in mail.blocks if isinstance(block, Paragraph)]  # type: ignore[attr-defined]  # because every caller gives a mail


def test_the_subject_names_the_dashboard_and_the_change() -> None:
    """A reader of a hundred subjects knows which to open."""
    mail = a_mail()
    assert mail.subject == f"Carrier punctuality: {mail.headline}"
    assert mail.headline == "JetBlue is gone (was 4th); 2 others moved; Papers up 6.5 % to 16,000"


def test_the_order_is_reason_picture_change_evidence() -> None:
    """What a reader needs to decide comes before what they need to check."""
    picture_of = Picture(content_id="c", alt="a", width=440, height=100)
    mail = change_mail(a_message(), names={"leaderboard": titles()}, picture=picture_of, stop_url=None)
    kinds = [block.title if isinstance(block, Grid) else type(block).__name__ for block in mail.blocks]
    assert kinds == ["Paragraph", "Why you are told", "Picture", "Ranks", "Values", "Metrics", "Frames"]


def test_both_frames_are_named_by_id_time_and_hash() -> None:
    """The mail is no evidence; it says where the evidence is."""
    (frames,) = [block for block in a_mail().blocks if isinstance(block, Frames)]
    before, after = frames.frames
    assert (before.label, after.label) == ("Before", "After")
    assert after.name == "frame 312 (snapshot-2)"
    assert after.at == "21 Nov 2026, 08:00:00 UTC"
    assert re.fullmatch(r"[0-9a-f]{64}", after.content_hash)
    assert after.url == f"{PUBLIC}/api/snapshot/snapshot-2"
    assert frames.compare_url == f"{PUBLIC}/api/dashboard/board-1/diff"


def test_without_a_public_address_there_are_no_links() -> None:
    """A path alone leads nowhere from a mail; ids, times and hashes are there all the same."""
    mail = a_mail(a_message(public=""), stop_url=None)
    (frames,) = [block for block in mail.blocks if isinstance(block, Frames)]
    assert [frame.url for frame in frames.frames] == [None, None]
    assert frames.compare_url is None
    assert any("remove the subscription" in line for line in mail.foot)
    assert (absolute("/api/x"), absolute("javascript:x"), absolute(None)) == (None, None, None)
    assert absolute(f'{PUBLIC}/project:my "service"') == f"{PUBLIC}/project:my%20%22service%22"


def test_a_test_send_is_marked_everywhere_it_could_be_taken_for_news() -> None:
    """In the subject, before the headline, and in words."""
    mail = a_mail(a_message(test=True))
    assert mail.subject.startswith("[Test] Carrier punctuality: ")
    assert mail.marks == ("Test",)
    assert "test send" in paragraphs(mail)[0]


@pytest.mark.parametrize(
    ("importance", "marks"), [("low", ("Low importance",)), ("normal", ()), ("high", ("High importance",))]
)
def test_importance_is_a_word(importance: str, marks: tuple[str, ...]) -> None:
    """What the subscriber chose is shown, also where a program hides the header."""
    assert a_mail(a_message(importance=importance)).marks == marks


def test_a_digest_counts_says_since_when_and_what_came_back() -> None:
    """One net change instead of many; what cancelled itself is named and not shown as change."""
    said = {"times": 4, "since": "2026-11-20T07:00:00.000Z", "came_back": ["on_time of Delta", "and 2 more"]}
    mail = a_mail(a_message(kind="digest", said=said))
    assert mail.subject.startswith("[Digest] ")
    assert paragraphs(mail)[0] == (
        "Since 20 Nov 2026, 07:00:00 UTC the rule was true at 4 snapshots. What follows is the net change."
    )
    (back,) = [block for block in mail.blocks if isinstance(block, Bullets) and block.title == "Changed and came back"]
    assert back.items == ("on_time of Delta", "and 2 more")


def test_a_digest_of_nothing_says_that_it_came_back() -> None:
    """Silence would be read as silence all the while."""
    said = {"times": 1, "since": "2026-11-20T07:00:00.000Z", "came_back": ["Papers"]}
    mail = a_mail(a_message(compute_diff(BEFORE, BEFORE), kind="digest", said=said))
    assert mail.headline == "Changed and came back"
    assert paragraphs(mail)[0].endswith("the rule was true at 1 snapshot, and everything is again as it was.")


def test_what_resolved_says_when_it_was_told() -> None:
    """The end of a change belongs to the notice that began it."""
    said = {"told_snapshot_id": "snapshot-1", "told_at": "2026-11-21T07:00:00.000Z"}
    mail = a_mail(a_message(compute_diff(BEFORE, BEFORE), kind="resolved", said=said))
    assert mail.headline == "Resolved: as it was before"
    assert paragraphs(mail)[0] == "The rule, told of at 21 Nov 2026, 07:00:00 UTC, is no longer true."


@pytest.mark.parametrize(
    ("because", "word"),
    [("cooldown", "cooled down"), ("snooze", "snoozed"), ("quiet_hours", "quiet hours"), ("another", "another")],
)
def test_what_was_held_back_says_why_it_comes_late(because: str, word: str) -> None:
    """A notice of the night that comes in the morning is no slow server."""
    assert word in paragraphs(a_mail(a_message(said={"held_because": because})))[0]


def test_lists_are_as_long_as_the_subscriber_wanted() -> None:
    """Ten of each where nobody said."""
    before = picture([row(f"r{number}", on_time=number) for number in range(40)])
    after = picture([row(f"r{number}", on_time=number + 1) for number in reversed(range(40))])
    for wanted, shown in ((None, ITEMS_SHOWN), (3, 3), (25, 25)):
        mail = a_mail(a_message(compute_diff(before, after), max_items=wanted))
        (values,) = [block for block in mail.blocks if isinstance(block, Grid) and block.title == "Values"]
        assert len(values.rows) == shown


@given(diff=diffs(), title=TEXTS)
def test_any_change_makes_a_subject_of_one_line(diff: Diff, title: str) -> None:
    """A header of two lines would be somebody's own header."""
    mail = a_mail(a_message(diff, rule={"any_change": True}, dashboard_title=title))
    assert (
        mail.subject.isprintable() or "\u200d" in mail.subject or "\u200c" in mail.subject or "\u202f" in mail.subject
    )
    assert len(mail.subject) <= 80 + 2 + 90
    assert "\n" not in mail.subject
