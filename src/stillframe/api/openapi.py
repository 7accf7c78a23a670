"""The OpenAPI document: what FastAPI sees, and the bodies, problems and credential that it does not."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from stillframe.api.bodies import BODIES
from stillframe.api.shapes import Problem

_REFERENCE = "#/components/schemas/{model}"
SCHEME = "token"


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
    models: list[type[BaseModel]] = [*BODIES, Problem]
    _, made = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
    components.setdefault("schemas", {}).update(made["$defs"])
    components["securitySchemes"] = {SCHEME: {"type": "http", "scheme": "bearer", "description": "`sf_…`"}}
    document["security"] = [{SCHEME: []}]
