"""Problem documents: read back they are the errors that were raised, whatever stands in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe import errors
from stillframe.api.problems import refusal
from stillframe.cli.faults import exit_code_of, lines_of
from stillframe.cli.problems import MEDIA_TYPE, error_in
from stillframe.errors import CaptureRefused, Fault, InvalidInput, SourceFailed, StillframeError, StoreError

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StillframeError)]


def read_back(error: StillframeError) -> StillframeError:
    """What a client makes of the server's answer to an error."""
    answer = refusal(error, request_id="r-1")
    found = error_in(bytes(answer.body), status=answer.status_code, media_type=answer.media_type or "")
    assert found is not None
    return found


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_comes_back_as_what_it_was(kind: type[StillframeError]) -> None:
    """The class, the words and so the exit code; what a database's driver said stays where it was said."""
    back = read_back(kind("words of its own"))
    assert type(back) is kind
    assert exit_code_of(back) == exit_code_of(kind())
    if not issubclass(kind, StoreError):
        assert back.message == "words of its own"


@pytest.mark.parametrize("kind", [InvalidInput, CaptureRefused])
def test_faults_come_back_with_their_places(kind: type[InvalidInput]) -> None:
    """What was wrong where is told line by line, as if it had been found here."""
    error = kind(faults=[Fault(path="$.a", message="no"), Fault(path="$.b", message="not so")])
    assert list(lines_of(read_back(error))) == list(lines_of(error))


@pytest.mark.parametrize(
    "error", [SourceFailed("it is down", attempt_id="a-1"), CaptureRefused("no", attempt_id="a-1")]
)
def test_a_recorded_attempt_comes_back(error: StillframeError) -> None:
    """Its id is where the rest of the story is kept."""
    assert list(lines_of(read_back(error))) == list(lines_of(error))
    assert "recorded as attempt a-1" in "\n".join(lines_of(read_back(error)))


@pytest.mark.parametrize(
    ("status", "kind"), [(422, InvalidInput), (405, StillframeError), (500, StillframeError), (503, StillframeError)]
)
def test_a_code_of_a_newer_server_is_told_by_its_status(status: int, kind: type[StillframeError]) -> None:
    """Whether the input is wrong is known all the same."""
    body = json.dumps({"error_code": "not_invented_yet", "detail": "in its own words"}).encode()
    error = error_in(body, status=status, media_type=MEDIA_TYPE)
    assert type(error) is kind
    assert error.message == "in its own words"


@pytest.mark.parametrize(
    "document", [{}, {"error_code": 7, "detail": []}, {"errors": "x"}, {"errors": [1, {"path": None}], "attempt_id": 3}]
)
def test_an_odd_document_still_makes_an_error(document: dict[str, Any]) -> None:
    """Whatever a server says, the command ends with a sentence."""
    error = error_in(json.dumps(document).encode(), status=422, media_type=MEDIA_TYPE)
    assert isinstance(error, InvalidInput)
    assert list(lines_of(error))


@pytest.mark.parametrize(
    ("body", "media_type"), [(b"{", MEDIA_TYPE), (b"[]", MEDIA_TYPE), (b"{}", "text/html"), (b"", "")]
)
def test_what_is_no_problem_document_is_none(body: bytes, media_type: str) -> None:
    """A proxy's page is not Stillframe's word."""
    assert error_in(body, status=404, media_type=media_type) is None
