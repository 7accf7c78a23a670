"""Examination: what is broken decides, and a warning is none."""

from __future__ import annotations

from stillframe.model.examination import Examination, Observation


def finding(level: str = "ok") -> Observation:
    return Observation(check="file", level=level, message="a sentence")  # type: ignore[arg-type]  # because the parameter is one of the levels


def test_an_installation_with_warnings_is_healthy() -> None:
    """A warning says what may break; nothing that was promised is broken yet."""
    found = Examination.of([finding(), finding("warning")])
    assert found.healthy
    assert found.warnings == (finding("warning"),)
    assert not Examination.of([finding(), finding("broken")]).healthy


def test_the_json_counts_and_lists_everything() -> None:
    """A program reads the counts, a person the sentences."""
    found = Examination.of([finding(), finding("broken")]).as_dict()
    assert (found["healthy"], found["broken"], found["warnings"]) == (False, 1, 0)
    assert found["findings"][1] == {"check": "file", "level": "broken", "message": "a sentence"}
