"""The how-to for mail: followed as it stands with a real mail server, and its tables say what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from stillframe.config.sections import SmtpSettings
from stillframe.flows.confirming import ASKED_MOST, CONFIRM_WITHIN
from stillframe.notify.mail import Security
from stillframe.rules.retry import RETRY_DELAYS_SECONDS
from tests.docs.documents import table_of
from tests.docs.following import follow
from tests.post_office import HOST, PASSWORD, USER, Mailbox, new_certificate

PAGE = Path("docs", "howto", "send-mail.md")
GIVEN = 'export STILLFRAME_SMTP__PASSWORD="the password"'


def test_the_page_can_be_followed(repository: Path, tmp_path: Path) -> None:
    """From a server's name to a mail that arrived, encrypted, signed in, with a certificate of one's own."""
    certificate = new_certificate(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    with Mailbox(security="starttls", certificate=certificate, sign_in=True) as mailbox:
        steps = follow(
            repository / PAGE,
            repository=repository,
            home=home,
            instead={
                "smtp.example.org": HOST,
                "587": str(mailbox.port),
                '"frames"': f'"{USER}"',
                GIVEN: f'export STILLFRAME_SMTP__PASSWORD="{PASSWORD}" SSL_CERT_FILE="{certificate.path}"',
            },
        )
        (mail,) = mailbox.arrived
    assert (mail.encrypted, mail.user, mail.recipients) == (True, USER, ("ana@example.org",))
    assert mail.message["Subject"].startswith("Best sellers: Ben rose from 2nd to 1st")
    assert mail.message["From"] == "Stillframe <frames@example.org>"
    assert "sent" in steps[-1].printed


def test_the_headers_of_the_page_are_those_of_a_mail(repository: Path) -> None:
    """Who filters by a header finds it."""
    named = [word for row in table_of(repository / PAGE, heading="Header") for word in row[0].split("`")[1::2]]
    source = (repository / "src" / "stillframe" / "notify" / "mail_message.py").read_text(encoding="utf8")
    assert [header for header in named if f'"{header}"' not in source] == []


def test_the_words_and_figures_of_the_page_are_those_of_the_code(repository: Path) -> None:
    """A setting that is misspelt on the page stops the start of whoever copies it."""
    page = (repository / PAGE).read_text(encoding="utf8")
    said = {row[0].strip("`") for row in table_of(repository / PAGE, heading="`security`")}
    assert said == set(get_args(Security)) == set(get_args(SmtpSettings.model_fields["security"].annotation))
    assert CONFIRM_WITHIN.days == 7
    assert "good for seven days" in page
    assert ASKED_MOST == 3
    assert "asked three times a day" in page
    assert f"{len(RETRY_DELAYS_SECONDS)} times in about 5 days" in page
