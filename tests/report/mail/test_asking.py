"""The mail that asks says what would be sent, and that nothing is until somebody agrees."""

from __future__ import annotations

from stillframe.report.mail import asking_mail, mail_html, mail_text
from stillframe.report.mail.document import Button
from tests.report.mail.mails import PUBLIC, Seen, a_message


def test_it_asks_and_tells_nothing_of_the_data() -> None:
    """Whoever reads it has not agreed yet, and may be a stranger."""
    mail = asking_mail(a_message(kind="confirm", dashboard_title="Carrier <b>punctuality</b>"), url=f"{PUBLIC}/u/abc")
    assert mail.subject == "Confirm that you want to be told of changes"
    text, html = mail_text(mail), mail_html(mail)
    assert f"Yes, send them to me: {PUBLIC}/u/abc" in text
    assert "Nothing is sent before you agree" in " ".join(text.split())
    assert "seven days" in text
    for said in ("United", "15,025", "SHA-256"):
        assert said not in text + html
    assert ("a", f"{PUBLIC}/u/abc") in [(tag, found.get("href")) for tag, found in Seen(html).elements]
    assert mail.stop_url is None


def test_without_a_public_address_it_says_which_path_to_open() -> None:
    """A link to nowhere would be worse than a sentence."""
    mail = asking_mail(a_message(kind="confirm"), url="/u/abc")
    assert not [block for block in mail.blocks if isinstance(block, Button)]
    assert "/u/abc" in mail_text(mail)
