"""The text of a mail says what its HTML says, in lines that fit."""

from __future__ import annotations

from hypothesis import given

from stillframe.model.diff import Diff
from stillframe.report.mail import mail_html, mail_text
from stillframe.report.mail.document import Bullets, Button, Column, Frame, Frames, Grid, Mail, Paragraph, Picture, Said
from stillframe.report.mail.text import WIDTH
from tests.report.mail.mails import Seen, a_mail, a_message
from tests.report.pictures import diffs


def test_it_reads_from_the_headline_to_the_way_out() -> None:
    """Who reads mail as text misses nothing but the picture, and of that its words are there."""
    text = mail_text(a_mail())
    places = [
        text.index(said)
        for said in ("Carrier punctuality", "JetBlue", "Why you are told", "Ranks", "Values", "Evidence", "\n-- \n")
    ]
    assert places == sorted(places)
    assert text.endswith("Unsubscribe: https://frames.example.org/u/stop\n")


@given(diff=diffs())
def test_both_forms_say_the_same(diff: Diff) -> None:
    """One structure, two forms: every word of the text is in the HTML."""
    mail = a_mail(a_message(diff, rule={"any_change": True}))
    html = "".join(Seen(mail_html(mail)).text.split())
    for block in mail.blocks:
        if isinstance(block, Grid):
            for row in block.rows:
                for said in row:
                    assert "".join(said.text.split()) in html
    assert all("\x1b" not in line and "\r" not in line for line in mail_text(mail).splitlines())


def test_columns_stand_below_their_heads() -> None:
    """Figures to the right, names to the left; a name too long for its column goes on in the next line."""
    grid = Grid(
        title="Values",
        columns=(Column(title="Row"), Column(title="Old", right=True)),
        rows=(
            (Said("United Airlines of the whole wide world and beyond"), Said("1")),
            (Said("Alaska", "strong", "on_time"), Said("22")),
        ),
    )
    lines = mail_text(Mail(subject="s", dashboard="d", headline="h", blocks=(grid,))).splitlines()
    begin = lines.index("------")
    assert lines[begin + 1 : begin + 5] == [
        "Row                             Old",
        "United Airlines of the whole      1",
        "wide world and beyond",
        "Alaska (on_time)                 22",
    ]


def test_words_wrap_and_addresses_stay_whole() -> None:
    """A link that is cut leads nowhere."""
    url = "https://frames.example.org/u/" + "x" * 120
    frame = Frame(label="After", name="frame 2 (id)", at="now UTC", content_hash="f" * 64, url=url)
    blocks = (
        Paragraph(text="word " * 40),
        Bullets(title="Added", items=("entry " * 30,), more="and 2 more"),
        Button(label="Open", url=url),
        Picture(content_id="c", alt="United 2 → 5", width=1, height=1),
        Frames(frames=(frame,), compare_url=url),
    )
    text = mail_text(Mail(subject="s", dashboard="d", headline="h", blocks=blocks, stop_url=url))
    assert all(len(line) <= WIDTH for line in text.splitlines() if url not in line)
    assert text.count(url) == 4
    assert "Picture: United 2 → 5" in text
    assert "- entry" in text
