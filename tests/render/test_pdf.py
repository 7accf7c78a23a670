"""PDF: what a report holds is on its pages, the data is attached, and nothing from outside is markup or fails it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings

from stillframe.model.canonical import content_hash
from stillframe.render.typefaces import typefaces
from stillframe.report.export import Compared, attachment_of, compare_report, snapshot_report
from stillframe.report.export.document import Facts, Grid
from stillframe.report.languages import ENGLISH, LANGUAGES, RUSSIAN, Language
from tests.render.documents import attached, fonts, made, metadata, opened, text_of, words_by_page
from tests.report.export.frames import carriers, compared, comparisons, frame, health
from tests.report.pictures import picture, row

MARGIN = 51.0
"""Points: 18 mm."""
ALL = ("HA", "UA", "DL", "AS", "B6")
NASTY = (
    "#panic[x]", "*bold*", "_under_", "$x$", "@ref", "<label>", "= head", "- item", "\\u{41}", "#{1+1}", "`raw`", "//c",
    "/*c*/", "[a]", "https://a.example/b", "~", "---", "' \" ''", "&amp;", "%20", "\x1b[31m", "a\x00b",
    "\u202eevil", "\ufeffx",
)  # fmt: skip
TROUBLE = (
    "東京航空",
    "한국",
    "😀👩\u200d💻",
    "\U00020000",
    "e\u0301\u0302\u0303",
    "ｶﾞ",
    "नमस्ते",
    "\u0e01\u0e33",
    "שלום",
    "\U0010ffff",
)


@pytest.mark.needs("pdftotext")
def test_a_compare_report_says_what_changed() -> None:
    """The sentence, both ids, times and hashes, the moves and the values are on the pages."""
    pair = compared(carriers(*ALL, UA=0.6), carriers("HA", "DL", "AS", "B6", "UA", papers=15_661, UA=0.54))
    text = text_of(made(compare_report(pair, title="Carrier punctuality", language=ENGLISH)))
    assert "United fell from 2nd to 5th; 3 others moved; Papers up 4.2 % to 15,661" in text
    for view in (pair.a, pair.b):
        assert view.record.id in text
        assert ENGLISH.time(view.record.timestamp) in text
        assert view.record.content_hash[:32] in text
    assert "United on_time 0.6 0.54 -0.06 -10 %" in text
    assert "page 1 of 2" in text
    assert "page 2 of 2" in text


@pytest.mark.needs("pdftotext")
@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_pages_say_all_that_the_report_holds(language: Language) -> None:
    """Every fact and every cell, in every language."""
    pair = compared(health(88), health(71, critical=2))
    report = compare_report(pair, title="my-service", language=language)
    seen = re.sub(r"\s", "", text_of(made(report)))
    blocks = [block for section in report.sections for block in section.blocks]
    said = [said for block in blocks if isinstance(block, Grid) for cells in block.rows for said in cells]
    said += [said for block in blocks if isinstance(block, Facts) for _, said in block.rows]
    # A hash is broken over two lines beside another one.
    missing = [found.text for found in said if re.sub(r"\s", "", found.text)[:36] not in seen]
    assert missing == []


def test_the_payload_is_attached_and_has_its_hash() -> None:
    """Who holds the document holds the data, byte for byte."""
    pair = compared(carriers("HA", "UA"), carriers("UA", "HA"))
    files = [attachment_of(pair.a), attachment_of(pair.b)]
    document = made(compare_report(pair, title="Carriers", language=ENGLISH), *files)
    assert attached(document) == {file.name: file.content for file in files}
    assert [content_hash(content) for content in attached(document).values()] == [
        view.record.content_hash for view in (pair.a, pair.b)
    ]
    with opened(document) as pdf:
        for found in pdf.attachments.values():
            assert found.obj["/AFRelationship"] == "/Data"
            assert found.get_file().mime_type == "application/json"


def test_it_declares_pdf_a_3b_and_carries_what_that_asks_for() -> None:
    """The identification, a colour profile, every font inside, a language, a title, and no way to run anything."""
    pair = compared(carriers(*ALL), carriers(*reversed(ALL)))
    document = made(compare_report(pair, title="Carriers", language=RUSSIAN), attachment_of(pair.b))
    told = metadata(document)
    assert told["{http://www.aiim.org/pdfa/ns/id/}part"] == "3"
    assert told["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "B"
    found = list(fonts(document))
    assert found
    assert all(embedded for _, embedded in found)
    assert {name.partition("+")[2].partition("-")[0] for name, _ in found} <= {"Inter", "DejaVuSansMono"}
    with opened(document) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.Root["/AF"]) == 1
        (intent,) = pdf.Root["/OutputIntents"]
        assert intent["/S"] == "/GTS_PDFA1"
        assert "/DestOutputProfile" in intent
        assert str(pdf.Root["/Lang"]) == "ru"
        assert "/OpenAction" not in pdf.Root
        assert "/JavaScript" not in pdf.Root["/Names"]
        assert str(pdf.docinfo["/Title"]) == "Carriers – Отчёт о сравнении"
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261121090012")
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root[0].children][:2] == ["Кадры 1 и 2", "Свидетельство"]


def test_the_same_report_is_the_same_document() -> None:
    """Evidence that is exported twice is one piece of evidence."""
    pair = compared(carriers(*ALL), carriers(*reversed(ALL)))
    report = compare_report(pair, title="Carriers", language=ENGLISH)
    assert made(report, attachment_of(pair.b)) == made(report, attachment_of(pair.b))
    assert made(report) != made(compare_report(pair, title="Carriers!", language=ENGLISH))


@pytest.mark.needs("pdftotext")
def test_names_from_outside_are_never_markup() -> None:
    """What would be code in the typesetter's language reads as it is."""
    rows = [row(f"r{place}") | {"title": text} for place, text in enumerate(NASTY)]
    document = made(snapshot_report(frame(picture(rows)), title="#panic[title]", language=ENGLISH))
    text = text_of(document)
    for nasty in (
        "#panic[title]",
        "#panic[x]",
        "*bold*",
        "$x$",
        "@ref",
        "<label>",
        "#{1+1}",
        "`raw`",
        "/*c*/",
        "\\u{41}",
    ):
        assert nasty in text
    with opened(document) as pdf:
        assert not [page for page in pdf.pages if page.get("/Annots")]


@pytest.mark.needs("pdftotext")
def test_what_the_fonts_lack_is_shown_as_code_points_and_said() -> None:
    """No name fails an export, none vanishes, two stay two, and the attached data has them as they are."""
    rows = [row(f"r{place}") | {"title": text} for place, text in enumerate(TROUBLE)]
    view = frame(picture(rows))
    document = made(
        snapshot_report(view, title="東京", language=ENGLISH), attachment_of(view), fonts=typefaces(cjk=False)
    )
    text = text_of(document)
    assert "[U+6771 4EAC]" in text
    assert "[U+1F600 1F469 200D 1F4BB]" in text
    assert "signs that the fonts of this document lack are shown as their Unicode code points" in text
    assert "東京航空" in next(iter(attached(document).values())).decode()


@pytest.mark.needs("pdftotext")
def test_with_the_font_for_them_chinese_names_are_set() -> None:
    """Only what really has no glyph is replaced."""
    document = made(snapshot_report(frame(picture([row("HA") | {"title": "東京航空"}])), title="", language=ENGLISH))
    assert "東京航空" in text_of(document)
    assert "code point" not in text_of(document)


@pytest.mark.needs("pdftotext")
def test_names_in_charts_are_treated_alike() -> None:
    """A picture is no way around the fonts."""
    before = [row("a") | {"title": "東京"}, row("b") | {"title": "😀 b"}]
    pair = compared(picture(before), picture(before[::-1]))
    report = compare_report(pair, title="", language=ENGLISH)
    assert report.charts
    text = text_of(made(report, fonts=typefaces(cjk=False)))
    assert text.count("[U+6771 4EAC]") >= 3
    assert "[U+1F600] b" in text


def test_a_font_that_promised_too_much_costs_its_signs_and_not_the_document() -> None:
    """Shaping has the last word on what can be set; then only what is sure is."""
    everything = frozenset(range(0x110000))
    faces = typefaces(cjk=False)
    lying = replace(faces, characters=(everything, *faces.characters[1:]))
    assert made(snapshot_report(frame(picture([row("東京")])), title="Ω", language=RUSSIAN), fonts=lying)


@settings(max_examples=25, deadline=None)
@given(pair_and_title=comparisons())
def test_any_two_pictures_can_be_printed(pair_and_title: tuple[Compared, str]) -> None:
    """Whatever the data holds, there is a document."""
    pair, title = pair_and_title
    report = compare_report(pair, title=title, language=RUSSIAN)
    assert made(report, attachment_of(pair.a), attachment_of(pair.b), fonts=typefaces(cjk=False)).startswith(b"%PDF-")


@pytest.mark.needs("pdftotext")
def test_a_long_table_repeats_its_head_on_every_page() -> None:
    """A page out of its context still names its columns; how much is shown is said at the end."""
    rows = [row(f"r{place}") | {"title": f"row {place}", "flights_on_time": place} for place in range(300)]
    document = made(snapshot_report(frame(picture(rows)), title="Carriers", language=ENGLISH))
    with opened(document) as pdf:
        pages = len(pdf.pages)
    assert pages >= 3
    text = text_of(document)
    assert text.count("flights_on_time") == pages
    assert "the first 100 of 300 rows" in text
    assert "row 99" in text
    assert "row 100" not in text


@pytest.mark.needs("pdftotext")
@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_nothing_leaves_its_page_or_its_cell(language: Language) -> None:
    """A hash, a path or a name without a space is broken into lines, and no word lies on another."""
    long = "deadbeef" * 12
    wide = {f"a_rather_long_name_of_a_column_{place}": long[: 7 * place] for place in range(12)}
    rows = [{"id": f"r{place}", "path": "/".join(["folder"] * 16), **wide} for place in range(5)]
    report = snapshot_report(frame(picture(rows), reason=long), title=long, language=language)
    pair = compared(picture([row(long), row("x")]), picture([row("x", on_time=1e300), row(long, on_time=-1e300)]))
    for document in (made(report), made(compare_report(pair, title=long, language=language))):
        for width, words in words_by_page(document):
            assert all(word.left >= MARGIN - 1 and word.right <= width - MARGIN + 1 for word in words)
            overlaps = [(a.text, b.text) for a, b in combinations(words, 2) if a.lies_on(b)]
            assert overlaps == []
