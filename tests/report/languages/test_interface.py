"""Languages: each says everything that English says, in every plural form that it has, with the same placeholders."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given

from stillframe.errors import InvalidInput
from stillframe.report import figures
from stillframe.report.languages import ENGLISH, LANGUAGES, RUSSIAN, Language, language
from stillframe.report.phrases import label
from tests.report.pictures import NUMBERS, TEXTS

OTHERS = [found for found in LANGUAGES.values() if found is not ENGLISH]
every = pytest.mark.parametrize("told", LANGUAGES.values(), ids=LANGUAGES)
others = pytest.mark.parametrize("told", OTHERS, ids=[found.code for found in OTHERS])


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@others
def test_a_language_has_every_text_and_no_other(told: Language) -> None:
    """What one language cannot say would be a hole in a reader's document."""
    assert told.texts.keys() == ENGLISH.texts.keys()
    assert told.counted.keys() == ENGLISH.counted.keys()
    assert told.names.keys() == ENGLISH.names.keys()


@others
def test_the_same_is_filled_into_a_text_in_every_language(told: Language) -> None:
    """A number that one language leaves out is news that its readers do not get."""
    differing = {key for key, text in told.texts.items() if placeholders(text) != placeholders(ENGLISH.texts[key])}
    assert differing == set()


@every
def test_what_is_counted_has_each_plural_form_that_the_language_has(told: Language) -> None:
    """A missing form fails only on the number that asks for it; here it fails at once."""
    assert {key for key, forms in told.counted.items() if set(forms) != set(told.categories)} == set()
    fills = {key: placeholders(forms["other"]) for key, forms in ENGLISH.counted.items()}
    differing = {
        (key, category)
        for key, forms in told.counted.items()
        for category, text in forms.items()
        if placeholders(text) != fills[key]
    }
    assert differing == set()


@every
@given(number=NUMBERS)
def test_every_number_has_one_of_the_languages_forms(told: Language, number: float) -> None:
    """Counting never ends in a KeyError."""
    assert told.plural(number) in told.categories


@every
def test_a_language_names_itself_and_its_twelve_months(told: Language) -> None:
    """A date is never written with another language's month."""
    assert LANGUAGES[told.code] is told
    assert told.own_name
    assert len(set(told.months)) == 12


def test_no_text_is_kept_that_nobody_says(repository: Path) -> None:
    """A translator's work is not spent on sentences that went."""
    sources = [
        path.read_text(encoding="utf8")
        for path in (repository / "src" / "stillframe").rglob("*.py")
        if path.parent.name != "languages" or path.name == "interface.py"
    ]
    words = set(re.findall(r'"([^"\n]+)"', "\n".join(sources)))
    unsaid = [
        key
        for key in [*ENGLISH.texts, *ENGLISH.counted]
        if key not in words and not key.startswith("reason.") and key.partition(".")[2] not in words | _IN_F_STRINGS
    ]
    assert unsaid == []


_IN_F_STRINGS = {"up", "down", "up_from", "down_from", "changed", "new", "gone"}


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    """Whoever asks for a language that nobody wrote is told which there are."""
    with pytest.raises(InvalidInput) as refused:
        language("xx")
    (fault,) = refused.value.faults
    assert fault.path == "$.language"
    assert "en, ru" in fault.message


@given(number=NUMBERS)
def test_english_writes_numbers_as_everything_else_does(number: float) -> None:
    """A report and a notice of the same change show the same digits."""
    assert ENGLISH.figure(number) == figures.figure(number)
    assert ENGLISH.signed(number) == figures.signed(number)
    assert ENGLISH.percent(number) == figures.percent(number)


@given(old=NUMBERS, new=NUMBERS)
def test_numbers_that_differ_look_different_in_every_language(old: float, new: float) -> None:
    """Marks of groups and of decimals never fall together."""
    for told in LANGUAGES.values():
        texts = told.figures_apart(old, new)
        assert (texts[0] == texts[1]) is (old == new)


def test_numbers_take_the_marks_of_their_language() -> None:
    """Russian groups with a narrow space that does not break, and has a decimal comma."""
    assert RUSSIAN.figure(15_661) == "15\u202f661"
    assert RUSSIAN.figure(0.54) == "0,54"
    assert RUSSIAN.percent(0.0423) == "4,2 %"
    assert RUSSIAN.percent(0.00000001) == "менее 0,01 %"
    assert RUSSIAN.signed_percent(-0.1) == "-10 %"
    assert ENGLISH.percent(0.00000001) == "less than 0.01 %"


def test_a_time_names_its_zone_and_keeps_what_was_measured() -> None:
    """Two captures of one second are told apart, and nobody guesses whose clock it was."""
    moment = datetime(2026, 11, 21, 8, 0, 12, 345_000, timezone(timedelta(hours=1)))
    assert ENGLISH.time(moment) == "21 Nov 2026, 07:00:12.345 UTC"
    assert RUSSIAN.time(moment) == "21 ноября 2026 г., 07:00:12,345 UTC"
    assert ENGLISH.time(moment.replace(microsecond=0)) == "21 Nov 2026, 07:00:12 UTC"


def test_what_is_absent_is_said_in_the_readers_language() -> None:
    """`none` is a word too."""
    assert [ENGLISH.cell(value, most=9) for value in (None, True, " ")] == ["none", "true", "(no name)"]
    assert [RUSSIAN.cell(value, most=11) for value in (None, True, " ")] == ["нет", "истина", "(без имени)"]


def test_our_own_names_are_translated_and_others_kept() -> None:
    """A dimension has a name in every language; what a dashboard calls its metric is the dashboard's."""
    assert label("sca.critical_findings", language=RUSSIAN) == "SCA critical findings"
    assert label("health", language=RUSSIAN) == "Здоровье"
    assert label("open_papers", language=RUSSIAN) == label("open_papers") == "Open papers"


@given(text=TEXTS)
def test_what_is_filled_in_is_never_read_as_a_placeholder(text: str) -> None:
    """A row may be called `{new}`."""
    assert ENGLISH.say("rank.new", who="{new}" + text, new="2nd").startswith("{new}" + text)
