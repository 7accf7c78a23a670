"""The keys of each section, and what no key may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.config import load_settings
from stillframe.errors import ConfigurationError
from tests.config.files import write


def test_a_compliance_policy_is_checked_before_anything_is_scored_by_it(home: Path) -> None:
    """A weight is 0 or more and finite; a least score is one that a check can have; names are the checks' own."""
    write(home, '[compliance]\ndenied_licences = ["GPL-3.0-only"]\n[compliance.weights]\nBranch-Protection = 2\n')
    settings = load_settings()
    assert settings.compliance.denied_licences == ("GPL-3.0-only",)
    assert (settings.compliance.weights, settings.compliance.scorecard_minimum) == ({"Branch-Protection": 2.0}, 5.0)
    for text, words in (
        ("[compliance]\nscorecard_minimum = 11\n", "compliance.scorecard_minimum"),
        ("[compliance]\nlicence_weight = inf\n", "compliance.licence_weight"),
        ("[compliance.weights]\nFuzzing = nan\n", "compliance.weights.Fuzzing"),
        ("[compliance]\ndenied_licenses = []\n", "did you mean 'denied_licences'"),
        ("[score]\nstale_after_days = 0\n", "score.stale_after_days"),
    ):
        write(home, text)
        with pytest.raises(ConfigurationError, match=words):
            load_settings()
