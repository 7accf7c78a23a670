"""A mail is one frozen structure, whatever is made of it later."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from stillframe.report.mail import document
from stillframe.report.mail.document import Block, Mail, Paragraph


def test_a_mail_is_not_changed_after_it_was_composed() -> None:
    """The HTML and the text are made at different moments, and must say the same."""
    mail = Mail(subject="s", dashboard="d", headline="h", blocks=(Paragraph(text="p"),))
    with pytest.raises(dataclasses.FrozenInstanceError):
        mail.headline = "another"  # type: ignore[misc]  # because the test does what the type forbids
    assert mail == Mail(subject="s", dashboard="d", headline="h", blocks=(Paragraph(text="p"),))


def test_every_kind_of_block_is_a_value_of_this_module() -> None:
    """Both writers match the same closed union."""
    assert {found.__name__ for found in get_args(Block)} == {
        "Grid",
        "Paragraph",
        "Bullets",
        "Picture",
        "Frames",
        "Button",
    }
    assert all(dataclasses.is_dataclass(getattr(document, found.__name__)) for found in get_args(Block))
