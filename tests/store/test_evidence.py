"""Verdicts and notices: what was decided and said, kept as it was."""

from __future__ import annotations

from stillframe.store import Store
from tests.store.cast import new_id


def test_a_verdict_is_kept_by_rule(store: Store) -> None:
    """Why somebody was told, or not, can be read later; the first word stays."""
    a, b = new_id(), new_id()
    with store.write() as unit:
        unit.verdicts.add(a, b, packed={1: {"outcome": "true"}, 22: "false"})
        unit.verdicts.add(a, b, packed={1: "false"})
        unit.verdicts.add(a, b, packed={1: "unknown"}, view="v")
        assert unit.verdicts.get(a, b) == {1: {"outcome": "true"}, 22: "false"}
        assert unit.verdicts.get(a, b, view="v") == {1: "unknown"}
        assert unit.verdicts.get(b, a) is None


def test_a_notice_says_the_same_on_every_try(store: Store) -> None:
    """The diff that was promised is kept byte for byte."""
    with store.write() as unit:
        unit.notices.add("a", "b", b'{"first":1}')
        unit.notices.add("a", "b", b'{"second":2}')
        assert unit.notices.get("a", "b") == b'{"first":1}'
        assert unit.notices.get("a", "c") is None
