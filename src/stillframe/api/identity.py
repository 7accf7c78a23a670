"""Routes of users, personas and tokens, and of who you are."""

from __future__ import annotations

from starlette.responses import Response

from stillframe.api.access_shapes import CallerShape, NewTokenShape, PersonaShape, TokenShape, UserShape
from stillframe.api.answers import Answer, no_content, page_answer, page_of
from stillframe.api.asked import Asked
from stillframe.api.bodies import PersonaBody, TokenBody, UserPatch
from stillframe.api.door import Door
from stillframe.api.shapes import Paged
from stillframe.flows import identity
from stillframe.model.identity import Persona, Token, User

door = Door("Identity")


@door.post("/api/personas", takes=PersonaBody, answers=PersonaShape, status=201, refuses=[404])
def create_persona(asked: Asked) -> Answer:
    """Make a persona: a voice in discussions, with an inbox."""
    body = asked.read(PersonaBody)
    persona = identity.create_persona(
        asked.services, asked.caller, slug=body.slug, name=body.name, owner_name=body.owner_name
    )
    return Answer(persona.as_dict(), status=201)


@door.get("/api/personas", answers=Paged[PersonaShape])
def list_personas(asked: Asked, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List your personas, or all of them as an admin."""
    found = identity.list_personas(asked.services, asked.caller)
    page = page_of(found, name=lambda one: one.slug, limit=asked.page_limit(limit), cursor=cursor)
    return page_answer(page, Persona.as_dict)


@door.post("/api/tokens", takes=TokenBody, answers=NewTokenShape, status=201)
def create_token(asked: Asked) -> Answer:
    """Make a token; it is in this answer and never again."""
    body = asked.read(TokenBody)
    made = identity.create_token(
        asked.services,
        asked.caller,
        user_name=asked.caller.name if body.name is None else body.name,
        role=body.role,
        label=body.label,
        scopes=body.scopes,
        days=body.expires_in_days,
    )
    shown = {"token": made.text, "user": made.user.name, "role": made.user.role}
    return Answer({**made.token.as_dict(), **shown}, status=201)


@door.get("/api/tokens", answers=Paged[TokenShape])
def list_tokens(asked: Asked, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List your tokens, or everybody's as an admin; never the tokens themselves."""
    found = identity.list_tokens(asked.services, asked.caller)
    page = page_of(found, name=lambda one: one.id, limit=asked.page_limit(limit), cursor=cursor)
    return page_answer(page, Token.as_dict)


@door.delete("/api/tokens/{token_id}", refuses=[404])
def revoke_token(asked: Asked, token_id: str) -> Response:
    """Make a token worthless from now on."""
    identity.revoke_token(asked.services, asked.caller, token_id)
    return no_content()


@door.get("/api/users", answers=Paged[UserShape])
def list_users(asked: Asked, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List all users, as an admin."""
    found = identity.list_users(asked.services, asked.caller)
    page = page_of(found, name=lambda one: one.name, limit=asked.page_limit(limit), cursor=cursor)
    return page_answer(page, User.as_dict)


@door.change("PATCH", "/api/users/{user_name}", takes=UserPatch, answers=UserShape, refuses=[404])
def change_user(asked: Asked, user_name: str) -> Answer:
    """Give a user another role, or refuse every token of theirs from now on."""
    body = asked.read(UserPatch)
    if body.role is not None:
        changed = identity.set_role(asked.services, asked.caller, user_name=user_name, role=body.role)
    else:
        changed = identity.disable_user(asked.services, asked.caller, user_name=user_name)
    return Answer(changed.as_dict())


@door.get("/api/me", answers=CallerShape)
def who_am_i(asked: Asked) -> Answer:
    """Read who you are, as your token proves it."""
    caller = asked.caller
    return Answer(
        {
            "user_id": caller.user_id,
            "name": caller.name,
            "role": caller.role,
            "groups": dict(caller.groups),
            "scopes": list(caller.scopes),
            "token_id": caller.token_id,
        }
    )
