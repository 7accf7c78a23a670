"""One address has one spelling, and what could be two addresses or a header is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.notify.mail_address import mail_address, sender_address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ana@example.org", "ana@example.org"),
        ("Ana.B+frames@EXAMPLE.org", "Ana.B+frames@example.org"),
        ("ana@Bücher.example", "ana@xn--bcher-kva.example"),
        ("größe@example.org", "größe@example.org"),
        ("用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d"),
        ("root@localhost", "root@localhost"),
        ("o'neil_{x}@example.org", "o'neil_{x}@example.org"),
    ],
)
def test_an_address_is_kept_in_its_one_spelling(typed: str, kept: str) -> None:
    """The part before the @ is the other side's own; the domain is the same however it is written."""
    assert mail_address(typed) == kept
    assert mail_address(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "ana", "ana@", "@example.org", "a@b@example.org", "a b@example.org", "ana@exa mple.org",
        "ana@example.org, bob@example.org", "ana@example.org\nBcc: bob@example.org", "ana@example.org\r",
        "ana\x00@example.org", "<ana@example.org>", "Ana <ana@example.org>", '"a b"@example.org',
        "a(comment)@example.org", ".a@example.org", "a.@example.org", "a..b@example.org", "ana@[127.0.0.1]",
        "ana@example..org", "ana@-example.org", "ana@example.org.", "a" * 65 + "@example.org",
        "ana@" + "a." * 130 + "org", "a\u2028b@example.org", "a\ud800@example.org", "a;b@example.org",
        "=?utf-8?q?b=0D=0A=0D=0ABuy?=@example.org",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(typed: str) -> None:
    """Lists, names, comments, line breaks, literals: each could lead somewhere else than its reader thinks."""
    with pytest.raises(ValueError, match=r"this is not one mail address"):
        mail_address(typed)


@given(st.text(max_size=40))
def test_any_text_is_an_address_without_blanks_or_is_refused(text: str) -> None:
    """Nothing that is kept can end a header or begin another address."""
    try:
        found = mail_address(text)
    except ValueError:
        return
    assert found.count("@") == 1
    assert not any(letter.isspace() or letter in '<>(),;:\\"[]' for letter in found)


def test_a_sender_may_have_a_name() -> None:
    """The name is for people, the address for servers."""
    assert sender_address("Frames für alle <Frames@EXAMPLE.org>") == ("Frames für alle", "Frames@example.org")
    assert sender_address("frames@example.org") == ("", "frames@example.org")
    for wrong in ("", "Frames", "Frames <>", "größe@example.org"):
        with pytest.raises(ValueError, match=r"address"):
            sender_address(wrong)
