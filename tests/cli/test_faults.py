"""A command that failed says so in one clear message, with the right exit code and no traceback."""

from __future__ import annotations

import pytest

from stillframe.cli.faults import exit_code_of, explain, lines_of
from stillframe.errors import (
    CaptureRefused,
    ConfigurationError,
    Conflict,
    Fault,
    Forbidden,
    InvalidInput,
    InvalidRule,
    NotFound,
    SourceFailed,
    StillframeError,
    StoreFull,
    StoreMissing,
)
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput(), 2),
        (InvalidRule(), 2),
        (CaptureRefused(), 2),
        (ConfigurationError(), 2),
        (NotFound(), 1),
        (Forbidden(), 1),
        (Conflict(), 1),
        (SourceFailed(), 1),
        (StoreFull(), 1),
        (StoreMissing(), 1),
        (ValueError("not ours"), 1),
    ],
)
def test_wrong_input_is_told_from_what_could_not_be_done(error: Exception, code: int) -> None:
    """A script may mend the one and try the other again."""
    assert exit_code_of(error) == code


def test_each_place_that_is_wrong_has_its_line() -> None:
    """Two faults are mended in one go."""
    faults = [Fault(path="$.a", message="first"), Fault(path="$.b", message="second")]
    lines = list(lines_of(InvalidInput(faults=faults)))
    assert lines == ["stillframe: Invalid input", "  $.a: first", "  $.b: second"]


@pytest.mark.parametrize("error", [CaptureRefused(attempt_id="a-1"), SourceFailed(attempt_id="a-1")])
def test_a_recorded_attempt_is_named(error: StillframeError) -> None:
    """Whoever looks into it later knows which one."""
    assert "a-1" in list(lines_of(error))[-1]


def test_an_error_of_ours_never_carries_an_escape_to_the_terminal() -> None:
    """A message may quote what somebody else wrote."""
    assert list(lines_of(NotFound("no \x1b[2Juser"))) == ["stillframe: no  [2Juser"]


def test_a_defect_is_named_and_its_traceback_waits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person gets a sentence and what to do; who debugs gets everything."""
    defect = raised(ZeroDivisionError("by zero"))
    assert explain(defect) == 1
    calm = capsys.readouterr().err
    assert "ZeroDivisionError: by zero" in calm
    assert "report it" in calm
    assert "Traceback" not in calm
    monkeypatch.setenv("STILLFRAME_DEBUG", "1")
    explain(defect)
    assert "Traceback" in capsys.readouterr().err


def raised(error: Exception) -> Exception:
    """The error as it is after it was raised, with its traceback."""
    try:
        raise error
    except type(error) as same:
        return same


def test_a_word_that_is_no_text_is_named_as_such(run: Run) -> None:
    """A branch may be called so; the command could neither ask nor keep it."""
    run("group", "create", "team-a")
    run("project", "create", "x", "--group", "team-a")
    refused = run("release", "check", "--project", "x", "--source-ref", "feature-\udcff", code=3)
    assert "not UTF-8" in refused.err
    assert "should not have happened" not in refused.err
