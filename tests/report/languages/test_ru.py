"""Russian."""

from __future__ import annotations

import pytest

from stillframe.diff import compute_diff
from stillframe.report.languages.ru import RUSSIAN, ordinal, plural
from stillframe.report.words import headline
from tests.report.pictures import CARRIERS, picture, ranked

ALL = ("HA", "UA", "DL", "AS", "B6")


@pytest.mark.parametrize(
    ("category", "numbers"),
    [
        ("one", (1, 21, 31, 101, 1001)),
        ("few", (2, 3, 4, 22, 34, 102)),
        ("many", (0, 5, 11, 12, 13, 14, 19, 20, 25, 100, 111, 112, 1011)),
        ("other", (0.5, 1.5, 10.1)),
    ],
)
def test_plural_categories_are_those_of_the_cldr(category: str, numbers: tuple[float, ...]) -> None:
    """The samples of the CLDR's own table."""
    assert {plural(number) for number in numbers} == {category}


def test_a_count_takes_the_form_of_its_number() -> None:
    """Eleven is not one, and twenty-two is few."""
    said = [RUSSIAN.count("headline.others_moved", count) for count in (1, 3, 11, 22)]
    assert said == [
        "сдвинулась ещё 1 строка",
        "сдвинулись ещё 3 строки",
        "сдвинулось ещё 11 строк",
        "сдвинулись ещё 22 строки",
    ]


def test_ordinals_agree_with_the_word_for_place() -> None:
    """`место` is neuter."""
    assert [ordinal(rank) for rank in (1, 3, 1234)] == ["1-е", "3-е", "1\u202f234-е"]


def test_a_headline_is_said_in_russian() -> None:
    """The sentence at the top of a report is in its reader's language; names stay as they are."""
    diff = compute_diff(ranked(*ALL), ranked("HA", "DL", "AS", "B6", "UA"))
    said = headline(diff, titles=CARRIERS, language=RUSSIAN)
    assert said == "United: спуск, место 2-е → 5-е; сдвинулись ещё 3 строки"
    diff = compute_diff(picture(papers=15_025), picture(papers=15_661))
    assert headline(diff, language=RUSSIAN) == "Papers: рост на 4,2 %, до 15\u202f661"
    assert headline(compute_diff(ranked(*ALL), ranked(*ALL)), language=RUSSIAN) == "Изменений нет"
