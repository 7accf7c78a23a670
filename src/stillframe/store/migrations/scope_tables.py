"""The tables and columns of schema version 0002: groups, memberships, projects, member lists, and the audit log."""

from __future__ import annotations

from stillframe.store.migrations.first_tables import in_words_of

_SCOPES = """
CREATE TABLE groups(id @text PRIMARY KEY,name @text NOT NULL,created_at @text NOT NULL,created_by @text NOT NULL)
@narrow;
CREATE TABLE memberships(group_id @text NOT NULL REFERENCES groups,user_id @text NOT NULL REFERENCES users,
role @text NOT NULL,since @text NOT NULL,PRIMARY KEY(group_id,user_id)) @narrow;
CREATE INDEX memberships_user ON memberships(user_id);
CREATE TABLE projects(name @text PRIMARY KEY,group_id @text NOT NULL REFERENCES groups,title @text NOT NULL,
created_at @text NOT NULL,created_by @text NOT NULL) @narrow;
CREATE INDEX projects_group ON projects(group_id,name);
ALTER TABLE dashboards ADD COLUMN kind @text NOT NULL DEFAULT 'live';
ALTER TABLE dashboards ADD COLUMN scope_group @text REFERENCES groups;
ALTER TABLE dashboards ADD COLUMN scope_project @text REFERENCES projects;
CREATE INDEX dashboards_group ON dashboards(scope_group) WHERE scope_group IS NOT NULL;
CREATE INDEX dashboards_project ON dashboards(scope_project) WHERE scope_project IS NOT NULL;
ALTER TABLE snapshots ADD COLUMN members @int;
CREATE TABLE member_lists(key @key,digest @blob NOT NULL UNIQUE);
CREATE TABLE member_list_items(list @int NOT NULL REFERENCES member_lists,project @text NOT NULL,
PRIMARY KEY(list,project)) @narrow;
CREATE INDEX member_list_projects ON member_list_items(project);
CREATE TABLE audit(key @key,at @int NOT NULL,actor @text NOT NULL,actor_id @text,action @text NOT NULL,
object @text NOT NULL,outcome @text NOT NULL,detail @text NOT NULL,request_id @text);
CREATE INDEX audit_at ON audit(at);
"""


def scope_statements(dialect: str) -> list[str]:
    """Return the statements of this version, in order, in the words of one database."""
    return in_words_of(dialect, _SCOPES)
