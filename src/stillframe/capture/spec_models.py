"""The members of a view spec, as models whose JSON Schema is the published one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from stillframe.model.payload import Better
from stillframe.model.payload import Field as PayloadField

MOST_PANELS = 50
MOST_SOURCES = 50
MOST_FIELDS = 1_000
LONGEST_COLUMN = 256
LONGEST_QUERY = 65_536
LONGEST_CAPTURE_SECONDS = 600.0
DEFAULT_CAPTURE_SECONDS = 30.0
DEFAULT_REFRESH_SECONDS = 60
LONGEST_REFRESH_SECONDS = 86_400
MOST_ROWS = 1_000_000
MOST_TOP_N = 1_000

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$", max_length=64)]
Slug: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Line: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]+$", max_length=200)]
Column: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_COLUMN)]
Query: TypeAlias = Annotated[str, StringConstraints(pattern=r"\S", max_length=LONGEST_QUERY)]
Path: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1_024)]
Select: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=r"\S", max_length=4_096),
    Field(description="A JMESPath expression that picks the rows, or the one number, out of the JSON that was read."),
]
ConnectionName: TypeAlias = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(description="A name from [connections] of the configuration; never a URL or a credential."),
]
Order: TypeAlias = Literal["asc", "desc"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class SqlSourceSpec(_Model):
    """One SELECT on a database."""

    type: Literal["sql"]
    connection: ConnectionName
    query: Query = Field(description="Exactly one SELECT, in the database's own dialect. It runs read-only.")


class FileSourceSpec(_Model):
    """One CSV, JSON, JSON Lines or Parquet file under a folder."""

    type: Literal["file"]
    connection: ConnectionName
    path: Path = Field(description="Relative to the connection's folder, which it never leaves.")
    format: Literal["csv", "json", "jsonl", "parquet"] | None = Field(
        default=None, description="By the file's suffix when it is not given."
    )
    select: Select | None = None
    types: dict[Column, Literal["text"]] | None = Field(
        default=None,
        max_length=MOST_FIELDS,
        description="CSV columns that stay text although their cells look like numbers.",
    )


class HttpSourceSpec(_Model):
    """JSON that an HTTP server answers."""

    type: Literal["http"]
    connection: ConnectionName
    path: Path = Field(description="Joined to the connection's URL, under which it stays.")
    select: Select | None = None


class PrometheusSourceSpec(_Model):
    """An instant query of a Prometheus server: rows with the labels and `value`, or one number."""

    type: Literal["prometheus"]
    connection: ConnectionName
    query: Query = Field(description="PromQL.")


class PushSourceSpec(_Model):
    """Data that comes in the snapshot request, under the name of the panel."""

    type: Literal["push"]


SourceSpec: TypeAlias = SqlSourceSpec | FileSourceSpec | HttpSourceSpec | PrometheusSourceSpec | PushSourceSpec


class FieldSpec(_Model):
    """How a column, or a metric, is to be read."""

    better: Better = Field(default="none", description="Which direction is an improvement.")
    tolerance: float = Field(default=0.0, ge=0, description="Absolute: values at most this far apart are equal.")
    unit: Line | None = None
    label: Line | None = Field(default=None, description="What people read in place of the name.")

    def as_field(self) -> PayloadField:
        """Return what a payload says about the field; the label is for people and stays outside."""
        return PayloadField(better=self.better, unit=self.unit, tolerance=self.tolerance)


class TablePanel(_Model):
    """A ranked table."""

    kind: Literal["table"]
    source: Name = Field(description="The name of the source that gives the rows.")
    key: Column | None = Field(
        default=None,
        description="The column that names a row: text or integer. By default the first of id, artifact_id, slug, name "
        "that is there.",
    )
    rank_by: Column | None = Field(
        default=None, description="The column that ranks the rows; without it the source's order is the rank."
    )
    order: Order | None = Field(
        default=None, description="Only with rank_by: desc (the largest first) when it is not given. Nulls are last."
    )
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] | None = Field(
        default=None, description="How many of the first rows are kept."
    )
    fields: dict[Column, FieldSpec] = Field(default_factory=dict, max_length=MOST_FIELDS)
    label: Line | None = None

    @property
    def descending(self) -> bool:
        """Whether the largest value of `rank_by` has the first rank."""
        return self.order != "asc"


class MetricPanel(FieldSpec):
    """One number: a JSON number, or the one cell of the one row that the source gives."""

    kind: Literal["metric"]
    source: Name = Field(description="The name of the source that gives the number.")
    column: Column | None = Field(
        default=None,
        description="Which column of the one row is the metric; needed where it has several, none of them named value.",
    )
    null_ok: bool = Field(default=False, description="Whether no number (null, no row) is an answer.")


PanelSpec: TypeAlias = TablePanel | MetricPanel


class PrimarySpec(_Model):
    """What a reader looks at first. The only table, and the only metric, is the primary one without being named."""

    rows: Name | None = Field(default=None, description="A table panel.")
    metric: Name | None = Field(default=None, description="A metric panel.")


class CronPolicy(_Model):
    """A cron line of five fields, in a time zone."""

    cron: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["30 7 * * 1-5"])
    zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        default="UTC", description="A name of the IANA time zone database.", examples=["Europe/Berlin"]
    )


def _policy_tag(value: object) -> str:
    return "cron" if isinstance(value, (Mapping, CronPolicy)) else "word"


SnapshotPolicy: TypeAlias = Annotated[
    Annotated[Literal["manual", "hourly", "daily"], Tag("word")] | Annotated[CronPolicy, Tag("cron")],
    Discriminator(_policy_tag),
]


class Metadata(_Model):
    """What is about the dashboard and not about its data."""

    snapshot_policy: SnapshotPolicy = Field(
        default="manual", description="When the product captures by itself; daily is 00:00 UTC."
    )


class ScopeSpec(_Model):
    """Whose a dashboard is: a group, or a project and with it the project's group. Say exactly one."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    group: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="A group's id: its members see the dashboard, its editors change it."
    )
    project: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="A project's name: whoever may see the project sees the dashboard."
    )


class ViewSpec(_Model):
    """What a dashboard shows: where its data comes from, its panels, and when it is captured."""

    model_config = ConfigDict(title="Stillframe view spec")

    title: Line
    slug: Slug = Field(default="", description="The dashboard's name in addresses; made from the title if not given.")
    description: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    scope: ScopeSpec | None = Field(
        default=None, description="Without a scope a dashboard is seen by its owner and the administrators only."
    )
    sources: dict[Name, Annotated[SourceSpec, Field(discriminator="type")]] = Field(
        min_length=1, max_length=MOST_SOURCES, description="By name. Each is read once for each capture."
    )
    panels: dict[Name, Annotated[PanelSpec, Field(discriminator="kind")]] = Field(
        min_length=1,
        max_length=MOST_PANELS,
        description="By name. A name holds no dot: rules say PANEL or SUMMARY.MEASURE.",
    )
    primary: PrimarySpec = PrimarySpec()
    top_n: Annotated[int, Field(ge=1, le=MOST_TOP_N)] | None = Field(
        default=None, description="How many first ranks a diff lists; else the configuration says."
    )
    refresh_interval_seconds: int = Field(
        default=DEFAULT_REFRESH_SECONDS,
        ge=0,
        le=LONGEST_REFRESH_SECONDS,
        description="How long the live view answers from its last run.",
    )
    capture_timeout_seconds: float = Field(
        default=DEFAULT_CAPTURE_SECONDS,
        gt=0,
        le=LONGEST_CAPTURE_SECONDS,
        description="How long all sources together may take.",
    )
    empty_is_news: bool = Field(
        default=False,
        description="Whether a table without rows is true, where it had some, and no fault of its source.",
    )
    metadata: Metadata = Metadata()

    def connection_names(self) -> dict[str, str]:
        """Return which connection each source names, of the sources that name one."""
        return {
            name: source.connection for name, source in self.sources.items() if not isinstance(source, PushSourceSpec)
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the canonical document, which is stored: defaults are said, and parsing it gives this view spec."""
        return self.model_dump(mode="json", exclude_none=True)
