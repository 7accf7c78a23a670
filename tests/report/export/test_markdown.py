"""Reports as Markdown: an independent reader sees the headings and tables that we wrote, and nothing else."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from stillframe.model.discussion import mentions_in
from stillframe.report.export import Compared, Report, compare_report, markdown, snapshot_report
from stillframe.report.export.document import Grid
from stillframe.report.languages import ENGLISH, LANGUAGES
from tests.report.export.frames import carriers, compared, comparisons, frame
from tests.report.export.reading import texts
from tests.report.pictures import picture, row

READER = MarkdownIt("gfm-like", {"linkify": False, "html": True})
OURS = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "table_open", "table_close",
    "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open",
    "td_close", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "blockquote_open",
    "blockquote_close", "hr",
}  # fmt: skip
OURS_INLINE = {"text", "strong_open", "strong_close", "em_open", "em_close", "softbreak"}


def tokens(document: str) -> list[Token]:
    return READER.parse(document)


def shown(token: Token) -> str:
    return "".join(child.content for child in token.children or () if child.type in ("text", "text_special"))


def check(report: Report) -> None:
    found = tokens(markdown(report))
    assert {token.type for token in found} <= OURS
    for token in found:
        kinds = {child.type for child in token.children or ()}
        assert kinds <= OURS_INLINE | {"text_special"}
        assert not {"link_open", "image", "html_inline", "code_inline"} & kinds
    grids = [block for section in report.sections for block in section.blocks if isinstance(block, Grid)]
    assert sum(token.type == "table_open" for token in found) == len(grids)
    headings = [shown(after) for token, after in pairwise(found) if token.type == "heading_open"]
    assert headings == [report.title, *(section.title for section in report.sections)]
    cells = [shown(after) for token, after in pairwise(found) if token.type == "td_open"]
    assert cells == [said.text for grid in grids for cells in grid.rows for said in cells]


@given(made=comparisons())
def test_nothing_from_outside_becomes_markup(made: tuple[Compared, str]) -> None:
    """Names and cells cannot format, link, embed, mention, or break out of their cell: they read as they are."""
    pair, title = made
    for language in LANGUAGES.values():
        for report in (
            compare_report(pair, title=title, language=language),
            snapshot_report(pair.b, title=title, language=language),
        ):
            check(report)
            assert mentions_in(markdown(report)) == ()


def test_bars_and_line_feeds_stay_in_their_cell() -> None:
    """A bar is the one sign that ends a cell, and a backslash before it does not help."""
    for nasty in ("a|b", "a\\|b", "\\", "`|`", "x\ny | z", "| --- |", "[a](http://b)|", "<!--", "$x$", "~~a~~"):
        report = snapshot_report(frame(picture([row("HA") | {"title": nasty}])), title=nasty, language=ENGLISH)
        check(report)
        # GFM undoes `\\|` before it reads the cell, and not every reader of it counts the backslashes before.
        assert "\\|" not in markdown(report)


def test_our_own_colons_are_not_escaped() -> None:
    """Times and labels read well as they stand, too; addresses and the short names of emoji do not work."""
    pair = compared(carriers("HA"), carriers("UA"))
    made = markdown(compare_report(pair, title="see http://a.b or :smile: or :100: at 10:30", language=ENGLISH))
    assert "- Before: frame 1, 21 Nov 2026, 08:00:12.345 UTC" in made
    assert made.splitlines()[0] == "# see http\\://a.b or \\:smile: or \\:100: at 10:30"


def test_markdown_says_everything_that_the_report_holds() -> None:
    """The two formats for people are made of the same parts."""
    pair = compared(carriers("HA", "UA", "DL"), carriers("DL", "HA", papers=15_661))
    report = compare_report(pair, title="Carriers", language=ENGLISH)
    seen = " ".join(shown(token) for token in tokens(markdown(report)))
    missing = [text for text in texts(report) if text and re.sub(r"\s+", " ", text) not in seen]
    assert missing == []
