"""report facts in; six scored summaries out (quiet)."""

from stillframe.health.members import Member, member_of, members_payload, members_status, seen_members
from stillframe.health.project import project_payload
from stillframe.health.specs import formula_digest, health_spec

__all__ = [
    "Member",
    "formula_digest",
    "health_spec",
    "member_of",
    "members_payload",
    "members_status",
    "project_payload",
    "seen_members",
]
