"""The reference of the HTTP API, written from its own OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from stillframe.api.docs_page import type_words
from stillframe.api.door import KEY_HEADER, REPLAYED_HEADER
from stillframe.api.evidence import ALIAS, PREFIX
from stillframe.api.multipart import MULTIPART, REPORT_PART, REQUEST_PART
from stillframe.api.problems import problem
from stillframe.errors import (
    AddressRefused,
    CaptureRefused,
    Conflict,
    Forbidden,
    Gone,
    InvalidInput,
    InvalidRule,
    InvalidViewSpec,
    NotComparable,
    NotFound,
    SourceFailed,
    StillframeError,
    StoreFull,
    StoreUnavailable,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
)

Schema: TypeAlias = Mapping[str, Any]
SCHEMAS = "#/components/schemas/"
PROBLEMS: tuple[type[StillframeError], ...] = (
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    Gone,
    TooLarge,
    InvalidInput,
    TooManyRequests,
    SourceFailed,
    StoreUnavailable,
    StoreFull,
)
FINER: tuple[type[InvalidInput], ...] = (InvalidViewSpec, InvalidRule, CaptureRefused, AddressRefused, NotComparable)
"""What is wrong with what was given, where that has a name of its own."""
_EXAMPLE = InvalidInput.at("$.reson", "unknown member; did you mean 'reason'?")
_EXAMPLE_ID = "01a21680-15ba-7460-91c2-f167eb9c72a1"
_PAGED = re.compile(r"Paged_(\w+)_")

_OPENING = f"""# HTTP API

Written from the server's own OpenAPI document by `make docs`; a test holds the two together. A running server shows
the same at `/docs`, and gives the document itself at `/openapi.json`. What the words mean is said in
[Semantics](semantics.md); who may do what, in [Permissions](permissions.md).

## Conventions

**Who asks.** Send a token with every request: `Authorization: Bearer sf_…`. `stillframe token create NAME` makes one.
`/healthz`, `/readyz`, `/docs` and `/openapi.json` ask for none. Who you are is what the token proves; nothing in a
body, a query or another header widens it.

**Bodies** are one JSON object, sent as `application/json` (anything else is 415), except where reports are brought. A
member that is unknown or there twice is refused, with the nearest name that is known; no type is taken for another. A
body has at most `server.body_limit_mib` (8), that of a snapshot `server.push_limit_mib` (64).

**Reports** are brought as `multipart/form-data`: files as parts `report`, and beside them at most one part `request`
with the JSON object. A file has at most `server.report_limit_mib` (64), all of a request `server.reports_limit_mib`
(256), the object 1 MiB; what is over it is 413, naming the file. Of a file's name only the last segment is kept, and
two files of one request have two names. Until the answer they lie in the server's temporary folder (`TMPDIR`). Nothing
is taken in half.

**Times** are RFC 3339, in requests with any zone, in answers in UTC with milliseconds and a `Z`.

**Names in paths.** A dashboard is named by its id or its slug. The name of a project stands in a path as it is,
slashes included: `/api/projects/a/b`. What else a path cannot hold is percent-encoded. The evidence store answers
under `{PREFIX}` and in the same way under `{ALIAS}`.

**Lists** answer `{{items, next_cursor}}`, a page at a time: `limit` is 1 to `dashboard.snapshot_list_limit` (200),
and `cursor` is the `next_cursor` of the page before, null at the end. The list of the evidence store takes any
`limit` from 1, shortens it to what is allowed and says so in `limit_applied`; beside `cursor` it takes `offset`.

**Once.** A `POST` that stores takes an `{KEY_HEADER}` header of 1 to 200 printable ASCII characters: sent again
within 48 hours with the same body it is not done again, and the stored answer comes with `{REPLAYED_HEADER}: true`.
[What a conflict is](semantics.md#idempotency-key).

**Snapshots never change.** There is no `PUT`, `PATCH` or `DELETE` for them: 405.

**Every answer** has an `X-Request-ID`, which finds the request in the server's log.

### Problems

Whatever is not a success is a problem document (RFC 9457), `application/problem+json`. What you may not see is
answered in the same words as what does not exist.

"""


def http_reference(document: Schema) -> str:
    """
    Return the Markdown page of an OpenAPI document: the conventions, every route with its members, every shape.

    Shape   Bodies stand with their routes; what is answered stands once, at the end.
    """
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    parts = [_OPENING, *_problems()]
    parts.extend(_contents(document))
    for tag, operations in _by_tag(document).items():
        parts.append(f"## {tag}\n\n")
        parts.extend(_operation(f"{method} {path}", found, schemas) for method, path, found in operations)
    parts.append("## Shapes\n\n")
    parts.extend(_shape(name, schemas) for name in sorted(_answered(document, schemas), key=title_of))
    return "".join(parts).rstrip("\n") + "\n"


def title_of(name: str) -> str:
    """
    Return what a shape is called on the page.

    >>> title_of("PolicyShape"), title_of("DashboardWithHead")
    ('Policy', 'DashboardWithHead')
    """
    return name.removesuffix("Shape")


def _problems() -> Iterator[str]:
    rows = [(str(error.status), f"`{error.code}`", _line(error.__doc__)) for error in PROBLEMS]
    yield _table(("Status", "`error_code`", "Means"), rows)
    finer = ", ".join(f"`{error.code}`" for error in FINER)
    yield f"Some 422 say more in `error_code`: {finer}. 429, 503 and some 409 have `Retry-After`.\n\n"
    example = problem(
        status=_EXAMPLE.status,
        code=_EXAMPLE.code,
        title=_EXAMPLE.title,
        detail=_EXAMPLE.message,
        request_id=_EXAMPLE_ID,
        more={"errors": [{"path": fault.path, "message": fault.message} for fault in _EXAMPLE.faults]},
    )
    yield f"```json\n{json.dumps(example, indent=2, ensure_ascii=False)}\n```\n\n"


def _by_tag(document: Schema) -> dict[str, list[tuple[str, str, Schema]]]:
    tags: dict[str, list[tuple[str, str, Schema]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return tags


def _contents(document: Schema) -> Iterator[str]:
    yield "## Routes\n\n"
    for tag, operations in _by_tag(document).items():
        rows = [
            (f"[`{method} {path}`](#{anchor_of(f'{method} {path}')})", found["summary"])
            for method, path, found in operations
        ]
        yield _table((tag, "Does"), rows)


def anchor_of(heading: str) -> str:
    """
    Return the anchor that a heading has where Markdown is rendered.

    >>> anchor_of("GET /api/groups/{group_id}")
    'get-apigroupsgroup_id'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _operation(name: str, operation: Schema, schemas: Mapping[str, Schema]) -> str:
    parts = [f"### `{name}`\n\n{_line(operation['description'])}\n\n"]
    taken = operation.get("parameters", ())
    rows = [
        (
            f"`{found['name']}`",
            found["in"],
            _type(_without_null(found["schema"])),
            _needed(found["required"], found["schema"]),
            _line(found["description"]),
        )
        for found in taken
        if found["name"] != KEY_HEADER
    ]
    if rows:
        parts.append(_table(("Parameter", "In", "Type", "Default", "Meaning"), rows))
    taken_body = operation.get("requestBody", {"required": True, "content": {}})
    for media, found in taken_body["content"].items():
        if media == MULTIPART:
            parts.append(_multipart(found["schema"], schemas))
        else:
            parts.append(_body("Body", schemas[_named(found["schema"])], required=taken_body["required"]))
    if len(rows) < len(taken):
        parts.append(f"Takes an `{KEY_HEADER}`.\n\n")
    parts.append(_endings(operation["responses"]))
    return "".join(parts)


def _body(name: str, schema: Schema, *, required: bool) -> str:
    optional = "" if required else " It may be left out."
    return f"{name}: {_line(schema['description'])}{optional}\n\n" + _members(schema, head="Member", with_default=True)


def _multipart(form: Schema, schemas: Mapping[str, Schema]) -> str:
    """Say what a multipart body holds: its JSON part as a body is said, and its files."""
    required, files = form["required"], form["properties"][REPORT_PART]
    request = schemas[_named(form["properties"][REQUEST_PART])]
    least = "" if REPORT_PART in required else " There may be none."
    return f"Body: `{MULTIPART}`. Parts `{REPORT_PART}`: {_line(files['description'])}{least}\n\n" + _body(
        f"Part `{REQUEST_PART}`, JSON", request, required=REQUEST_PART in required
    )


def _without_null(schema: Schema) -> Schema:
    """Return the type of a parameter: one that is not needed is left out, and never null."""
    if "anyOf" not in schema:
        return schema
    return {**schema, "anyOf": [one for one in schema["anyOf"] if one != {"type": "null"}]}


def _endings(responses: Schema) -> str:
    """Say what comes back: successes with their shape, refusals by their status alone."""
    answers = []
    refusals = []
    for status, found in responses.items():
        if "application/problem+json" in found.get("content", {}):
            refusals.append(status)
        else:
            said = " or ".join(
                _content(media, one.get("schema", {})) for media, one in found.get("content", {}).items()
            )
            answers.append(f"{status} {said or 'without a body'}")
    refused = f" Refuses: {', '.join(refusals)}." if refusals else ""
    return f"Answers: {', '.join(answers)}.{refused}\n\n"


def _content(media: str, schema: Schema) -> str:
    return _type(schema) if "$ref" in schema else f"`{media}`"


def _shape(name: str, schemas: Mapping[str, Schema]) -> str:
    return f"### {title_of(name)}\n\n{_line(schemas[name]['description'])}\n\n" + _members(schemas[name], head="Name")


def _members(schema: Schema, *, head: str, with_default: bool = False) -> str:
    required = schema.get("required", ())
    rows = [
        (
            f"`{member}`",
            _type(found),
            *([_needed(member in required, found)] if with_default else []),
            _line(found.get("description", "")),
        )
        for member, found in schema["properties"].items()
    ]
    return _table((head, "Type", *(["Default"] if with_default else []), "Meaning"), rows)


def _needed(required: bool, schema: Schema) -> str:
    if required:
        return "required"
    default = schema.get("default")
    return "" if default is None else f"`{json.dumps(default)}`"


def _answered(document: Schema, schemas: Mapping[str, Schema]) -> set[str]:
    """Return the schemas that answers lead to, directly or through others."""
    found: set[str] = set()
    waiting = {
        name
        for operations in document["paths"].values()
        for operation in operations.values()
        for name in _references(operation["responses"])
    }
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_references(schemas[name])) - found
    return found


def _references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if "$ref" in value:
            yield _named(value)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _named(schema: Schema) -> str:
    """Return the name that a reference leads to; of a page, what it is a page of."""
    name = str(schema["$ref"]).removeprefix(SCHEMAS)
    page = _PAGED.fullmatch(name)
    return page[1] if page else name


def _type(schema: Schema) -> str:
    """Return a type in words, each shape as a link to its section."""
    if "$ref" in schema:
        title = title_of(_named(schema))
        paged = "a page of " if _PAGED.search(schema["$ref"]) else ""
        return f"{paged}[{title}](#{anchor_of(title)})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_type, schema["anyOf"])))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{word}`" for word in type_words(schema).split(" | "))
    return type_words(schema)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
