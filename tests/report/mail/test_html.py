"""The HTML of a mail asks nobody for anything, runs nothing, and shows every text as it is."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from stillframe.model.diff import Diff
from stillframe.report.mail import mail_html
from stillframe.report.mail.document import Bullets, Button, Frames, Grid, Mail, Paragraph, Picture
from tests.report.mail.mails import PUBLIC, Seen, a_mail, a_message
from tests.report.pictures import TEXTS, diffs

KNOWN_TAGS = {
    "html", "head", "meta", "title", "style", "body", "table", "tr", "td", "th", "p", "h1", "h2", "ul", "li", "span",
    "br", "a", "img", "div",
}  # fmt: skip


def test_everything_that_the_structure_holds_is_there() -> None:
    """Headline, reason, change, evidence and the way out."""
    seen = Seen(mail_html(a_mail()))
    for said in (
        "Carrier punctuality",
        "JetBlue is gone (was 4th)",
        "Condition",
        "▼ down 1",
        "▲ +0.104",
        "5 %",
        "frame 311 (snapshot-1)",
        "21 Nov 2026, 07:00:00 UTC",
        "SHA-256",
        "Unsubscribe",
    ):
        assert said in seen.text, said
    assert seen.open == [], "an element was not closed"


@given(diff=diffs(), title=TEXTS, count=st.integers(1, 12))
def test_no_text_becomes_markup(diff: Diff, title: str, count: int) -> None:
    """Whatever rows, fields and dashboards are called: only our own elements, only our own addresses."""
    message = a_message(diff, rule={"any_change": True}, dashboard_title=title, max_items=count)
    seen = Seen(mail_html(a_mail(message)))
    assert {tag for tag, _ in seen.elements} <= KNOWN_TAGS
    assert seen.open == []
    links = {attributes["href"] for _, attributes in seen.elements if "href" in attributes}
    assert all(found is not None and found.startswith(f"{PUBLIC}/") for found in links)
    assert not any(name.startswith("on") or name == "src" for _, attributes in seen.elements for name in attributes)


def test_nothing_is_loaded_from_outside() -> None:
    """A picture comes with the mail; opening it tells nobody that it was opened."""
    picture = Picture(content_id="picture@example.org", alt='United "fell"', width=440, height=200)
    mail = Mail(subject="s", dashboard="d", headline="h", blocks=(picture,))
    html = mail_html(mail)
    assert re.findall(r'(?:src|background)="([^"]+)"', html) == ["cid:picture@example.org"]
    assert "url(" not in html
    assert "@import" not in html
    (shown,) = [attributes for tag, attributes in Seen(html).elements if tag == "img"]
    assert shown["alt"] == 'United "fell"'


def test_every_block_has_its_form() -> None:
    """A block that is not written would be missing without a word."""
    blocks = (
        Paragraph(text="a paragraph"),
        Grid(title="a grid", columns=(), rows=(), more="and 3 more"),
        Bullets(title="a list", items=("an item",), more="and 2 more"),
        Button(label="a button", url="https://frames.example.org/u/x?a=1&b=2"),
        Frames(frames=(), compare_url="https://frames.example.org/diff"),
    )
    html = mail_html(Mail(subject="s", dashboard="d", headline="h", marks=("Test",), blocks=blocks, foot=("a foot",)))
    seen = Seen(html).text
    for said in ("a paragraph", "a grid", "and 3 more", "an item", "and 2 more", "a button", "Compare both", "Test"):
        assert said in seen
    assert "a=1&amp;b=2" in html
    assert "Unsubscribe" not in seen


def test_colour_says_nothing_that_words_do_not() -> None:
    """Every cell with a colour has an arrow or a word beside it."""
    html = mail_html(a_mail())
    for tone in ("up", "down"):
        cells = re.findall(rf'<td class="cell {tone} line"[^>]*>([^<]+)', html)
        assert cells
        assert all(re.search(r"[▲▼]|new|gone", cell) for cell in cells)


def test_it_is_made_for_light_and_dark_and_narrow_screens() -> None:
    """What a reader's program keeps of the sheet is enough for both."""
    html = mail_html(a_mail())
    assert "prefers-color-scheme:dark" in html
    assert "max-width:640px" in html
    assert "max-width:480px" in html
    assert 'name="color-scheme" content="light dark"' in html
