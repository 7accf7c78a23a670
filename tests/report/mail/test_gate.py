"""The mail of a decision says the outcome first, then what failed with its limit, then what had changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stillframe.report.mail import Mail, gate_mail, mail_html, mail_text
from stillframe.report.mail.document import Bullets, Button, Grid, Paragraph
from tests.report.answers import answer, bare, check
from tests.report.mail.mails import PUBLIC, Seen, a_message


def mail_of(told: dict[str, Any], *, links: dict[str, str] | None = None, **more: Any) -> Mail:
    message = a_message(kind="gate", dashboard_title="my-service", links=links or {}, **more)
    return gate_mail(replace(message, gate=told, snapshot_a=None, snapshot_b=None), stop_url=f"{PUBLIC}/u/x")


def grid(mail: Mail) -> Grid:
    (found,) = [block for block in mail.blocks if isinstance(block, Grid)]
    return found


def test_what_failed_stands_with_its_limit_and_what_was_seen() -> None:
    """Six checks, one of them passed: that one is only counted."""
    mail = mail_of(answer())
    assert mail.subject.startswith("my-service: my-service (v2.1.0) failed the release gate standard")
    found = grid(mail)
    assert found.title.startswith("6 checks: 3 failed (1 blocker, 1 warning, 1 info)")
    first = [(cell.text, cell.note) for cell in found.rows[0]]
    assert first[0][0] == "High findings"
    assert "6 high findings open" in first[0][1]
    assert [text for text, _ in first[1:3]] == ["<= 5", "6"]
    assert first[3] == ("fail", "blocker")
    assert len(found.rows) == 5


def test_the_outcome_and_what_nobody_knows_come_first() -> None:
    """A failure for want of evidence is not a failure of the candidate."""
    said = [block.text for block in mail_of(answer()).blocks if isinstance(block, Paragraph)]
    assert said[0].startswith("FAIL by standard (037e6061ea49")
    assert any(line.startswith("Partly seen: High findings, nothing from audit") for line in said)
    assert any("Health score 82.4 → 71.5" in line and "not adopted" in line for line in said)
    assert "Since the adopted state: SCA regressed (92 → 71)." in said


def test_findings_and_frames_are_listed() -> None:
    """How many more there are is said."""
    lists = {block.title: block for block in mail_of(answer()).blocks if isinstance(block, Bullets)}
    assert lists["New findings"].more == "and 6 more"
    assert lists["New findings"].items[0].startswith("high: Sandbox breakout")
    assert lists["Evidence"].items == (
        "decision g-1",
        "before: frame snap-1",
        "after: frame snap-2",
        "compared with: frame snap-0",
    )


def test_a_first_gate_has_nothing_to_compare_with() -> None:
    """And says so; where all passed, the checks that passed are shown."""
    mail = mail_of(bare())
    said = [block.text for block in mail.blocks if isinstance(block, Paragraph)]
    assert "There was no adopted state to compare with." in said
    assert "The candidate is the project's state now." in said
    assert len(grid(mail).rows) == 1


def test_the_decision_is_one_click_away_where_it_has_an_address() -> None:
    """Without a public address its id is enough."""
    link = f"{PUBLIC}/api/v1/release/history/g-1"
    buttons = [block for block in mail_of(answer(), links={"decision": link}).blocks if isinstance(block, Button)]
    assert [button.url for button in buttons] == [link]
    assert not [block for block in mail_of(answer(), links={"decision": "/x"}).blocks if isinstance(block, Button)]


def test_long_lists_are_cut_and_nothing_from_outside_is_markup() -> None:
    """Names of checks and findings are other people's words."""
    checks = [check(f"c-{number}", status="fail", title="<b>x</b>") for number in range(30)]
    mail = mail_of(answer(checks=checks), max_items=4)
    assert (len(grid(mail).rows), grid(mail).more) == (4, "and 26 more")
    seen = Seen(mail_html(mail))
    assert "b" not in {tag for tag, _ in seen.elements}
    assert "<b>x</b>" in seen.text
    assert "<b>x</b>" in mail_text(mail)
