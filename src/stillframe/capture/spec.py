"""View specs: what a dashboard shows, read from YAML or JSON and checked as a whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from stillframe.capture.spec_faults import faults_of, invalid, path_of
from stillframe.capture.spec_models import (
    CronPolicy,
    FieldSpec,
    FileSourceSpec,
    HttpSourceSpec,
    Metadata,
    MetricPanel,
    PrimarySpec,
    PrometheusSourceSpec,
    PushSourceSpec,
    ScopeSpec,
    SourceSpec,
    SqlSourceSpec,
    TablePanel,
    ViewSpec,
)
from stillframe.capture.spec_text import Format, plain_document, read_text
from stillframe.errors import Fault, nearest
from stillframe.model.canonical import digest_of

__all__ = [
    "CronPolicy",
    "FieldSpec",
    "FileSourceSpec",
    "HttpSourceSpec",
    "Metadata",
    "MetricPanel",
    "PrimarySpec",
    "PrometheusSourceSpec",
    "PushSourceSpec",
    "ScopeSpec",
    "SourceSpec",
    "SqlSourceSpec",
    "TablePanel",
    "ViewSpec",
    "parse_view_spec",
    "view_spec_hash",
    "view_spec_schema",
]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LONGEST_SLUG = 64
_CRON_FIELDS = 5

EXAMPLE: Mapping[str, Any] = {
    "title": "Hypothesis leaderboard",
    "sources": {
        "hypotheses": {
            "type": "sql",
            "connection": "warehouse",
            "query": "select id, title, composite_score, elo from hypotheses",
        },
        "papers": {"type": "http", "connection": "site", "path": "/api/status", "select": "knowledge.papers"},
    },
    "panels": {
        "leaderboard": {
            "source": "hypotheses",
            "kind": "table",
            "key": "id",
            "rank_by": "composite_score",
            "order": "desc",
            "limit": 50,
            "fields": {"composite_score": {"better": "higher", "tolerance": 1e-6, "label": "Score"}},
        },
        "papers": {"source": "papers", "kind": "metric", "better": "higher", "unit": "papers"},
    },
    "primary": {"rows": "leaderboard", "metric": "papers"},
    "top_n": 10,
    "metadata": {"snapshot_policy": "hourly"},
}


def parse_view_spec(text: str | bytes | Mapping[str, Any], format: Format | None = None) -> ViewSpec:  # noqa: A002  # because that is its name
    """
    Return the view spec that a text or a mapping holds, with its slug and its primary panels filled in.

    Errors  InvalidViewSpec with the path of each fault and what is allowed there.
    Source  docs/reference/view-spec.schema.json.

    >>> parse_view_spec("{title: Flights, sources: {s: {type: push}}, panels: {p: {source: s, kind: table}}}").slug
    'flights'
    """
    document = plain_document(text if isinstance(text, Mapping) else read_text(text, format=format))
    try:
        spec = ViewSpec.model_validate(document)
    except ValidationError as error:
        raise invalid(faults_of(error)) from None
    spec = spec.model_copy(update={"slug": spec.slug or slug_from(spec.title), "primary": _primary(spec)})
    faults = list(_faults(spec))
    if faults:
        raise invalid(faults)
    return spec


def view_spec_hash(spec: ViewSpec) -> str:
    """
    Return the digest of what decides which data is captured: two specs that share it show the same thing.

    Source  docs/reference/semantics.md, "Snapshot": sources, primary, and each panel's kind, source, key, rank_by,
            order, limit and column; not labels, refresh or metadata.
    """
    return digest_of(
        {
            "sources": {name: source.model_dump(exclude_none=True) for name, source in spec.sources.items()},
            "primary": {"rows": spec.primary.rows, "metric": spec.primary.metric},
            "panels": {name: _identity(panel) for name, panel in spec.panels.items()},
        }
    )


def view_spec_schema() -> dict[str, Any]:
    """Return the JSON Schema of view specs, draft 2020-12, as it is published for editors and validators."""
    schema = ViewSpec.model_json_schema(schema_generator=_ForPeople)
    return {"$schema": _DIALECT, **schema, "examples": [dict(EXAMPLE)]}


def slug_from(title: str) -> str:
    """
    Return the slug that a title gives: its letters a-z and digits, or nothing when it has none.

    >>> slug_from("Größe der Flüge, 2013")
    'grosse-der-fluge-2013'
    """
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_SLUG].strip("-")


class _ForPeople(GenerateJsonSchema):
    """Leaves out what says nothing: titles that repeat the name, and the null that means "not given"."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:  # noqa: ANN401  # because pydantic's schemas are mappings
        if schema.get("default") in (None, "", PrimarySpec()):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:  # noqa: ANN401  # because pydantic's schemas are mappings
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: Any) -> JsonSchemaValue:  # noqa: ANN401  # because pydantic's schemas are mappings
        found = super().dict_schema(schema)
        for pattern, member in found.pop("patternProperties", {}).items():
            names = {**found.get("propertyNames", {}), "pattern": pattern}
            found |= {"propertyNames": names, "additionalProperties": member}
        return found


def _identity(panel: TablePanel | MetricPanel) -> dict[str, Any]:
    if isinstance(panel, MetricPanel):
        return {"kind": panel.kind, "source": panel.source, "column": panel.column}
    order = None if panel.rank_by is None else "desc" if panel.descending else "asc"
    ranking = {"rank_by": panel.rank_by, "order": order, "limit": panel.limit}
    return {"kind": panel.kind, "source": panel.source, "key": panel.key, **ranking}


def _primary(spec: ViewSpec) -> PrimarySpec:
    tables = [name for name, panel in spec.panels.items() if isinstance(panel, TablePanel)]
    metrics = [name for name, panel in spec.panels.items() if isinstance(panel, MetricPanel)]
    return PrimarySpec(
        rows=spec.primary.rows or (tables[0] if len(tables) == 1 else None),
        metric=spec.primary.metric or (metrics[0] if len(metrics) == 1 else None),
    )


def _faults(spec: ViewSpec) -> Iterator[Fault]:
    if not spec.slug:
        yield Fault(path="$.slug", message="give a slug; the title has no letter a-z or digit to make one from")
    if spec.scope is not None and (spec.scope.group is None) is (spec.scope.project is None):
        yield Fault(path="$.scope", message="say exactly one of group and project")
    yield from _panel_faults(spec)
    yield from _source_faults(spec)
    yield from _primary_faults(spec)
    if isinstance(spec.metadata.snapshot_policy, CronPolicy):
        yield from _policy_faults(spec.metadata.snapshot_policy)
    pushed = [name for name, source in spec.sources.items() if source.type == "push"]
    if pushed and spec.metadata.snapshot_policy != "manual":
        message = f"the timer has no data for the pushed source {pushed[0]!r}; leave the policy out and push"
        yield Fault(path="$.metadata.snapshot_policy", message=message)


def _panel_faults(spec: ViewSpec) -> Iterator[Fault]:
    for name, panel in spec.panels.items():
        if panel.source not in spec.sources:
            hint = nearest(panel.source, list(spec.sources))
            yield Fault(path=f"$.panels.{name}.source", message=f"there is no source {panel.source!r}{hint}")
        if isinstance(panel, TablePanel) and panel.order and not panel.rank_by:
            yield Fault(path=f"$.panels.{name}.order", message="order says how rank_by ranks; say rank_by too")


def _source_faults(spec: ViewSpec) -> Iterator[Fault]:
    used = {panel.source for panel in spec.panels.values()}
    for name, source in spec.sources.items():
        if name not in used:
            yield Fault(path=f"$.sources.{name}", message="no panel uses this source; use it, or leave it out")
        if isinstance(source, (FileSourceSpec, HttpSourceSpec)) and source.select is not None:
            yield from _select_faults(source.select, f"$.sources.{name}.select")


def _select_faults(select: str, path: str) -> Iterator[Fault]:
    import jmespath

    try:
        jmespath.compile(select)
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        first = (str(error).splitlines() or ["it is nested too deep"])[0]
        yield Fault(path=path, message=f"this is not JMESPath: {first[:200]}")


def _primary_faults(spec: ViewSpec) -> Iterator[Fault]:
    for member, kind, wanted in (("rows", "table", spec.primary.rows), ("metric", "metric", spec.primary.metric)):
        names = [name for name, panel in spec.panels.items() if panel.kind == kind]
        if wanted is not None and wanted not in names:
            hint = nearest(wanted, names)
            yield Fault(path=path_of(("primary", member)), message=f"there is no {kind} panel {wanted!r}{hint}")


def _policy_faults(policy: CronPolicy) -> Iterator[Fault]:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from cronsim import CronSim, CronSimError

    where = "$.metadata.snapshot_policy"
    try:
        ZoneInfo(policy.zone)
    except (KeyError, ValueError, OSError):
        yield Fault(path=f"{where}.zone", message=f"{policy.zone!r} is not a zone such as Europe/Berlin")
    if len(policy.cron.split()) != _CRON_FIELDS:
        yield Fault(path=f"{where}.cron", message="five fields: minute, hour, day of month, month, day of week")
        return
    try:
        CronSim(policy.cron, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        yield Fault(path=f"{where}.cron", message=f"this cron line can never be: {str(error)[:200]}")
