-- Who asked to be told of which dashboard, by which rule, against which baseline.
-- The readable form of the table that `stillframe migrate` makes in SQLite; a test holds the two together.

CREATE TABLE dashboard_subscriptions(
    id TEXT NOT NULL PRIMARY KEY,
    dashboard_artifact_id TEXT NOT NULL REFERENCES dashboards(id),
    subscriber_kind TEXT NOT NULL,           -- persona, webhook or email
    subscriber_id TEXT NOT NULL,             -- a slug, an address, or what may be shown of a webhook's URL
    threshold_json TEXT NOT NULL,            -- the rule
    last_notified_snapshot_id TEXT,          -- moves when a delivery is promised
    created_at TEXT NOT NULL,                -- RFC 3339, UTC
    rule_id INTEGER NOT NULL REFERENCES rules, -- the rule again, interned: each distinct one is judged once
    owner_id TEXT NOT NULL REFERENCES users,
    baseline TEXT NOT NULL,                  -- previous, last_notified or pinned
    baseline_snapshot_id TEXT,               -- what last_notified and pinned are compared with now
    allow_missing INTEGER NOT NULL,
    repeat_interval INTEGER,                 -- seconds, for pinned
    state TEXT NOT NULL,                     -- active, paused or removed
    paused_reason TEXT,
    holding INTEGER NOT NULL,                -- pinned: its subscriber knows that the rule is true
    last_notified_at INTEGER,                -- milliseconds since 1970
    receiver TEXT,                           -- digest of a webhook's address
    sealed_address BLOB,                     -- the address, encrypted
    sealed_secret BLOB,                      -- the signing secret, encrypted
    gate TEXT,                               -- outcomes of release gates, with commas; null: changes are told
    calm TEXT,                               -- cooldown, pending, snooze, quiet hours, digest; null: none of them
    importance TEXT NOT NULL DEFAULT 'normal', -- low, normal or high
    max_items INTEGER,                       -- entries of a list that a message shows; null: what its channel shows
    acknowledged INTEGER NOT NULL DEFAULT 0, -- while the rule holds: not told again before it was false
    old_secret_until INTEGER                 -- milliseconds since 1970: until then the secret before signs too
);

CREATE UNIQUE INDEX subscriptions_once
    ON dashboard_subscriptions(dashboard_artifact_id, rule_id, subscriber_kind, subscriber_id)
    WHERE state<>'removed';

CREATE INDEX subscriptions_groups
    ON dashboard_subscriptions(dashboard_artifact_id, rule_id, baseline, baseline_snapshot_id)
    WHERE state='active' AND gate IS NULL AND calm IS NULL;

CREATE INDEX subscriptions_calm ON dashboard_subscriptions(dashboard_artifact_id)
    WHERE state='active' AND calm IS NOT NULL;
