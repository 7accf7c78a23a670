"""Verdicts and notices: what was decided about a snapshot against a baseline, and the diff that was sent, once each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from stillframe.store.frames import packed, unpacked
from stillframe.store.tables import NOTICES, VERDICTS
from stillframe.store.types import PackedId, json_text
from stillframe.store.work import Work

_QUICK_LEVEL = 3
"""Of zstd: a snapshot with a hundred baselines packs two hundred of these under the write lock."""
_PAIR = {"a": bindparam("snapshot", type_=PackedId()), "b": bindparam("baseline", type_=PackedId())}
_VERDICTS = select(VERDICTS.c.packed).where(
    VERDICTS.c.snapshot_id == _PAIR["a"],
    VERDICTS.c.baseline_snapshot_id == _PAIR["b"],
    VERDICTS.c.view == bindparam("the_view"),
)
_NOTICE = select(NOTICES.c.diff).where(
    NOTICES.c.snapshot_id == _PAIR["a"], NOTICES.c.baseline_snapshot_id == _PAIR["b"]
)


class Verdicts:
    """
    One packed row for each (snapshot, baseline, view), with the verdict of every distinct rule.

    A row for each subscription would cost a third of the whole capture speed; "why did I not get this" joins through
    the rule.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, snapshot_id: str, baseline_snapshot_id: str, *, packed: Mapping[int, Any], view: str = "") -> None:
        """Keep the verdicts of a comparison by rule; the first ones stay."""
        self.add_many(snapshot_id, {baseline_snapshot_id: packed}, view=view)

    def add_many(self, snapshot_id: str, by_baseline: Mapping[str, Mapping[int, Any]], *, view: str = "") -> None:
        """Keep the verdicts of a snapshot against each of its baselines, as `add`."""
        row = {"snapshot_id": snapshot_id, "view": view}
        rows = [
            row | {"baseline_snapshot_id": baseline_id, "packed": _packed(found)}
            for baseline_id, found in by_baseline.items()
        ]
        if rows:
            self._work.run(self._work.insert_once(VERDICTS), rows)

    def get(self, snapshot_id: str, baseline_snapshot_id: str, *, view: str = "") -> dict[int, Any] | None:
        """Return the verdicts by rule, as `add` was given them; None if this comparison was not judged."""
        row = self._work.row(_VERDICTS, {"snapshot": snapshot_id, "baseline": baseline_snapshot_id, "the_view": view})
        return (
            None
            if row is None
            else {int(rule_id): verdict for rule_id, verdict in orjson.loads(unpacked(row.packed)).items()}
        )


class Notices:
    """The diff that all notices about a snapshot and a baseline say, byte for byte."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, snapshot_id: str, baseline_snapshot_id: str, diff_json: bytes) -> None:
        """Keep a diff; the first one stays, so every try of a delivery says the same."""
        self.add_many(snapshot_id, {baseline_snapshot_id: diff_json})

    def add_many(self, snapshot_id: str, by_baseline: Mapping[str, bytes]) -> None:
        """Keep the diff against each baseline, as `add`."""
        rows = [
            {
                "snapshot_id": snapshot_id,
                "baseline_snapshot_id": baseline_id,
                "diff": packed(diff_json, level=_QUICK_LEVEL),
            }
            for baseline_id, diff_json in by_baseline.items()
        ]
        if rows:
            self._work.run(self._work.insert_once(NOTICES), rows)

    def get(self, snapshot_id: str, baseline_snapshot_id: str) -> bytes | None:
        row = self._work.row(_NOTICE, {"snapshot": snapshot_id, "baseline": baseline_snapshot_id})
        return None if row is None else unpacked(row.diff)


def _packed(verdicts: Mapping[int, Any]) -> bytes:
    document = {str(rule_id): verdict for rule_id, verdict in verdicts.items()}
    return packed(json_text(document).encode(), level=_QUICK_LEVEL)
