"""Routes of signed links, for whoever reads a mail: a page asks, and a POST acts, without an account."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from stillframe.api.asked import doorway_of
from stillframe.api.door import PROBLEM
from stillframe.api.pages import page, page_response
from stillframe.errors import NotFound
from stillframe.flows.services import Services
from stillframe.flows.signed_links import PATH, Purpose, Question, act, asked

ROUTE: Final = f"{PATH}{{signed}}"
_NOT_FOUND: Final = 404

links = APIRouter(tags=["Service"])
_OPEN: dict[str, Any] = {"security": []}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    404: {"description": "The link is not good: a page that says so.", "content": {"text/html": {}}},
    422: {"description": "The address holds what no address may.", "content": PROBLEM},
    503: {"description": "The database cannot be used now.", "content": PROBLEM},
}


@links.get(
    ROUTE,
    response_class=HTMLResponse,
    summary="Ask what a link does",
    operation_id="read_signed_link",
    openapi_extra=_OPEN,
    responses=_ANSWERS,
)
def read_signed_link(request: Request, signed: str) -> HTMLResponse:
    """Show what the link of a mail would do, with a button; nothing changes, whoever looks."""
    return _answer(request, signed, asked)


@links.post(
    ROUTE,
    response_class=HTMLResponse,
    summary="Do what a link says",
    operation_id="follow_signed_link",
    openapi_extra=_OPEN,
    responses=_ANSWERS,
)
def follow_signed_link(request: Request, signed: str) -> HTMLResponse:
    """
    Unsubscribe, or confirm an address; again changes nothing.

    The button of the page sends this, and so does a mail program for its own button (RFC 8058). What the body says
    does not matter: the address is the credential.
    """
    return _answer(request, signed, act)


def _answer(request: Request, signed: str, flow: Callable[[Services, str], Question]) -> HTMLResponse:
    try:
        question = flow(doorway_of(request).services, signed)
    except NotFound as error:
        return page_response(_page("This link is not good", [f"{error.message}."]), status=_NOT_FOUND)
    return page_response(_question_page(question), has_form=True)


def _question_page(question: Question) -> str:
    who, what = question.address, question.dashboard_title
    title, told, button = _WORDS[question.purpose, question.done]
    form = f'<form method="post"><button type="submit">{escape(button)}</button></form>' if button else ""
    return _page(title, [told.format(who=who, what=what)], form=form)


_WORDS: Final[dict[tuple[Purpose, bool], tuple[str, str, str]]] = {
    ("unsubscribe", False): (
        "Unsubscribe?",
        "{who} is told of changes of “{what}”. Once you unsubscribe, nothing more of this subscription is sent there.",
        "Unsubscribe",
    ),
    ("unsubscribe", True): ("Unsubscribed", "{who} is told no more of “{what}” by this subscription.", ""),
    ("confirm", False): (
        "Do you want to be told?",
        "Changes of “{what}” would be sent to {who}. Nothing is sent unless you agree.",
        "Yes, send them to me",
    ),
    ("confirm", True): (
        "Confirmed",
        "Changes of “{what}” are sent to {who}. Every mail has a link that ends this.",
        "",
    ),
}


def _page(title: str, paragraphs: list[str], *, form: str = "") -> str:
    told = "".join(f"<p>{escape(text)}</p>\n" for text in paragraphs)
    return page(title=f"{title} – Stillframe", body=f"<main><h1>{escape(title)}</h1>\n{told}{form}</main>")
