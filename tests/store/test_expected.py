"""What the migrations make is what is there, word for word, and a difference of one word is seen."""

from __future__ import annotations

from stillframe.store import Store
from stillframe.store.expected import expected_objects, live_objects
from stillframe.store.reading import opened_for_reading
from tests.store.damage import by_hand


def test_a_fresh_database_is_as_expected(target: str) -> None:
    """The two are made on different ways, so this holds them together."""
    store = Store.open(target, create=True)
    expected = expected_objects(store.dialect)
    store.close()
    with opened_for_reading(target) as connection:
        assert live_objects(connection) == expected
    assert "trigger snapshots_delete" in expected
    assert "trigger texts_update" in expected


def test_a_guard_that_was_made_toothless_is_not_as_expected(target: str) -> None:
    """Its name is there and its words are others."""
    Store.open(target, create=True).close()
    if "://" in target:
        body = "BEGIN RETURN OLD; END"
        by_hand(
            target,
            f"CREATE OR REPLACE FUNCTION texts_delete() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        )
    else:
        by_hand(
            target,
            "DROP TRIGGER texts_delete",
            "CREATE TRIGGER texts_delete BEFORE DELETE ON texts WHEN false BEGIN SELECT 1; END",
        )
    dialect = "postgresql" if "://" in target else "sqlite"
    expected = expected_objects(dialect)
    with opened_for_reading(target) as connection:
        live = live_objects(connection)
    assert [name for name in expected if live.get(name) != expected[name]] == ["trigger texts_delete"]
