"""Every way to say no: one tree, a code and a status for each, faults that name their place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stillframe import errors
from stillframe.errors import CaptureRefused, Fault, InvalidInput, InvalidRule, StillframeError, StoreFull, nearest


def every_error(kind: type[StillframeError] = StillframeError) -> Iterator[type[StillframeError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from every_error(child)


def test_the_tree_in_the_docstring_names_every_error() -> None:
    """Whoever reads the module's head has seen all of them."""
    drawn = {word for word in (errors.__doc__ or "").replace("│", " ").split() if word[:1].isupper()}
    assert {kind.__name__ for kind in every_error()} <= drawn


def test_every_error_has_a_code_of_its_own_and_a_sentence() -> None:
    """Programs tell errors apart by code, people by what it says."""
    kinds = list(every_error())
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.__doc__ and kind.title for kind in kinds)


def test_without_words_an_error_says_its_docstring() -> None:
    """The class docstring is the message a user sees."""
    assert StoreFull().message == "The disk is full; nothing was stored. Free some space and try again."


def test_faults_become_the_message_and_keep_their_paths() -> None:
    """The place is in the text and in the structure."""
    error = InvalidInput(faults=[Fault(path="$.a", message="no"), Fault(path="$.b", message="not so")])
    assert error.message == "$.a: no; $.b: not so"
    assert [fault.path for fault in error.faults] == ["$.a", "$.b"]


@pytest.mark.parametrize("kind", [InvalidInput, InvalidRule, CaptureRefused])
def test_a_single_fault_is_raised_as_the_class_that_was_asked(kind: type[InvalidInput]) -> None:
    """`at` is a shorthand on every branch of invalid input."""
    assert type(kind.at("$", "no")) is kind


def test_nearest_guesses_or_lists() -> None:
    """A near miss gets one suggestion; a wild one gets what is known."""
    assert nearest("titel", ["title", "top_n"]) == "; did you mean 'title'?"
    assert nearest("zzz", ["title"]) == "; known: title"
    assert nearest("zzz", []) == ""
