"""A gate's answer as Markdown: the decision on top, exact totals, and nothing from outside that does anything."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from markdown_it import MarkdownIt

from stillframe.model.discussion import mentions_in
from stillframe.report.gate import CHECKS_MOST, SUPPRESSIONS_MOST, gate_markdown
from tests.report.answers import FAILED, SKIPPED, SUPPRESSED, SUPPRESSION, WARNED, answer, bare, check
from tests.report.pictures import TEXTS

RENDERER = MarkdownIt("gfm-like", {"linkify": False})
SUMMARY_BYTES_MOST = 2**20
"""GitHub, "Workflow commands": a step's summary is at most 1 MiB."""


def with_text(text: str) -> dict[str, Any]:
    """An answer in which everything that people and tools wrote is this text."""
    witness = {"id": text, "title": text, "location": text}
    previews = {"total": 9, "previews": [witness | {"severity": "high", "dimension": "sca"}]}
    return answer(
        project_name=text,
        source_ref=text,
        initiator=text,
        profile={"name": text, "digest": "0" * 64, "source": text},
        checks=[FAILED | {"title": text, "message": text, "missing": [text], "witnesses": [witness]}, SKIPPED],
        suppressions=[SUPPRESSION | {"finding_id": text, "reason": text, "created_by": text, "ticket": text}],
        diff_summary={"headline": text},
        findings={"added": previews, "resolved": previews},
        comparability={"level": "partial", "reasons": [text]},
        snapshot_errors=[{"snapshot": "pre", "message": text}],
        links={"post_snapshot": f"https://frames.example/{text}"},
    )


def tags(html: str) -> list[str]:
    return re.findall(r"<(/?\w+)", html)


def rows(markdown: str, head: str) -> list[str]:
    """The rows of the table whose head begins so."""
    lines = markdown.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {head}"))
    return [line for line in lines[start + 2 :] if line.startswith("|")][: lines[start:].index("") - 2]


def test_the_decision_stands_on_top() -> None:
    """With the project, the profile and the candidate."""
    lines = gate_markdown(answer()).splitlines()
    assert lines[0] == "# Release gate: FAIL for my-service"
    assert "**standard (037e6061ea49, built-in)**" in lines[2]
    assert "candidate **v2.1.0**" in lines[2]


def test_incomplete_evidence_is_said_loudly_and_only_then() -> None:
    """A pass that nobody measured must not look like one that somebody did."""
    loud = "> **EVIDENCE INCOMPLETE.** No data for Threat model is current"
    assert loud in gate_markdown(answer())
    assert "> **Partly seen.** High findings had nothing from audit." in gate_markdown(answer())
    assert "INCOMPLETE" not in gate_markdown(bare())
    assert "Partly" not in gate_markdown(bare())


def test_failing_checks_stand_first_in_the_table() -> None:
    """Status, check, what was seen, what is allowed."""
    found = rows(gate_markdown(answer()), "Status")
    assert [row.split(" | ")[0] for row in found] == [
        "| **fail**", "| **fail**", "| **fail**", "| **suppressed**", "| **skipped**", "| pass",
    ]  # fmt: skip
    assert "Line coverage (warning) | 0.5499999 | &gt;\\= 0.55 |" in found[1]


def test_a_suppression_is_told_with_until_when_and_by_whom() -> None:
    """Somebody answers for it, and it ends."""
    [row] = rows(gate_markdown(answer()), "Finding")
    assert row == "| B608\\:src/db.py | 2026-08-01T00:00:00.000Z | rita | only constants reach it | SEC-7 |"
    assert "## Suppressed" not in gate_markdown(bare())


def test_what_failed_a_check_follows_with_place_id_and_exact_total() -> None:
    """Whoever mends it, or answers for it, needs no other page."""
    said = gate_markdown(answer())
    assert (
        "**High findings**, what failed it, 1 of 6 shown:\n\n- Found: Sandbox breakout (pkg\\:pypi/jinja2), id pkg"
        in said
    )
    assert "**critical-findings**, suppressed:\n\n- Found: SQL from a string (src/db.py:14)" in said


def test_what_changed_is_told_or_that_there_was_nothing_before() -> None:
    """Headline, states in the order of the dimensions, findings with exact totals."""
    said = gate_markdown(answer())
    assert "**SCA regressed (92 → 71)**" in said
    assert [row.split(" | ")[0] for row in rows(said, "Dimension")] == ["| health", "| audit", "| sca"]
    assert "7 findings added, 1 shown:\n\n- **high**: Sandbox breakout" in said
    assert "resolved" not in said
    assert "There is no earlier state to compare with." in gate_markdown(bare())


def test_snapshots_are_linked_where_an_address_is_given() -> None:
    """And named where none is."""
    links = {"compare": "https://frames.example/compare", "decision": "https://frames.example/g"}
    said = gate_markdown(answer(links=answer()["links"] | links))
    assert "- Snapshot after: [snap-2](https://frames.example/snapshot/snap-2)" in said
    assert "- Compared with: snap-0\n- Snapshot before: snap-1\n" in said
    assert "- The project's state now: snap-0\n" in said
    assert "- [The comparison](https://frames.example/compare)" in said
    assert "- Comparability: partial (bandit 1.8.0 → 1.9.0)" in said
    failed = gate_markdown(answer(pre_snapshot_id=None, snapshot_errors=[{"snapshot": "pre", "message": "disk full"}]))
    assert "- Snapshot before: none\n" in failed
    assert "- **Not stored**: pre snapshot, disk full" in failed


@given(text=TEXTS.filter(bool))
@example(text="- 0")
@example(text="1. a")
@example(text="+ a")
@example(text="    a")
def test_text_from_outside_changes_nothing_of_the_page(text: str) -> None:
    """The tags of the page are those of an answer that says `x` everywhere: no link, no row, no heading more."""
    assert tags(RENDERER.render(gate_markdown(with_text(text)))) == tags(RENDERER.render(gate_markdown(with_text("x"))))


@given(text=TEXTS)
def test_text_from_outside_mentions_nobody(text: str) -> None:
    """Neither by our own rule nor by that of a page which looks for names in what it has rendered."""
    said = gate_markdown(with_text(text))
    assert mentions_in(said) == ()
    assert not re.search(r"@\w", re.sub(r"<[^>]*>", "", RENDERER.render(said)))


def test_an_empty_text_opens_nothing() -> None:
    """Two pairs of stars with nothing between them would be a line across the page."""
    assert "<hr" not in RENDERER.render(gate_markdown(with_text("")))


def test_a_name_that_mentions_is_kept_readable() -> None:
    """The sign is there; what follows it is no longer a name to anybody."""
    html = RENDERER.render(gate_markdown(answer(initiator="@ops-lead")))
    assert "@\u200bops-lead" in html


@pytest.mark.parametrize("letter", ["|", "@", "<", "日", "😀"])
def test_the_summary_of_a_job_holds_it(letter: str) -> None:
    """The longest lists of the longest texts stay under 1 MiB, with exact totals."""
    long = letter * 5_000
    witness = {"id": long, "title": long, "location": long}
    grave = FAILED | {"title": long, "limit": long, "message": long, "missing": [long], "witnesses": [witness] * 5}
    large = with_text(long) | {
        "checks": [SUPPRESSED | {"id": "last"}, *([grave] * 200)],
        "suppressions": [SUPPRESSION | {"finding_id": long, "reason": long, "created_by": long}] * 5_000,
        "dimension_states": {f"{letter}{n}": "regressed" for n in range(1_000)},
        "findings": {
            kind: {"total": 50_000, "previews": [witness | {"severity": "high"}] * 500}
            for kind in ("added", "resolved")
        },
        "snapshot_errors": [{"snapshot": "pre", "message": long}] * 100,
    }
    said = gate_markdown(large)
    assert len(said.encode()) < SUMMARY_BYTES_MOST
    assert f"The first {CHECKS_MOST} of 201." in said
    assert f"The first {SUPPRESSIONS_MOST} of 5,000." in said
    assert "50,000 findings resolved, 20 shown:" in said
    assert "201 checks: 200 failed (200 blockers), 1 passed by suppression (1 blocker)." in said


def test_the_same_answer_gives_the_same_text() -> None:
    """Also when its members come in another order."""
    found = answer()
    turned = dict(reversed(found.items())) | {"dimension_states": dict(reversed(found["dimension_states"].items()))}
    assert gate_markdown(turned) == gate_markdown(found)


def test_a_check_that_passes_needs_no_explanation() -> None:
    """Witnesses are shown of what failed or was suppressed."""
    calm = check(witnesses=[{"id": "f", "title": "seen", "location": None}])
    assert "seen" not in gate_markdown(answer(checks=[calm, WARNED])).replace("What was seen", "")
