"""The tables and columns of schema version 0005: raw reports and who keeps them, release decisions, suppressions."""

from __future__ import annotations

from stillframe.store.migrations.first_tables import in_words_of

_REPORTS = """
CREATE TABLE reports(report @int,place @int,size @int NOT NULL,bytes @blob NOT NULL,PRIMARY KEY(report,place)) @narrow;
CREATE TABLE report_uses(report @int,dashboard @int,sequence @int,PRIMARY KEY(report,dashboard,sequence)) @narrow;
CREATE TABLE gates(id @id PRIMARY KEY,project_name @text NOT NULL,dashboard @int NOT NULL,decided_at @int NOT NULL,
decision @text NOT NULL,profile @text NOT NULL,profile_digest @blob NOT NULL,initiator @text NOT NULL,source_ref @text,
adopted @int NOT NULL,pre_snapshot_id @id,post_snapshot_id @id,evidence_incomplete @int NOT NULL,
answer @blob NOT NULL) @narrow;
CREATE INDEX gates_dashboard ON gates(dashboard,id);
CREATE TABLE suppressions(project_name @text,id @text,finding_id @text NOT NULL,reason @text NOT NULL,ticket @text,
created_by @text NOT NULL,created_at @text NOT NULL,expires_at @text NOT NULL,lifted_at @text,lifted_by @text,
PRIMARY KEY(project_name,id)) @narrow;
ALTER TABLE dashboard_subscriptions ADD COLUMN gate @text;
DROP INDEX subscriptions_groups;
CREATE INDEX subscriptions_groups ON dashboard_subscriptions(dashboard_artifact_id,rule_id,baseline,
baseline_snapshot_id)
WHERE state='active' AND gate IS NULL;
"""


def report_statements(dialect: str) -> list[str]:
    """Return the statements of this version, in order, in the words of one database."""
    return in_words_of(dialect, _REPORTS)
