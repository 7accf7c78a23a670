"""Answers: JSON written by the fast writer, and pages of lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from starlette.responses import Response

from stillframe.errors import InvalidInput
from stillframe.store import Page

Item = TypeVar("Item")


class Answer(Response):
    """
    One JSON document.

    FastAPI's own encoder takes eight times as long for a long list as orjson takes for the whole answer.
    """

    media_type = "application/json"

    def __init__(
        self, document: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self.document = document
        super().__init__(orjson.dumps(document, default=_plain), status_code=status, headers=headers)


def no_content() -> Response:
    """Return the answer of something that was done and has nothing to show."""
    return Response(status_code=204)


def page_answer(page: Page[Item], show: Callable[[Item], Mapping[str, Any]]) -> Answer:
    """Return one page of a list, each item shown by `show`."""
    return Answer({"items": [show(item) for item in page.items], "next_cursor": page.next_cursor})


def page_of(items: Sequence[Item], *, name: Callable[[Item], str], limit: int, cursor: str | None) -> Page[Item]:
    """
    Cut a page out of a list that is read whole; its cursor is the name of the page's last item.

    Errors  InvalidInput if the cursor names no item.
    """
    start = 0
    if cursor is not None:
        names = [name(item) for item in items]
        if cursor not in names:
            raise InvalidInput.at("$.cursor", "this cursor is not of this list; begin again without one")
        start = names.index(cursor) + 1
    cut = list(items[start : start + limit])
    return Page(cut, name(cut[-1]) if cut and start + limit < len(items) else None)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
