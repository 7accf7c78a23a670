"""The documentation page shows every operation, schema and refusal of the OpenAPI document."""

from __future__ import annotations

from html import escape

from stillframe.api.docs_page import docs_page
from tests.api.cast import House


def test_every_operation_and_every_schema_is_on_the_page(house: House) -> None:
    """What is not on it does not exist for whoever reads it."""
    document = house.app.openapi()
    html = docs_page(document)
    for path, operations in document["paths"].items():
        for method in operations:
            assert f"<code>{method.upper()} {escape(path)}</code>" in html
    for name in document["components"]["schemas"]:
        assert f"<h3 id='{name}'>" in html


def test_a_body_with_files_is_shown_part_by_part(house: House) -> None:
    """Who sends files sees what each part is called."""
    html = docs_page(house.app.openapi())
    part = "<td>part of multipart/form-data</td>"
    assert f"<td>request</td>{part}<td>ReportsBody</td>" in html
    assert f"<td>report</td>{part}<td>list of file</td>" in html


def test_types_are_said_in_words() -> None:
    """A reader needs no JSON Schema to read a table."""
    schema = {
        "properties": {
            "a": {"type": "array", "items": {"$ref": "#/components/schemas/B"}},
            "b": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "c": {"enum": ["x", "y"]},
        },
        "required": ["a"],
    }
    html = docs_page({"info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": {"S": schema}}})
    for words in ("list of B", "string | null", "x | y"):
        assert f"<td>{words}</td>" in html
