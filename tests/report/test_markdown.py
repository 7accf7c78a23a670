"""Text from outside in Markdown: it shows as it is and does nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from stillframe.model.discussion import mentions_in
from stillframe.report.figures import name
from stillframe.report.markdown import escaped, in_cell, link
from tests.report.pictures import TEXTS

RENDERER = MarkdownIt("gfm-like", {"linkify": False})
MOST = 80


def shown(html: str) -> str:
    """What a reader sees of rendered text without tags."""
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        html = html.replace(entity, sign)
    return html


@given(text=TEXTS)
def test_escaped_text_renders_as_itself(text: str) -> None:
    """A reader sees the name that the data holds, letter for letter, and no tag but the paragraph's."""
    html = RENDERER.render(f"row {escaped(text, most=MOST)}.")
    assert re.fullmatch(r"<p>[^<]*</p>\n", html)
    assert shown(html[3:-5]) == f"row {name(text, most=MOST)}."


@given(text=TEXTS)
def test_escaped_text_mentions_nobody(text: str) -> None:
    """A row cannot page a persona by its name."""
    assert mentions_in(f"see {escaped(text, most=MOST)}") == ()


@given(text=TEXTS)
def test_escaped_text_stays_on_its_line(text: str) -> None:
    """A cell cannot open a paragraph, a list or a heading of its own."""
    assert len(escaped(text, most=MOST).splitlines()) == 1


@given(text=TEXTS.filter(bool))
def test_text_in_a_cell_opens_no_other_cell(text: str) -> None:
    """A bar is a sign like any other, whatever stands before it."""
    html = RENDERER.render(f"| a | b |\n| --- | --- |\n| {in_cell(text, most=MOST)} | last |\n")
    cells = re.findall(r"<td>([^<]*)</td>", html)
    assert [shown(cell) for cell in cells] == [name(text, most=MOST), "last"]


@pytest.mark.parametrize("text", ["http://a.b", "https://a.b/c", "www.a.b", "WWW.a.b"])
def test_an_address_in_a_cell_is_not_made_a_link(text: str) -> None:
    """GFM links bare addresses; one that came with the data is not ours to offer."""
    assert text not in escaped(text, most=MOST)


def test_a_link_ends_where_its_address_ends() -> None:
    """Parentheses and spaces in an address cannot close the link early, nor can an @ in it mention."""
    made = link("frame 1", "https://frames.example/a)b c?to=@ops-lead&x=<é>")
    assert made == "[frame 1](https://frames.example/a%29b%20c?to=%40ops-lead&x=%3C%C3%A9%3E)"
    assert mentions_in(made) == ()
