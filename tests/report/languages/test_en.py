"""English."""

from __future__ import annotations

from stillframe.report.languages.en import ENGLISH, plural


def test_one_is_singular() -> None:
    """Nothing, fractions and many are plural."""
    assert [plural(number) for number in (0, 1, 2, 1.5, 21)] == ["other", "one", "other", "other", "other"]
    said = [ENGLISH.count("headline.others_moved", count) for count in (1, 2, 1200)]
    assert said == ["1 other moved", "2 others moved", "1,200 others moved"]
