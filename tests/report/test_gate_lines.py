"""A gate's answer in a terminal: every check, what failed it, and nothing that moves the cursor."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from stillframe.report.gate_lines import CHECKS_MOST, SUPPRESSIONS_MOST, gate_lines
from tests.report.answers import FAILED, SUPPRESSION, WARNED, answer, bare, check
from tests.report.pictures import TEXTS


def test_the_decision_stands_first() -> None:
    """Whoever reads one line knows what happened."""
    lines = gate_lines(answer())
    assert lines[0] == "FAIL  my-service, v2.1.0, by standard (037e6061ea49, built-in)"
    assert lines[1] == "EVIDENCE INCOMPLETE: no data for Threat model is current"
    assert "  fail        High findings (blocker): 6 high findings open in sca" in lines[6]


def test_everything_that_the_answer_says_is_told() -> None:
    """Suppressions with until when and by whom, findings, comparability, snapshots, what was not stored."""
    said = "\n".join(gate_lines(answer(snapshot_errors=[{"snapshot": "pre", "message": "the disk is full"}])))
    for part in (
        "health score 82.4 → 71.5, grade B, risk low → high",
        "suppressed B608:src/db.py until 2026-08-01T00:00:00.000Z by rita: only constants reach it [SEC-7]",
        "changed: SCA regressed (92 → 71)",
        "findings added: 7\n  + high: Sandbox breakout",
        "comparability partial: bandit 1.8.0 → 1.9.0",
        "compared with snapshot snap-0",
        "post snapshot snap-2",
        "the project's state now: snapshot snap-0",
        "pre snapshot not stored: the disk is full",
        "partly seen: High findings, nothing from audit",
    ):
        assert part in said


def test_what_is_not_known_is_left_out() -> None:
    """A first gate has nothing to compare with and nothing suppressed."""
    assert gate_lines(bare()) == [
        "PASS  my-service, by standard (037e6061ea49, built-in)",
        "The candidate is the project's state now.",
        "1 check: 1 passed",
        "  pass        high-findings (blocker): no high findings open in audit and sca, none is allowed",
    ]


def test_long_lists_are_cut_and_say_so() -> None:
    """With how many are left."""
    lines = gate_lines(
        bare()
        | {
            "checks": [check(f"c-{n}") for n in range(CHECKS_MOST + 3)],
            "suppressions": [SUPPRESSION] * (SUPPRESSIONS_MOST + 2),
        }
    )
    assert "  … and 3 more" in lines
    assert "… and 2 more suppressions" in lines


@given(text=TEXTS)
def test_no_line_holds_what_a_terminal_acts_upon(text: str) -> None:
    """Whatever the tools wrote."""
    witness = {"id": text, "title": text, "location": text}
    found: dict[str, Any] = answer(
        project_name=text,
        source_ref=text,
        checks=[FAILED | {"title": text, "message": text, "missing": [text], "witnesses": [witness]}, WARNED],
        suppressions=[SUPPRESSION | {"finding_id": text, "reason": text, "created_by": text, "ticket": text}],
        diff_summary={"headline": text},
        findings={"added": {"total": 1, "previews": [witness | {"severity": "high"}]}, "resolved": None},
        comparability={"level": "partial", "reasons": [text]},
        snapshot_errors=[{"snapshot": "pre", "message": text}],
    )
    lines = gate_lines(found)
    assert all(len(line.splitlines()) == 1 and "\x1b" not in line and "\u202e" not in line for line in lines)
