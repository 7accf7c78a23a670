"""Request bodies: what each route understands, and nothing beside it."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.json_schema import SkipJsonSchema

from stillframe.flows.identity import LONGEST_TOKEN_DAYS
from stillframe.model.discussion import COMMENT_TYPES
from stillframe.model.identity import GROUP_ROLES, TOKEN_SCOPES, Role, TokenScope
from stillframe.model.scope import SCOPE_KINDS

_COMMENT_TYPES: list[JsonValue] = [kind for kind in COMMENT_TYPES if kind != "snapshot_alert"]


class Body(BaseModel):
    """A JSON object that refuses unknown members and takes no type for another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ViewSpecBody(Body):
    """A dashboard, given by its view spec."""

    view_spec_json: dict[str, Any] = Field(
        description="The view spec; its schema is docs/reference/view-spec.schema.json."
    )


class ApplyBody(ViewSpecBody):
    """A dashboard to make or to bring to what its view spec says."""

    dry_run: bool = Field(False, description="Say what would change and change nothing.")


class SnapshotBody(Body):
    """What may be said about a snapshot; every member is optional, and so is the body."""

    reason: str | None = Field(None, description="Why it is taken, in your words.")
    source_ref: str | None = Field(None, description="What the data is of, for example a commit.")
    as_of: str | None = Field(
        None, description="The time that the data describes, RFC 3339.", examples=["2026-01-02T03:04:05Z"]
    )
    immutable: bool = Field(False, description="Exempt from cleanup.")
    retention_class: str = Field("standard", description="Rules how long the payload is kept.")
    analyzer_version: str | None = Field(None, description="Of whatever computed the data.")
    rule_version: str | None = Field(None, description="Of the rules by which it was computed.")
    trigger_source: Literal["manual", "api", "cli", "push"] | None = Field(None, description="By default push or api.")
    data: dict[str, Any] | None = Field(
        None, description="Rows or a value by panel, for panels whose source is push.", examples=[{"papers": 15025}]
    )


class EvidenceBody(Body):
    """What may be said about a snapshot of a scope."""

    scope: str = Field(description="What it is of.", json_schema_extra={"enum": list(SCOPE_KINDS)})
    project_name: str | None = Field(None, description="The project, for the scope `project`.")
    group_id: str | None = Field(None, description="The group, for the scope `group`.")
    reason: str | None = Field(None, description="Why it is taken, in your words.")
    source_ref: str | None = Field(None, description="What it is of, for example a commit.")
    as_of: str | None = Field(
        None, description="The time that it describes, RFC 3339.", examples=["2026-01-02T03:04:05Z"]
    )
    immutable: bool = Field(False, description="Exempt from cleanup.")
    retention_class: str = Field("standard", description="Rules how long the payload is kept.")
    analyzer_version: str | None = Field(None, description="Of whatever computed the summaries.")
    rule_version: str | None = Field(None, description="Of the rules by which they were computed.")
    trigger_source: Literal["manual", "api", "cli", "push"] | None = Field(None, description="By default api.")
    summaries: dict[str, Any] | None = Field(
        None, description="For a project: a `stillframe.summary/1` document (docs/reference/summary.schema.json)."
    )


class ReportsBody(Body):
    """What may be said about a project's reports; every member is optional, and so is the part."""

    reason: str | None = Field(None, description="Why they are brought, in your words.")
    source_ref: str | None = Field(None, description="What they are of, for example a commit.")
    as_of: str | None = Field(
        None, description="The time that they describe, RFC 3339.", examples=["2026-01-02T03:04:05Z"]
    )
    immutable: bool = Field(False, description="Exempt from cleanup.")
    retention_class: str = Field("standard", description="Rules how long the payload is kept.")
    analyzer_version: str | None = Field(None, description="By default the tools that the reports name.")
    rule_version: str | None = Field(None, description="Of the rules that the tools went by.")
    trigger_source: Literal["manual", "api", "cli", "push"] | None = Field(None, description="By default api.")
    kloc: float | None = Field(
        None, description="Thousand lines of code, where no report counts them.", allow_inf_nan=False
    )
    root: str | None = Field(None, description="The folder that absolute paths in the reports start from.")


class CheckBody(Body):
    """Which candidate is put before which gate."""

    project_name: str = Field(description="The project that is to be released.", examples=["my-service"])
    profile: str | dict[str, Any] = Field(
        "standard", description="A profile's name, or a profile: docs/reference/release-profiles.md."
    )
    source_ref: str | None = Field(None, description="The candidate's revision, for example a commit.")
    reason: str | None = Field(None, description="Why it is checked, in your words.")
    dry_run: bool = Field(False, description="Decide, and keep nothing: no decision, no snapshot, no new state.")
    kloc: float | None = Field(
        None, description="Thousand lines of code, where no report counts them.", allow_inf_nan=False
    )
    root: str | None = Field(None, description="The folder that absolute paths in the reports start from.")


class SuppressionBody(Body):
    """A finding that somebody answers for until a day."""

    project_name: str = Field(description="The project that it was found in.", examples=["my-service"])
    finding_id: str = Field(description="The finding's id, as the gate and the project's findings have it.")
    reason: str = Field(description="Why releases need not wait for it.")
    expires_at: str = Field(
        description="When it counts again, RFC 3339; at most 365 days ahead.", examples=["2026-12-31T00:00:00Z"]
    )
    ticket: str | None = Field(None, description="Where it is followed up.")


class CompareBody(Body):
    """Two snapshots by their ids, or a project at two times."""

    from_snapshot_id: str | None = Field(None, description="The earlier snapshot.")
    to_snapshot_id: str | None = Field(None, description="The later one.")
    project_name: str | None = Field(None, description="In place of the ids, with both times.")
    from_timestamp: str | None = Field(None, description="RFC 3339; the newest snapshot of then or before.")
    to_timestamp: str | None = Field(None, description="RFC 3339; the newest snapshot of then or before.")
    include_drilldown: bool = Field(False, description="Also say what was added, resolved and changed, by category.")

    @model_validator(mode="after")
    def _one_way(self) -> CompareBody:
        by_id = self.from_snapshot_id is not None or self.to_snapshot_id is not None
        by_time = any(found is not None for found in (self.project_name, self.from_timestamp, self.to_timestamp))
        if by_id and by_time:
            raise ValueError("name two snapshots, or a project and two times, not both")
        if not by_id and self.project_name is None:
            raise ValueError("name two snapshots (from_snapshot_id, to_snapshot_id), or a project_name and two times")
        return self


class ExportBody(Body):
    """In which form a snapshot is wanted."""

    format: str = Field(description="The form.", json_schema_extra={"enum": ["json", "markdown", "pdf"]})
    baseline_snapshot_id: str | None = Field(None, description="Compare with this one: a compare report.")
    language: str = Field("en", description="Of the words in Markdown and PDF: en or ru.")


class Patch(Body):
    """What is to change; a member that is left out stays."""

    unset_by_null: ClassVar[frozenset[str]] = frozenset()
    """Members that null takes back."""

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, members: dict[str, Any]) -> dict[str, Any]:
        nulls = [name for name, value in members.items() if value is None and name not in cls.unset_by_null]
        if nulls:
            raise ValueError(f"{', '.join(nulls)} cannot be null; leave out what is to stay")
        if not members:
            raise ValueError("name at least one member to change")
        return members


class CommentBody(Body):
    """A comment; a persona mentioned as `@slug` finds it in its inbox."""

    body: str = Field(description="Markdown, 1 to 20,000 characters.")
    comment_type: str = Field("discussion", description="What it is.", json_schema_extra={"enum": _COMMENT_TYPES})
    parent_comment_id: str | None = Field(None, description="The comment that this one answers.")


class PersonaBody(Body):
    """A voice in discussions, with an inbox."""

    slug: str = Field(description="What mentions it: `@slug`.", examples=["ops-lead"])
    name: str | None = Field(None, description="What people read; by default the slug.", max_length=200)
    owner_name: str | None = Field(
        None, description="The user whose it is; by default yours, and only an admin names another."
    )


class TokenBody(Body):
    """A token for a user; an admin may make one for anybody, and the user with it."""

    name: str | None = Field(None, description="The user's name; by default yours.")
    role: Role | None = Field(None, description="The role of a user who does not exist yet.")
    label: str | None = Field(None, description="What the token is for.", max_length=200)
    scopes: list[TokenScope] = Field(list(TOKEN_SCOPES), description="What it may be used for.")
    expires_in_days: float | None = Field(
        None, description=f"More than 0, at most {LONGEST_TOKEN_DAYS}; by default never.", allow_inf_nan=False
    )


class UserPatch(Body):
    """Exactly one change of a user: another role, or no more access."""

    role: Role | SkipJsonSchema[None] = Field(None, description="What the user may do everywhere.")
    disabled: Literal[True] | SkipJsonSchema[None] = Field(None, description="No token of the user works any more.")

    @model_validator(mode="before")
    @classmethod
    def _one_change(cls, members: dict[str, Any]) -> dict[str, Any]:
        if len(members) != 1 or None in members.values():
            raise ValueError('write one change: {"role": "viewer"} or {"disabled": true}')
        return members


class GroupBody(Body):
    """People who are to own projects and dashboards together."""

    id: str = Field(description="What addresses call it.", examples=["team-a"])
    name: str | None = Field(None, description="What people call it; by default the id.")


class GroupPatch(Body):
    """Another name for a group."""

    name: str = Field(description="What people call it.")


class MemberBody(Body):
    """What a member of a group may do in it."""

    role: str = Field(description="The role.", json_schema_extra={"enum": list(GROUP_ROLES)})


class ProjectBody(Body):
    """Something whose health is to be kept."""

    name: str = Field(description="Its name in addresses; slashes may be in it.", examples=["my-service"])
    group_id: str = Field(description="The group that it belongs to.", examples=["team-a"])
    title: str | None = Field(None, description="What people call it; by default the name.")


class ProjectPatch(Patch):
    """What is to change of a project; a member that is left out stays."""

    title: str | SkipJsonSchema[None] = Field(None, description="What people call it.")
    group_id: str | SkipJsonSchema[None] = Field(None, description="The group to move it to, with its whole history.")


BODIES: tuple[type[Body], ...] = (
    ViewSpecBody,
    ApplyBody,
    SnapshotBody,
    EvidenceBody,
    ReportsBody,
    CheckBody,
    SuppressionBody,
    CompareBody,
    ExportBody,
    CommentBody,
    PersonaBody,
    TokenBody,
    UserPatch,
    GroupBody,
    GroupPatch,
    MemberBody,
    ProjectBody,
    ProjectPatch,
)
