"""Routes that let a rule be trusted: what it would have told, what it said, a test, another secret, going on."""

from __future__ import annotations

from stillframe.api.answers import Answer, page_answer
from stillframe.api.asked import Asked
from stillframe.api.door import Door
from stillframe.api.shapes import Paged
from stillframe.api.subscription_bodies import PreviewBody, ResumeBody, SecretBody
from stillframe.api.subscription_shapes import (
    EvaluationShape,
    PreviewShape,
    ResumedShape,
    RotatedShape,
    TrialShape,
)
from stillframe.api.subscriptions import ALL, ONE, request_of
from stillframe.flows.evaluation_answer import Evaluation
from stillframe.flows.evaluations import list_evaluations
from stillframe.flows.past import Period
from stillframe.flows.preview import preview
from stillframe.flows.resuming import resume_subscription
from stillframe.flows.rotation import rotate_secret
from stillframe.flows.trial import send_test
from stillframe.model.times import time_from_text

door = Door("Subscriptions")


@door.ask(f"{ALL}/preview", takes=PreviewBody, answers=PreviewShape, refuses=[404, 410, 429])
def preview_subscription(asked: Asked, dashboard_ref: str) -> Answer:
    """Try a subscription over the snapshots that there are: who would have been told, and what came close."""
    body = asked.read(PreviewBody)
    period = Period(
        since=None if body.from_ is None else time_from_text(body.from_, path="$.from"),
        until=None if body.to is None else time_from_text(body.to, path="$.to"),
        last=body.last,
    )
    found = preview(asked.services, asked.caller, dashboard_ref=dashboard_ref, request=request_of(body), period=period)
    return Answer(found.as_dict())


@door.post(f"{ONE}/test", answers=TrialShape, refuses=[404])
def test_subscription(asked: Asked, dashboard_ref: str, subscription_id: str) -> Answer:
    """Send the real last diff, marked as a test; it counts for nothing else."""
    sent = send_test(asked.services, asked.caller, dashboard_ref=dashboard_ref, subscription_id=subscription_id)
    return Answer(sent.as_dict())


@door.get(f"{ONE}/evaluations", answers=Paged[EvaluationShape], refuses=[404])
def evaluations(
    asked: Asked, dashboard_ref: str, subscription_id: str, *, limit: int | None = None, cursor: str | None = None
) -> Answer:
    """List what the rule said of each snapshot, newest first, and why it was told or not."""
    found = list_evaluations(
        asked.services,
        asked.caller,
        dashboard_ref=dashboard_ref,
        subscription_id=subscription_id,
        limit=asked.page_limit(limit),
        cursor=cursor,
    )
    return page_answer(found, Evaluation.as_dict)


@door.post(f"{ONE}/secret", takes=SecretBody, answers=RotatedShape, status=201, refuses=[404], body_required=False)
def new_secret(asked: Asked, dashboard_ref: str, subscription_id: str) -> Answer:
    """Give a webhook another secret, which is in this answer and never again; the one before signs too for a while."""
    body = asked.read(SecretBody)
    rotated = rotate_secret(
        asked.services,
        asked.caller,
        dashboard_ref=dashboard_ref,
        subscription_id=subscription_id,
        overlap_seconds=body.overlap_seconds,
    )
    return Answer(rotated.as_dict(), status=201)


@door.post(f"{ONE}/resume", takes=ResumeBody, answers=ResumedShape, refuses=[404], body_required=False)
def resume(asked: Asked, dashboard_ref: str, subscription_id: str) -> Answer:
    """Let a paused subscription go on, and send what was kept while it was paused."""
    body = asked.read(ResumeBody)
    resumed = resume_subscription(
        asked.services,
        asked.caller,
        dashboard_ref=dashboard_ref,
        subscription_id=subscription_id,
        replay=body.replay,
    )
    return Answer(resumed.as_dict())
