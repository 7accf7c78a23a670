"""What a delivery keeps that speaks of a view: whose members it is of, what is seen of both snapshots, and its diff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from stillframe.flows.seeing import sees_whole
from stillframe.model.identity import Caller
from stillframe.report.link import SnapshotLink
from stillframe.rules.access import readable_groups
from stillframe.store import Unit

VIEW = "view"
"""In what a delivery says beside its diff: which members of both snapshots it speaks of, and the names of the views."""
SEEN_DIFF = "diff"
"""There too: the diff itself, which no other delivery shares."""
BLIND_REASON = "its owner may not see every project that a notice would speak of"


def sees_told(
    unit: Unit, caller: Caller, snapshot_ids: Iterable[str | None], *, said: Mapping[str, Any] | None
) -> bool:
    """Say whether a caller may see every member that a delivery speaks of: of both whole pictures, or of a view."""
    view = (said or {}).get(VIEW)
    if view is None:
        return sees_whole(unit, caller, snapshot_ids)
    return not unit.member_lists.hidden(view["lists"], readable_groups(caller))


def seen_link(whole: SnapshotLink, said: Mapping[str, Any], *, later: bool) -> SnapshotLink:
    """Return how a delivery of a view names a snapshot: by what is seen of it, never by the whole's hash."""
    return replace(whole, content_hash=said[VIEW]["hashes"][later], redacted=True)


def told_facts(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message says of what a delivery keeps beside its diff."""
    return {name: value for name, value in said.items() if name not in (VIEW, SEEN_DIFF)}


def seen_diff(said: Mapping[str, Any]) -> bytes:
    """Return the diff that a delivery of a view says."""
    return orjson.dumps(said[SEEN_DIFF])
