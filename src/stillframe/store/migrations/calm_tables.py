"""The tables and columns of schema version 0006: calm, standings, unusual verdicts, endpoints, tests."""

from __future__ import annotations

from stillframe.store.migrations.first_tables import in_words_of

_CALM = """
ALTER TABLE dashboard_subscriptions ADD COLUMN calm @text;
ALTER TABLE dashboard_subscriptions ADD COLUMN importance @text NOT NULL DEFAULT 'normal';
ALTER TABLE dashboard_subscriptions ADD COLUMN max_items @int;
ALTER TABLE dashboard_subscriptions ADD COLUMN acknowledged @int NOT NULL DEFAULT 0;
ALTER TABLE dashboard_subscriptions ADD COLUMN old_secret_until @int;
DROP INDEX subscriptions_groups;
CREATE INDEX subscriptions_groups ON dashboard_subscriptions(dashboard_artifact_id,rule_id,baseline,
baseline_snapshot_id)
WHERE state='active' AND gate IS NULL AND calm IS NULL;
CREATE INDEX subscriptions_calm ON dashboard_subscriptions(dashboard_artifact_id)
WHERE state='active' AND calm IS NOT NULL;
CREATE TABLE standings(subscription_id @text PRIMARY KEY,dashboard @int NOT NULL,episode_baseline @text,
consecutive @int NOT NULL,notified @int NOT NULL,window_from @text,window_times @int NOT NULL,wake_at @int) @narrow;
CREATE INDEX standings_wake ON standings(wake_at) WHERE wake_at IS NOT NULL;
CREATE TABLE evaluations(subscription_id @text,snapshot_id @id,baseline_snapshot_id @id NOT NULL,rule_id @int NOT NULL,
at @int NOT NULL,outcome @text NOT NULL,reason @text NOT NULL,detail @text,
PRIMARY KEY(subscription_id,snapshot_id,at)) @narrow;
CREATE INDEX evaluations_at ON evaluations(at);
CREATE TABLE endpoints(receiver @text PRIMARY KEY,failing_since @int,last_success_at @int) @narrow;
CREATE TABLE test_sends(key @key,subscription_id @text NOT NULL,sent_by @text NOT NULL,at @int NOT NULL,
outcome @text NOT NULL,status @int,detail @text);
CREATE INDEX test_sends_subscription ON test_sends(subscription_id);
ALTER TABLE outbox ADD COLUMN said @text;
CREATE INDEX outbox_stuck ON outbox(state,channel)
WHERE state IN ('deferred','parked','unknown','withheld','gave_up');
CREATE INDEX notifications_once_here ON notifications(dashboard_id,once_key) WHERE once_key IS NOT NULL;
"""


def calm_statements(dialect: str) -> list[str]:
    """Return the statements of this version, in order, in the words of one database."""
    return in_words_of(dialect, _CALM)
