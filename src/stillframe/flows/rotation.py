"""Rotating a webhook's secret: the new one signs at once, and the one before it signs too for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from stillframe.errors import Conflict, InvalidInput
from stillframe.flows.auditing import audited
from stillframe.flows.letters import SECRETS_SEPARATOR, secret_row
from stillframe.flows.permission import require_own_or_edit, visible_dashboard
from stillframe.flows.services import Services
from stillframe.flows.subscriptions import visible_subscription
from stillframe.model.identity import Caller
from stillframe.model.times import milliseconds, time_text
from stillframe.notify import new_secret

OVERLAP_SECONDS = 86_400
OVERLAP_SECONDS_MOST = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """A webhook's new secret, shown this once, and until when the old one signs too."""

    secret: str = field(repr=False)
    old_secret_until: datetime

    def as_dict(self) -> dict[str, Any]:
        return {"secret": self.secret, "old_secret_until": time_text(self.old_secret_until)}


def rotate_secret(
    services: Services,
    caller: Caller,
    *,
    dashboard_ref: str,
    subscription_id: str,
    overlap_seconds: int = OVERLAP_SECONDS,
) -> Rotated:
    """
    Give a webhook a new secret.

    Every notice is signed with both until the overlap ends, so that a receiver may change over when it likes. A second
    rotation within it takes the place of the first: there are never more than two.

    Units   `overlap_seconds`: 0 (the old one signs nothing any more) to 30 days.
    Errors  NotFound, Forbidden, InvalidInput; Conflict for what is no webhook.
    Source  Standard Webhooks, "Key rotation".
    """
    if not 0 <= overlap_seconds <= OVERLAP_SECONDS_MOST:
        raise InvalidInput.at("$.overlap_seconds", f"0 to {OVERLAP_SECONDS_MOST}: at most 30 days")
    secret, until = new_secret(), milliseconds(services.clock()) + timedelta(seconds=overlap_seconds)
    with services.store.write() as unit:
        dashboard = visible_dashboard(unit, caller, dashboard_ref)
        unit.heads.lock(dashboard.id)
        subscription = visible_subscription(unit, caller, dashboard, subscription_id=subscription_id)
        require_own_or_edit(caller, "subscription.secret", dashboard, owner_id=subscription.owner_id)
        _, sealed = unit.subscriptions.sealed(subscription.id)
        if subscription.subscriber_kind != "webhook" or sealed is None:
            raise Conflict(f"a subscription of the kind {subscription.subscriber_kind} has no secret that signs")
        newest = services.vault.open(sealed, row_id=secret_row(subscription.id)).split(SECRETS_SEPARATOR)[0]
        live = SECRETS_SEPARATOR.join([secret, newest] if overlap_seconds else [secret])
        unit.subscriptions.set_sealed_secret(
            subscription.id,
            services.vault.seal(live, row_id=secret_row(subscription.id)),
            old_secret_until=until if overlap_seconds else None,
        )
        audited(
            services,
            unit,
            caller,
            action="subscription.secret",
            object=f"subscription:{subscription.id}",
            dashboard_id=dashboard.id,
            overlap_seconds=overlap_seconds,
        )
    return Rotated(secret=secret, old_secret_until=until)
