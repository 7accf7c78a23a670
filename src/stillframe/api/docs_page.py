"""The documentation page: the OpenAPI document as plain HTML that loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from stillframe.api.pages import page, table

_REFERENCE = "#/components/schemas/"


def docs_page(document: Mapping[str, Any]) -> str:
    """Return the page of an OpenAPI document: every operation by tag, then every schema."""
    info = document["info"]
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    body = (
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>\n<p>{escape(info.get('description', ''))}</p>\n"
        "<p>The same as a document: <a href='/openapi.json'>/openapi.json</a>.</p>\n"
        f"{''.join(_by_tag(document['paths']))}"
        f"<h2>Schemas</h2>\n{''.join(_schema(name, schemas[name]) for name in sorted(schemas))}"
    )
    return page(title=f"{info['title']} API", body=body)


def _by_tag(paths: Mapping[str, Any]) -> Iterator[str]:
    tags: dict[str, list[str]] = {}
    for path, operations in paths.items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    for tag, texts in tags.items():
        yield f"<h2>{escape(tag)}</h2>\n{''.join(texts)}"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    taken: list[list[object]] = [
        [found["name"], found["in"], type_words(found["schema"]), found.get("description", "")]
        for found in operation.get("parameters", ())
    ]
    content = operation.get("requestBody", {}).get("content", {})
    taken += [row for media, found in content.items() for row in _body(media, found["schema"])]
    parameters = table(caption="Takes", columns=["name", "in", "type", "what"], rows=taken) if taken else ""
    answers: list[list[object]] = [
        [
            status,
            found["description"],
            ", ".join(type_words(one.get("schema", {})) for one in found.get("content", {}).values()),
        ]
        for status, found in operation["responses"].items()
    ]
    described = escape(operation.get("description", ""))
    return (
        f"<h3><code>{method.upper()} {escape(path)}</code></h3>\n<p>{described}</p>\n{parameters}"
        f"{table(caption='Answers', columns=['status', 'meaning', 'body'], rows=answers)}"
    )


def _body(media: str, schema: Mapping[str, Any]) -> list[list[object]]:
    """Return a row for a body, or for each part of one that has parts."""
    if "properties" not in schema:
        return [["body", media, type_words(schema), ""]]
    return [
        [name, f"part of {media}", type_words(found), found.get("description", "")]
        for name, found in schema["properties"].items()
    ]


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    members: list[list[object]] = [
        [member, type_words(found), "yes" if member in required else "", found.get("description", "")]
        for member, found in schema.get("properties", {}).items()
    ]
    described = escape(schema.get("description", ""))
    listed = table(caption="Members", columns=["name", "type", "required", "what"], rows=members)
    return f"<h3 id='{escape(name)}'>{escape(name)}</h3>\n<p>{described}</p>\n{listed}"


def type_words(schema: Mapping[str, Any]) -> str:
    """Return the type that a JSON Schema says, in words."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REFERENCE)
    if "enum" in schema or "const" in schema:
        return " | ".join(str(one) for one in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " | ".join(map(type_words, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {type_words(schema.get('items', {}))}"
    return "file" if schema.get("format") == "binary" else str(schema.get("type", "any"))
