"""Words of health: both languages say the same things, and every reason that a score can lack has its words."""

from __future__ import annotations

from stillframe.health.score import ABSENT_REASONS
from stillframe.report.languages.health_words import ENGLISH_HEALTH, RUSSIAN_HEALTH


def test_both_languages_have_the_same_keys_and_none_is_empty() -> None:
    """What one reader is told the other is told too."""
    assert ENGLISH_HEALTH.keys() == RUSSIAN_HEALTH.keys()
    assert all(ENGLISH_HEALTH.values())
    assert not set(ENGLISH_HEALTH.values()) & set(RUSSIAN_HEALTH.values())


def test_every_reason_for_a_missing_part_has_words() -> None:
    """A code on a page for people would be a riddle."""
    assert {f"reason.{code}" for code in ABSENT_REASONS.values()} <= ENGLISH_HEALTH.keys()
