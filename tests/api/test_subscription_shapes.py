"""Shapes about subscriptions hold what the nouns write, member for member."""

from __future__ import annotations

from datetime import UTC, datetime

from stillframe.api.subscription_shapes import EvaluationShape, PreviewShape, SubscriptionShape, TrialShape
from stillframe.flows.evaluation_answer import Evaluation
from stillframe.model.delivery import Trial
from stillframe.model.subscription import Subscription

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_a_subscription_has_exactly_the_documented_members() -> None:
    """What is documented is what is answered."""
    written = Subscription(
        id="s",
        dashboard_id="d",
        subscriber_kind="persona",
        subscriber_id="ops",
        threshold={"any_change": True},
        rule_id=1,
        owner_id="u",
        created_at=NOON,
    ).as_dict()
    assert SubscriptionShape.model_validate(written).model_dump() == written


def test_an_evaluation_and_a_trial_have_exactly_the_documented_members() -> None:
    """Also where nothing was judged."""
    silent = Evaluation(snapshot_id="x", sequence=1, as_of=NOON, timestamp=NOON, outcome="not_judged", sentence="first")
    assert EvaluationShape.model_validate(silent.as_dict()).model_dump() == silent.as_dict()
    trial = Trial(subscription_id="s", sent_by="alice", at=NOON, outcome="sent", status=204)
    assert TrialShape.model_validate(trial.as_dict()).model_dump() == trial.as_dict()


def test_a_preview_says_its_period_by_the_names_of_the_request() -> None:
    """`from` is a word of Python, and all the same the member's name."""
    assert "from" in PreviewShape.model_json_schema(by_alias=True)["$defs"]["PreviewPeriod"]["properties"]
