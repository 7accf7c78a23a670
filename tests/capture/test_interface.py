"""What a source is bound to shows nothing that it should not."""

from __future__ import annotations

from stillframe.capture import Connection, Read


def test_a_connection_never_shows_its_address_or_headers() -> None:
    """Both may hold a credential, and a traceback or a log prints what `repr` gives."""
    connection = Connection(
        name="warehouse", url="postgresql://alice:hunter2@db/x", headers={"Authorization": "Bearer hunter2"}
    )
    assert "warehouse" in repr(connection)
    assert "hunter2" not in repr(connection)
    assert "hunter2" not in str(connection)


def test_a_read_says_its_columns_only_where_the_source_knows_them() -> None:
    """JSON rows have no columns of their own; a SELECT has, also without a row."""
    assert Read(value=[], rows=0).columns == ()
