"""report facts in; six scored summaries out (quiet)."""

from stillframe.health.assessing import Assessment, assess, release_summary
from stillframe.health.card import health_card
from stillframe.health.compliance import CompliancePolicy
from stillframe.health.formula import FORMULA_VERSION, Formula
from stillframe.health.freshness import Freshness, freshness
from stillframe.health.members import Member, member_of, members_payload, members_status, seen_members
from stillframe.health.project import project_payload
from stillframe.health.specs import formula_digest, health_spec

__all__ = [
    "FORMULA_VERSION",
    "Assessment",
    "CompliancePolicy",
    "Formula",
    "Freshness",
    "Member",
    "assess",
    "formula_digest",
    "freshness",
    "health_card",
    "health_spec",
    "member_of",
    "members_payload",
    "members_status",
    "project_payload",
    "release_summary",
    "seen_members",
]
