"""Answers are JSON as it is written, and pages join up to the whole list."""

from __future__ import annotations

from types import MappingProxyType

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.api.answers import Answer, no_content, page_answer, page_of
from stillframe.errors import InvalidInput
from stillframe.store import Page


@given(names=st.lists(st.text(min_size=1), unique=True), limit=st.integers(1, 5))
def test_pages_join_up_to_the_whole_list(names: list[str], limit: int) -> None:
    """Whoever follows the cursors sees every item once, in order."""
    seen: list[str] = []
    cursor = None
    for _ in range(len(names) + 1):
        page = page_of(names, name=str, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == names


def test_a_cursor_of_another_list_is_refused() -> None:
    """A cursor that means nothing must not silently begin again."""
    with pytest.raises(InvalidInput, match=r"\$\.cursor"):
        page_of(["a"], name=str, limit=1, cursor="b")


def test_an_answer_is_its_document() -> None:
    """Read-only mappings of the model are objects like any other."""
    answer = Answer({"a": MappingProxyType({"b": 1})}, status=201)
    assert (answer.status_code, answer.body) == (201, b'{"a":{"b":1}}')
    assert answer.headers["Content-Type"] == "application/json"
    with pytest.raises(TypeError):
        Answer({"a": object()})


def test_a_page_says_where_it_goes_on() -> None:
    """Two members, always both."""
    answer = page_answer(Page([1], None), lambda item: {"n": item})
    assert orjson.loads(answer.body) == {"items": [{"n": 1}], "next_cursor": None}


def test_what_was_taken_away_has_no_body() -> None:
    """204 and nothing."""
    assert (no_content().status_code, no_content().body) == (204, b"")
