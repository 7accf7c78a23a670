"""The OpenAPI document: what FastAPI sees, and the bodies, problems and credential that it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from stillframe.api.bodies import BODIES
from stillframe.api.shapes import Problem
from stillframe.api.subscription_bodies import SUBSCRIPTION_BODIES

_REFERENCE = "#/components/schemas/{model}"
SCHEME = "token"
PARAMETERS: Mapping[str, str] = {
    "artifact_ref": "A dashboard's id or slug.",
    "comment_id": "A comment's id.",
    "cursor": "Go on where the page before ended: its `next_cursor`.",
    "dashboard_id": "Only those of this dashboard: its id or slug.",
    "dashboard_ref": "A dashboard's id or slug.",
    "decision_id": "A decision's id.",
    "delivery_id": "A delivery's id.",
    "format": "In which form.",
    "from": "The earlier snapshot's id.",
    "group_id": "A group's id.",
    "include_ended": "Also those that have expired or were lifted.",
    "limit": "At most so many.",
    "metric": "A metric's name; by default the primary one's.",
    "name": "A project's name; slashes may be in it.",
    "notification_id": "A notification's id.",
    "offset": "Leave out so many of the newest.",
    "persona": "Only those of this persona: its slug.",
    "project_name": "A project's name; slashes may be in it.",
    "scope": "Only those of this scope: `project`, `group` or `portfolio`.",
    "signed": "What the link of a mail has after `/u/`.",
    "snapshot_id": "A snapshot's id.",
    "subscription_id": "A subscription's id.",
    "suppression_id": "A suppression's id.",
    "to": "The later snapshot's id.",
    "token_id": "A token's id.",
    "top_n": "How many ranks are listed; by default as the view spec says.",
    "unread_only": "Only those that are not marked read.",
    "user_name": "A user's name.",
}
"""What parameters mean that say nothing of themselves."""


class DocumentedAPI(FastAPI):
    """A FastAPI application whose OpenAPI document is whole."""

    def openapi(self) -> dict[str, Any]:
        """Return the document; it is made once."""
        if self.openapi_schema is None:
            complete(super().openapi())
        assert self.openapi_schema is not None
        return self.openapi_schema


def complete(document: dict[str, Any]) -> None:
    """Add to a document the schemas of request bodies and problems, and how to prove who you are."""
    components = document.setdefault("components", {})
    models: list[type[BaseModel]] = [*BODIES, *SUBSCRIPTION_BODIES, Problem]
    _, made = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
    components.setdefault("schemas", {}).update(made["$defs"])
    components["securitySchemes"] = {SCHEME: {"type": "http", "scheme": "bearer", "description": "`sf_…`"}}
    document["security"] = [{SCHEME: []}]
    for operations in document["paths"].values():
        for operation in operations.values():
            for found in operation.get("parameters", ()):
                if not found.get("description"):
                    found["description"] = PARAMETERS[found["name"]]
