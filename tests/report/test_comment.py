"""The comment that tells a persona: it mentions one, shows why, proves it, and does nothing that the data asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stillframe.diff import compute_diff
from stillframe.model.discussion import mentions_in
from stillframe.model.verdict import Verdict
from stillframe.report.comment import CAME_BACK, alert_comment, told_comment, told_line
from stillframe.report.link import SnapshotLink
from stillframe.report.words import headline
from stillframe.rules import explain_threshold
from tests.report.pictures import CARRIERS, CELLS, TEXTS, picture, ranked, row

RENDERER = MarkdownIt("gfm-like", {"linkify": False})
SLUGS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


def frame(sequence: int) -> SnapshotLink:
    return SnapshotLink(
        id=f"s-{sequence}",
        sequence=sequence,
        timestamp=datetime(2026, 1, sequence, tzinfo=UTC),
        content_hash="ab",
        url=f"https://frames.example/api/snapshot/s-{sequence}",
    )


def comment(verdict: Verdict, *, said: str = "United fell from 2nd to 5th", slug: str = "ops-lead") -> str:
    return alert_comment(persona_slug=slug, headline=said, verdict=verdict, snapshot_a=frame(1), snapshot_b=frame(2))


def test_a_comment_says_who_what_why_and_since_when() -> None:
    """Everything a reader needs to believe it, in four short paragraphs."""
    diff = compute_diff(picture([row("UA", on_time=0.6)]), picture([row("UA", on_time=0.54)]))
    verdict = explain_threshold(diff, {"value_delta_pct": 0.1, "on_field": "on_time"})
    paragraphs = comment(verdict, said=headline(diff, titles=CARRIERS)).split("\n\n")
    assert paragraphs[0] == "@ops-lead **on\\_time of United fell 10 % to 0.54**"
    assert paragraphs[1].startswith("Why: on\\_time of UA went from 0.6 to 0.54")
    assert paragraphs[1].endswith("(limit 0.1, observed -0.1)")
    assert paragraphs[2] == "- UA on\\_time: 0.6 → 0.54"
    assert paragraphs[3] == (
        "[frame 1](https://frames.example/api/snapshot/s-1) of 2026-01-01T00:00:00.000Z → "
        "[frame 2](https://frames.example/api/snapshot/s-2) of 2026-01-02T00:00:00.000Z"
    )


def test_rank_moves_are_shown_by_rank() -> None:
    """A move reads as ranks, an arrival and a departure as such."""
    diff = compute_diff(ranked("HA", "UA", "DL"), ranked("UA", "HA", "AS"))
    shown = comment(explain_threshold(diff, {"top_n_reordering": 3}))
    for line in ("- UA: rank 2 → 1", "- HA: rank 1 → 2", "- AS: rank new → 3", "- DL: rank 3 → gone"):
        assert line in shown


def test_a_combined_rule_shows_the_witnesses_of_its_true_parts() -> None:
    """What was not met is no reason."""
    witnessed = Verdict(path="$.OR[0]", outcome="true", witnesses=({"id": "UA"},), sentence="1 added")
    missed = Verdict(path="$.OR[1]", outcome="false", witnesses=({"id": "XX"},), sentence="0 removed")
    shown = comment(Verdict(path="$", outcome="true", sentence="1 of 2 holds", children=(witnessed, missed)))
    assert "- UA" in shown
    assert "XX" not in shown


def test_at_most_five_witnesses_are_listed_each_once() -> None:
    """Enough to see what happened; the frames hold the rest."""
    witnesses = tuple({"id": number} for number in (1, 1, 2, 3, 4, 5, 6))
    lines = comment(Verdict(path="$", outcome="true", witnesses=witnesses, sentence="many")).splitlines()
    assert [line for line in lines if line.startswith("- ")] == ["- 1", "- 2", "- 3", "- 4", "- 5"]


def test_limit_and_observed_are_told_apart() -> None:
    """A value just over its limit does not read as equal to it."""
    verdict = Verdict(path="$", outcome="true", limit=0.1, observed=0.1000004, sentence="over")
    assert "(limit 0.1, observed 0.1000004)" in comment(verdict)


@given(
    slug=SLUGS,
    said=TEXTS,
    sentence=TEXTS,
    observed=st.one_of(st.none(), TEXTS, st.integers(-5, 5)),
    cells=st.dictionaries(
        st.sampled_from(["id", "name", "field", "old", "new", "change", "dimension", "state"]), CELLS
    ),
)
def test_data_can_neither_mention_nor_render(
    slug: str, said: str, sentence: str, observed: Any, cells: dict[str, Any]
) -> None:
    """The one mention is the persona's and the only links are to the two frames, whatever the data holds."""
    verdict = Verdict(path="$", outcome="true", limit=3, observed=observed, witnesses=(cells,), sentence=sentence)
    shown = comment(verdict, said=said, slug=slug)
    assert mentions_in(shown) == (slug,)
    html = RENDERER.render(shown)
    assert html.count("<a ") == html.count('<a href="https://frames.example/api/snapshot/s-') == 2
    tags = {tag.partition(">")[0].strip("/") for tag in html.split("<")[1:]}
    assert {tag.split()[0] for tag in tags} <= {"p", "a", "ul", "li", "strong"}


@pytest.mark.parametrize("cell", ["x" * 70_000, "\n" * 1_000 + "x"])
def test_a_huge_cell_does_not_make_a_huge_comment(cell: str) -> None:
    """A cell may hold 64 KiB; a comment shows its beginning."""
    witness = {"id": cell, "field": cell, "old": cell, "new": cell}
    assert len(comment(Verdict(path="$", outcome="true", witnesses=(witness,), sentence=cell), said=cell)) < 2_000


def told(kind: Any, verdict: Verdict, **said: Any) -> list[str]:
    """Return the paragraphs of a comment about a change of one row."""
    is_empty = said.pop("is_empty", False)
    text = told_comment(
        kind,
        persona_slug="ops-lead",
        headline="United fell from 2nd to 5th",
        is_empty=is_empty,
        verdict=verdict,
        snapshot_a=frame(1),
        snapshot_b=frame(2),
        said=said,
    )
    return text.split("\n\n")


def test_a_digest_says_how_often_since_when_and_what_came_back() -> None:
    """Also where its net does not meet the rule any more: then there is no reason to give."""
    diff = compute_diff(picture([row("UA", on_time=0.6)]), picture([row("UA", on_time=0.54)]))
    met = explain_threshold(diff, {"value_delta_pct": 0.1, "on_field": "on_time"})
    shown = told("digest", met, times=3, since="2026-01-01T00:00:00.000Z", came_back=["score of `a`", "Total"])
    assert shown[0] == "@ops-lead **United fell from 2nd to 5th**"
    assert shown[1] == "Digest: the rule was met at 3 snapshots since 2026-01-01T00:00:00.000Z."
    assert shown[2].startswith("Why: on\\_time of UA")
    assert shown[4] == "Changed and came back: score of \\`a\\`, Total"
    missed = explain_threshold(diff, {"value_delta_pct": 0.5, "on_field": "on_time"})
    assert len(told("digest", missed, times=1, since="then", came_back=[])) == 3
    nothing = told("digest", missed, times=1, since="then", came_back=[], is_empty=True)
    assert nothing[:2] == [f"@ops-lead **{CAME_BACK}**", "Digest: the rule was met at one snapshot since then."]


def test_a_resolution_says_that_it_is_over_and_why() -> None:
    """And when it was told, so that the reader finds the other message."""
    diff = compute_diff(picture([row("UA", on_time=0.6)]), picture([row("UA", on_time=0.54)]))
    over = explain_threshold(diff, {"value_delta_pct": 0.5, "on_field": "on_time"})
    shown = told("resolved", over, told_at="2026-01-01T00:00:00.000Z", told_snapshot_id="s-0")
    assert shown[0] == "@ops-lead **Resolved: United fell from 2nd to 5th**"
    assert shown[1].startswith("The change, told at 2026-01-01T00:00:00.000Z, is over: ")
    assert told("resolved", over, is_empty=True)[0] == "@ops-lead **Resolved: as it was before**"
    assert told("resolved", over)[1].startswith("The change is over: ")


def test_an_alert_that_comes_late_says_why() -> None:
    """Like any other one, with a line at its end."""
    diff = compute_diff(picture([row("UA", on_time=0.6)]), picture([row("UA", on_time=0.54)]))
    verdict = explain_threshold(diff, {"value_delta_pct": 0.1, "on_field": "on_time"})
    late = told("alert", verdict, held_because="quiet_hours")
    assert late[:-1] == comment(verdict).split("\n\n") == told("alert", verdict)
    assert late[-1] == "Held back until now: quiet hours"


@pytest.mark.parametrize(
    ("kind", "is_empty", "line"),
    [
        ("alert", False, "a rose"),
        ("digest", False, "a rose"),
        ("digest", True, "Changed and came back"),
        ("resolved", False, "Resolved: a rose"),
        ("resolved", True, "Resolved: as it was before"),
    ],
)
def test_an_inbox_shows_one_line(kind: Any, is_empty: bool, line: str) -> None:
    """Of what changed, of what came back, and of what is over."""
    assert told_line(kind, "a rose", is_empty=is_empty) == line
