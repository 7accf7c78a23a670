"""Request bodies about subscriptions: whom to tell of what, how calmly, and what a rule would have told."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from stillframe.api.bodies import Body, Patch
from stillframe.model.calm import CALM_MEMBERS, IMPORTANCES
from stillframe.model.subscription import BASELINES, SUBSCRIBER_KINDS, BaselineKind

_REPEATS = "For `pinned`: tell again after so many seconds."
_OUTCOMES = (
    '`change`: when the rule is met. `{"gate": ["fail", "warn"]}`: when a release gate decides so of this project.'
)
_EVENING = {"from": "22:00", "to": "07:00", "zone": "Europe/Berlin"}
_MORNING = {"every": "daily", "at": "08:00", "zone": "Europe/Berlin"}


class CalmMembers(Body):
    """How often and when somebody may be told."""

    cooldown_seconds: int | None = Field(None, description="After a notice nothing is told for so long.")
    pending_for: int | None = Field(None, description="The rule must hold at so many snapshots in a row.")
    snooze_until: str | None = Field(
        None, description="Nothing is told before this time, RFC 3339.", examples=["2026-12-31T18:00:00Z"]
    )
    quiet_hours: dict[str, Any] | None = Field(
        None, description="Hours of each day in which nothing is told: `from`, `to`, `zone`.", examples=[_EVENING]
    )
    digest: str | dict[str, Any] | None = Field(
        None,
        description="Tell the changes of a span together, as their net: `hourly`, `daily`, `weekly`, or `every`, `at`, "
        "`on`, `zone`.",
        examples=["daily", _MORNING],
    )
    notify_on_resolve: bool | None = Field(None, description="Tell also when the rule is no longer met.")

    def calm(self) -> dict[str, Any]:
        """Return the members of calm that were given, as they were given."""
        return {name: getattr(self, name) for name in CALM_MEMBERS if name in self.model_fields_set}


class SubscriptionBody(CalmMembers):
    """Whom to tell of what."""

    subscriber_kind: str = Field(description="What is told.", json_schema_extra={"enum": list(SUBSCRIBER_KINDS)})
    subscriber_id: str = Field(
        description="A persona's slug, a webhook's URL, an email address, or the name of a channel.",
        max_length=4_096,
        repr=False,
    )
    on: str | dict[str, Any] = Field("change", description=_OUTCOMES)
    threshold_json: dict[str, Any] | None = Field(
        None,
        description="The rule, for `change`: exactly one condition or one combinator.",
        examples=[{"top_n_reordering": 3}],
    )
    baseline: str = Field("previous", description="What is compared with.", json_schema_extra={"enum": list(BASELINES)})
    baseline_snapshot_id: str | None = Field(None, description="What `pinned` is pinned to.")
    allow_missing: bool = Field(False, description="Take a rule about what the dashboard does not have yet.")
    repeat_interval: int | None = Field(None, description=_REPEATS)
    importance: str = Field(
        "normal", description="Shown with every message.", json_schema_extra={"enum": list(IMPORTANCES)}
    )
    max_items: int | None = Field(None, description="How many entries of a list a message shows, 1 to 100.")


class PreviewBody(SubscriptionBody):
    """A subscription as it would be made, and over which snapshots it is to be tried."""

    from_: str | None = Field(None, alias="from", description="Snapshots from this time on, RFC 3339.")
    to: str | None = Field(None, description="And up to this time.")
    last: int | None = Field(None, description="In place of times: so many of the newest snapshots.")


class SubscriptionPatch(Patch, CalmMembers):
    """What is to change of a subscription; a member that is left out stays, and null takes one of calm back."""

    unset_by_null: ClassVar[frozenset[str]] = frozenset((*CALM_MEMBERS, "max_items", "repeat_interval"))

    threshold_json: dict[str, Any] | SkipJsonSchema[None] = Field(None, description="The rule.")
    on: str | dict[str, Any] | SkipJsonSchema[None] = Field(
        None, description="Other decisions of release gates, where it is told of those."
    )
    baseline: BaselineKind | SkipJsonSchema[None] = Field(None, description="What is compared with.")
    baseline_snapshot_id: str | SkipJsonSchema[None] = Field(None, description="What `pinned` is pinned to.")
    allow_missing: bool | SkipJsonSchema[None] = Field(
        None, description="Take a rule about what the dashboard does not have yet."
    )
    repeat_interval: int | None = Field(None, description=_REPEATS)
    importance: str | SkipJsonSchema[None] = Field(
        None, description="Shown with every message.", json_schema_extra={"enum": list(IMPORTANCES)}
    )
    max_items: int | None = Field(None, description="How many entries of a list a message shows, 1 to 100.")


class SecretBody(Body):
    """How a webhook's secret is replaced; every member is optional, and so is the body."""

    overlap_seconds: int = Field(
        86_400, description="For how long the secret before signs too: 0 to 2,592,000 (30 days)."
    )


class ResumeBody(Body):
    """How a paused subscription goes on; every member is optional, and so is the body."""

    replay: bool = Field(True, description="Also send what was kept while it was paused.")


SUBSCRIPTION_BODIES: tuple[type[Body], ...] = (
    SubscriptionBody,
    PreviewBody,
    SubscriptionPatch,
    SecretBody,
    ResumeBody,
)
