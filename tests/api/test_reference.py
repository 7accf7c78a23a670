"""The reference of the HTTP API has every route, member and refusal, and its conventions are the server's."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from stillframe.api.reference import FINER, PROBLEMS, anchor_of, http_reference, title_of
from stillframe.config import Settings
from tests.api.cast import House
from tests.docs.documents import anchors_in


@pytest.fixture
def document(house: House) -> dict[str, Any]:
    """What the server says of itself."""
    found: dict[str, Any] = house.app.openapi()
    return found


@pytest.fixture
def page(document: dict[str, Any]) -> str:
    """The page that is made of it."""
    return http_reference(document)


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"(?ms)^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", page)
    assert found, heading
    return found[1]


def test_every_route_has_a_section_and_a_line_that_leads_to_it(document: dict[str, Any], page: str) -> None:
    """What is not on the page does not exist for whoever reads it."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            told = section(page, f"`{name}`")
            assert f"[`{name}`](#{anchor_of(name)})" in page
            for found in operation.get("parameters", ()):
                assert f"`{found['name']}`" in told
            for status in operation["responses"]:
                assert re.search(rf"\b{status}\b", told)


def test_every_member_of_a_body_stands_with_its_route(document: dict[str, Any], page: str) -> None:
    """Who writes a request reads one section."""
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for found in operation.get("requestBody", {}).get("content", {}).values():
                schema = found["schema"].get("properties", {}).get("request", found["schema"])
                body = schemas[schema["$ref"].rpartition("/")[2]]
                told = section(page, f"`{method.upper()} {path}`")
                assert [name for name in body["properties"] if f"| `{name}` |" not in told] == []
                assert told.count("| required |") >= len(body.get("required", ()))


def test_every_shape_that_is_answered_is_explained(document: dict[str, Any], page: str) -> None:
    """A link to a shape leads to its members."""
    linked = set(re.findall(r"\]\(#([\w-]+)\)", page))
    assert linked <= anchors_in(page)
    for name in ("RecordShape", "ListingShape", "TrendsShape", "PeriodsShape", "ComparedShape", "Problem"):
        told = section(page, title_of(name))
        assert [member for member in document["components"]["schemas"][name]["properties"] if member not in told] == []


def test_no_two_headings_have_one_anchor(page: str) -> None:
    """Of two the second cannot be linked to."""
    headings = re.findall(r"(?m)^#+ (.+)$", page)
    assert [anchor for anchor, count in Counter(map(anchor_of, headings)).items() if count > 1] == []


def test_no_table_says_nothing_of_a_parameter_or_a_member_of_a_body(page: str) -> None:
    """A name alone explains nothing."""
    routes = page.partition("\n## Shapes\n")[0]
    assert re.findall(r"(?m)^\| `[^|]*\|(?: [^|]*\|)* *\| *$", routes.partition("### `")[2]) == []


def test_a_bar_in_a_cell_ends_no_column() -> None:
    """Types and patterns have bars."""
    shape = {"description": "One.", "properties": {"a": {"type": "string", "description": "x | y"}}}
    answer = {
        "description": "OK",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OneShape"}}},
    }
    operation = {"tags": ["T"], "summary": "S", "description": "S.", "responses": {"200": answer}}
    made = http_reference({"paths": {"/x": {"get": operation}}, "components": {"schemas": {"OneShape": shape}}})
    assert "| `a` | string | x \\| y |" in made


def test_an_answer_without_a_schema_is_said_by_its_type() -> None:
    """A page for people has a media type and no shape."""
    answers = {"404": {"description": "A page.", "content": {"text/html": {}}}}
    operation = {"tags": ["T"], "summary": "S", "description": "S.", "responses": answers}
    made = http_reference({"paths": {"/x": {"get": operation}}, "components": {"schemas": {}}})
    assert "Answers: 404 `text/html`." in made


def test_the_example_of_a_problem_is_what_the_server_answers(house: House, page: str) -> None:
    """A misspelt member, as the page shows it."""
    shown = json.loads(page.partition("```json\n")[2].partition("```")[0])
    body = {"scope": "portfolio", "reson": "misspelt"}
    answered = house.ask("alice", "POST", "/api/v2/dashboard/snapshots", json=body)
    assert answered.status_code == shown["status"]
    assert {**answered.json(), "request_id": ""} == {**shown, "request_id": ""}


def test_the_tables_of_problems_are_the_errors_own(page: str) -> None:
    """A code that the page forgets is one that no client handles."""
    for error in (*PROBLEMS, *FINER):
        assert f"`{error.code}`" in page
    assert {error.status for error in PROBLEMS} == {401, 403, 404, 409, 410, 413, 422, 429, 502, 503, 507}
    assert {error.status for error in FINER} == {422}


def test_the_figures_of_the_conventions_are_the_settings_defaults(page: str) -> None:
    """A number that is written twice is checked."""
    settings = Settings()
    text = " ".join(page.split())
    assert f"`server.body_limit_mib` ({settings.server.body_limit_mib})" in text
    assert f"`server.push_limit_mib` ({settings.server.push_limit_mib})" in text
    assert f"`server.report_limit_mib` ({settings.server.report_limit_mib})" in text
    assert f"`server.reports_limit_mib` ({settings.server.reports_limit_mib})" in text
    assert f"`dashboard.snapshot_list_limit` ({settings.dashboard.snapshot_list_limit})" in text


def test_a_body_with_files_is_said_part_by_part(page: str) -> None:
    """What is JSON, what is a file, how many there may be, and what may be left out."""
    reports = section(page, "`POST /api/projects/{name}/reports`")
    assert "Body: `multipart/form-data`. Parts `report`: Tool reports" in reports
    assert "at most 100" in reports
    assert "Part `request`, JSON: " in reports
    assert "It may be left out." in reports
    assert "| `kloc` |" in reports
    check = section(page, "`POST /api/v1/release/check`")
    assert "There may be none." in check
    assert "It may be left out." not in check
