"""A mail before it is written: one structure, from which its HTML and its text are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Tone: TypeAlias = Literal["plain", "strong", "muted", "up", "down", "bad"]
"""How a text looks; what it means is always in its words too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a grid; figures stand to the right."""

    title: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One cell: its text, how it looks, and a smaller second line."""

    text: str
    tone: Tone = "plain"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """
    A table with its caption.

    Shape   Every row has a cell for each column. `more` is said below it: how many entries are not shown.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Said, ...], ...]
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Some sentences."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A short list under a caption."""

    title: str
    items: tuple[str, ...]
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    An image that travels inside the mail.

    Shape   `content_id`: what the image's part is called. `alt`: what it says to who cannot see it.
    Units   Pixels.
    """

    content_id: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """
    One snapshot as evidence.

    Shape   `url`: None where this installation has no public address.
    """

    label: str
    name: str
    at: str
    content_hash: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """The snapshots that a mail speaks of, and where they are compared."""

    frames: tuple[Frame, ...]
    compare_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """An address to open, with what it does."""

    label: str
    url: str


Block: TypeAlias = Grid | Paragraph | Bullets | Picture | Frames | Button


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """
    Everything that a mail says.

    Shape   `dashboard`: what it is about. `marks`: words that stand before the headline, such as `Test`. `foot`: the
            small lines at its end. `stop_url`: where its reader can say that they want no more.
    """

    subject: str
    dashboard: str
    headline: str
    marks: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    foot: tuple[str, ...] = ()
    stop_url: str | None = None
