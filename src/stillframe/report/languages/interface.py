"""What every language gives: its texts, its plural forms, and how it writes ordinals, numbers and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from stillframe.model.payload import Cell, Number
from stillframe.report.figures import figure, figures_apart, is_number, name, percent

PluralCategory: TypeAlias = Literal["one", "few", "many", "other"]
Forms: TypeAlias = Mapping[PluralCategory, str]

_MINUS = "-"
_SMALLEST = "less than "
"""How `figures.percent` opens when a share is too small to print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """
    One language that reports are written in.

    Shape   `texts`: what is said, by key, with `{placeholders}` for what is filled in. `counted`: what is said of a
            number of things, by key: one form for each plural category, with `{n}` for the number. `names`: what
            dimensions and other ids that Stillframe itself gives are called, measures as `.MEASURE`. `plural`: the
            category of a number. `months`: twelve, as they stand in a date; `short_months`: as on an axis.
    Source  CLDR 47, plural rules and number symbols; the keys are those of `en.py`, a test holds them together.
    """

    code: str
    """BCP 47."""
    own_name: str
    texts: Mapping[str, str]
    counted: Mapping[str, Forms]
    names: Mapping[str, str]
    categories: tuple[PluralCategory, ...]
    plural: Callable[[Number], PluralCategory]
    ordinal: Callable[[int], str]
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    date: str
    """With `{day}`, `{month}` and `{year}`."""
    decimal_mark: str
    group_mark: str

    def say(self, key: str, **values: str) -> str:
        """Return a text with its placeholders filled."""
        return self.texts[key].format(**values)

    def count(self, key: str, n: int, **values: str) -> str:
        """Return what is said of `n` things, in the form that the number asks for."""
        return self.counted[key][self.plural(n)].format(n=self.whole(n), **values)

    def known(self, family: str, word: str) -> str:
        """Return a word of ours, such as a state, in this language; a word that nobody knows stays as it is."""
        return self.texts.get(f"{family}.{word}", word)

    def whole(self, number: int) -> str:
        """Return a whole number with its groups marked."""
        return self.written(f"{number:,}")

    def figure(self, number: Number) -> str:
        return self.written(figure(number))

    def figures_apart(self, old: Number, new: Number) -> tuple[str, str]:
        """Return two numbers rounded alike, with digits enough that numbers which differ also look different."""
        texts = figures_apart(old, new)
        return self.written(texts[0]), self.written(texts[1])

    def percent(self, fraction: float) -> str:
        """Return the size of a relative change, without its sign."""
        text = percent(fraction)
        if text.startswith(_SMALLEST):
            return self.say("figure.less_than", share=self.written(text.removeprefix(_SMALLEST)))
        return self.written(text)

    def signed(self, number: Number) -> str:
        return f"+{self.figure(number)}" if number > 0 else self.figure(number)

    def signed_percent(self, fraction: float) -> str:
        """Return a relative change with its sign."""
        sign = "+" if fraction > 0 else _MINUS if fraction < 0 else ""
        return f"{sign}{self.percent(fraction)}"

    def name(self, text: str, *, most: int) -> str:
        """Return text from outside on one line of at most `most` characters."""
        return name(text, most=most, unnamed=self.texts["figure.unnamed"])

    def cell(self, value: Cell, *, most: int) -> str:
        """Return one cell as text of at most `most` characters."""
        if value is None:
            return self.texts["figure.nothing"]
        if isinstance(value, bool):
            return self.texts["figure.true" if value else "figure.false"]
        return self.name(value, most=most) if isinstance(value, str) else self.figure(value)

    def cells_apart(self, old: Cell, new: Cell, *, most: int) -> tuple[str, str]:
        """Return two cells as texts: numbers rounded alike, text cut."""
        if is_number(old) and is_number(new):
            return self.figures_apart(old, new)
        return self.cell(old, most=most), self.cell(new, most=most)

    def time(self, time: datetime) -> str:
        """Return a time in UTC, to the second or, where it has them, to the millisecond, with its zone."""
        utc = time.astimezone(UTC)
        date = self.date.format(day=utc.day, month=self.months[utc.month - 1], year=utc.year)
        fraction = f"{self.decimal_mark}{utc.microsecond // 1000:03}" if utc.microsecond >= 1000 else ""
        return f"{date}, {utc:%H:%M:%S}{fraction} UTC"

    def label(self, identifier: str, *, most: int) -> str:
        """
        Return the id of a panel, a dimension or a measure as words that can open a sentence.

        Shape   `SUMMARY.MEASURE`: the summary's name, then the measure's.
        """
        first, dot, measure = identifier.partition(".")
        words = self.names.get(first, first.replace("_", " "))
        if dot:
            words = f"{words} {self.names.get(dot + measure, measure.replace('_', ' '))}"
        words = self.name(words, most=most)
        return words[:1].upper() + words[1:]

    def written(self, text: str) -> str:
        """Return figures that are written in English with this language's marks."""
        return text.translate({ord(","): self.group_mark, ord("."): self.decimal_mark})
