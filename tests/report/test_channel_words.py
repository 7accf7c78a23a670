"""What a chat is told: who reads it on a telephone knows what changed and why, and no data can format or mention."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.report.channel_words import ENTRIES_MOST, TITLE_MOST, Words, escaped, words_of
from stillframe.report.message import Message
from tests.report.answers import bare
from tests.report.messages import WEB, a_decision, a_message
from tests.report.pictures import CARRIERS, TEXTS, diffs, picture, ranked, row

RENDERER = MarkdownIt("gfm-like", {"linkify": False})
MENTION = re.compile(r"@[^\s\u200b]|<[!@#]")
OURS = {"p", "ul", "li", "a"}


def told(message: Message, titles: Any = CARRIERS) -> Words:
    return words_of(message, titles=titles)


def tags_of(markdown: str) -> set[str]:
    return set(re.findall(r"<(\w+)", RENDERER.render(markdown)))


def test_an_alert_says_what_where_and_why() -> None:
    """Dashboard and change in the title; the reason with its limit, the changes, both frames, and where to look."""
    words = told(a_message())
    assert words.title == "Carriers: on_time of United fell 10 % to 0.54"
    assert words.text.split("\n\n") == [
        "on_time of UA went from 0.6 to 0.54 (-10.0 %), limit 10 % (limit 0.1, observed -0.1)",
        "- United on_time 0.6 → 0.54 (-0.06, -10 %)",
        "frame 1 of 2026-01-01T00:00:00.000Z → frame 2 of 2026-01-02T00:00:00.000Z",
        f"What changed: {WEB}/api/dashboard/d-1/diff?from=s-1&to=s-2\nDashboard: {WEB}/api/dashboard/d-1",
    ]


def test_what_is_over_says_so_and_when_it_was_told() -> None:
    """A pager's owner can close the incident."""
    words = told(a_message(kind="resolved", said={"told_at": "2026-01-02T00:00:00.000Z", "told_snapshot_id": "s-1"}))
    assert words.title.startswith("Resolved: Carriers: ")
    assert words.why[0] == "The rule is no longer true; it was told at 2026-01-02T00:00:00.000Z."


def test_a_digest_says_how_often_and_since_when() -> None:
    """One line for a whole day, with the count that a quiet subscriber did not see."""
    words = told(a_message(kind="digest", said={"times": 3, "since": "2026-01-01T00:00:00.000Z"}))
    assert words.title.startswith("Digest: Carriers: ")
    assert words.why[0] == "The rule was true at 3 snapshots since 2026-01-01T00:00:00.000Z."
    assert told(a_message(kind="digest", said={"times": 1})).why[0] == "The rule was true at 1 snapshot."


def test_what_came_back_is_told_in_one_line_without_changes() -> None:
    """Nothing differs, and that something did is said."""
    same = compute_diff(picture([row("UA")]), picture([row("UA")]))
    words = told(a_message(same, kind="digest", said={"times": 2, "came_back": True}))
    assert words.title == "Digest: Carriers: changed and came back"
    assert (words.why[1], words.entries) == ("What changed has come back: nothing differs now.", ())


def test_what_was_held_back_says_why_it_is_told_only_now() -> None:
    """A notice at seven in the morning about a night's snapshot needs a reason."""
    assert told(a_message(said={"held_because": "quiet_hours"})).why[0].endswith("held back (quiet_hours).")


def test_a_test_says_that_it_is_one() -> None:
    """Nobody gets up at night for a rehearsal."""
    assert told(a_message(test=True)).title.startswith("Test: ")


def test_as_many_changes_as_the_subscription_asks_for() -> None:
    """The rest is counted, never left out silently."""
    names = [f"C{number}" for number in range(30)]
    diff = compute_diff(ranked(*names), ranked(*reversed(names)))
    rule = {"top_n_reordering": 3}
    usual = told(a_message(diff, rule=rule)).entries
    assert len(usual) == ENTRIES_MOST + 1
    assert re.fullmatch(r"… and \d+ more", usual[-1])
    few = told(a_message(diff, rule=rule, max_items=3)).entries
    assert few[:3] == usual[:3]
    assert len(few) == 4


def test_what_came_and_went_is_said_in_words() -> None:
    """A sign at the beginning would make a list within the list."""
    diff = compute_diff(ranked("HA", "UA", "DL"), ranked("HA", "UA", "AS"))
    words = told(a_message(diff, rule={"any_change": True}))
    assert words.entries == ("Alaska new at 3", "Delta gone, was 3")


def test_without_a_public_address_no_link_leads_nowhere() -> None:
    """A path alone is no use in a chat."""
    words = told(a_message(links={"dashboard": "/api/dashboard/d-1", "diff": "/api/diff"}))
    assert words.links == ()
    assert "/api" not in words.text + words.markdown


def test_a_decision_says_what_failed_first() -> None:
    """The gravest check that failed leads; what passed is only counted."""
    words = told(a_decision(answer={"links": {"decision": f"{WEB}/d"}}))
    assert words.title.startswith("my-service (v2.1.0) failed the release gate standard")
    assert words.why[0].startswith("6 checks: 3 failed")
    assert words.entries[0].startswith("blocker High findings fail: 6 high findings open")
    assert not any("complexity" in entry for entry in words.entries)
    assert words.links == (("The decision", f"{WEB}/d"),)


def test_a_decision_lists_no_more_checks_than_were_asked_for() -> None:
    """A long profile does not fill a pager."""
    entries = told(a_decision(max_items=2)).entries
    assert (len(entries), entries[-1]) == (3, "and 3 more")


def test_the_first_gate_of_a_project_is_told_too() -> None:
    """Nothing was there before, and nothing is said of it."""
    words = told(a_decision(answer=bare()))
    assert words.title.startswith("my-service passed the release gate")
    assert words.entries == ()
    assert words.markdown


@given(diff=diffs(), title=TEXTS, sentence=TEXTS, importance=st.sampled_from(["low", "high"]))
def test_no_data_formats_links_or_mentions(diff: Diff, title: str, sentence: str, importance: str) -> None:
    """Whatever names and cells hold, a chat shows text, our one list and our links."""
    reason = {"path": "$", "outcome": "true", "sentence": sentence, "limit": title, "observed": sentence}
    words = told(a_message(diff, dashboard_title=title, reason=reason, importance=importance), {"a": title})
    said = (words.title, words.text.partition(f"\n\nWhat changed: {WEB}")[0])
    assert not any(MENTION.search(found) for found in said)
    assert tags_of(words.markdown) <= OURS
    assert re.findall(r'href="([^"]+)"', RENDERER.render(words.markdown)) == [
        f"{WEB}/api/dashboard/d-1/diff?from=s-1&amp;to=s-2", f"{WEB}/api/dashboard/d-1",
    ]  # fmt: skip
    assert len(words.title) <= 2 * TITLE_MOST
    assert not {unicodedata.category(letter) for letter in words.title} & {"Cc", "Cs"}


@pytest.mark.parametrize(
    "line", ["# a", "1. a", "12) a", "+ a", "- a", "> a", "a_b_c", "*a*", "~~a~~", "&lt;", "==", "---"]
)
def test_a_line_that_would_format_shows_as_it_is(line: str) -> None:
    """What was written is what is read."""
    shown = RENDERER.render(escaped(line)).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown == f"<p>{line}</p>\n"
