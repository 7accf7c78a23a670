"""Request bodies: what each route understands, and nothing beside it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.json_schema import SkipJsonSchema

from stillframe.flows.identity import LONGEST_TOKEN_DAYS
from stillframe.model.discussion import COMMENT_TYPES
from stillframe.model.identity import TOKEN_SCOPES, Role, TokenScope
from stillframe.model.subscription import BASELINES, SUBSCRIBER_KINDS, BaselineKind

_COMMENT_TYPES: list[JsonValue] = [kind for kind in COMMENT_TYPES if kind != "snapshot_alert"]


class Body(BaseModel):
    """A JSON object that refuses unknown members and takes no type for another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ViewSpecBody(Body):
    """A dashboard, given by its view spec."""

    view_spec_json: dict[str, Any] = Field(
        description="The view spec; its schema is docs/reference/view-spec.schema.json."
    )


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


class SubscriptionBody(Body):
    """Whom to tell of what."""

    subscriber_kind: str = Field(description="What is told.", json_schema_extra={"enum": list(SUBSCRIBER_KINDS)})
    subscriber_id: str = Field(
        description="A persona's slug, a webhook's URL, or an email address.", max_length=4_096, repr=False
    )
    threshold_json: dict[str, Any] = Field(
        description="The rule: exactly one condition or one combinator.", examples=[{"top_n_reordering": 3}]
    )
    baseline: str = Field("previous", description="What is compared with.", json_schema_extra={"enum": list(BASELINES)})
    baseline_snapshot_id: str | None = Field(None, description="What `pinned` is pinned to.")
    allow_missing: bool = Field(False, description="Take a rule about what the dashboard does not have yet.")
    repeat_interval: int | None = Field(None, description="For `pinned`: tell again after so many seconds.")


class SubscriptionPatch(Body):
    """What is to change of a subscription; a member that is left out stays."""

    threshold_json: dict[str, Any] | SkipJsonSchema[None] = None
    baseline: BaselineKind | SkipJsonSchema[None] = None
    baseline_snapshot_id: str | SkipJsonSchema[None] = None
    allow_missing: bool | SkipJsonSchema[None] = None
    repeat_interval: int | SkipJsonSchema[None] = None

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, members: dict[str, Any]) -> dict[str, Any]:
        nulls = [name for name, value in members.items() if value is None]
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

    role: Role | SkipJsonSchema[None] = None
    disabled: Literal[True] | SkipJsonSchema[None] = None

    @model_validator(mode="before")
    @classmethod
    def _one_change(cls, members: dict[str, Any]) -> dict[str, Any]:
        if len(members) != 1 or None in members.values():
            raise ValueError('write one change: {"role": "viewer"} or {"disabled": true}')
        return members


BODIES: tuple[type[Body], ...] = (
    ViewSpecBody,
    SnapshotBody,
    SubscriptionBody,
    SubscriptionPatch,
    CommentBody,
    PersonaBody,
    TokenBody,
    UserPatch,
)
