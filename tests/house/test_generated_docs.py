"""What stands in docs/reference and is generated is what the code says now."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from tools.generate_docs import GENERATED, find_stale, view_spec_document, write_all


def test_the_committed_reference_is_up_to_date(repository: Path) -> None:
    """A reference that lags behind the code is worse than none."""
    assert find_stale(repository) == ()


def test_a_file_that_is_missing_or_differs_is_stale(tmp_path: Path) -> None:
    """Writing makes every file current; one changed byte makes one file stale."""
    assert find_stale(tmp_path) == tuple(GENERATED)
    write_all(tmp_path)
    assert find_stale(tmp_path) == ()
    first = next(iter(GENERATED))
    with (tmp_path / first).open("a", encoding="utf8") as file:
        file.write("\n")
    assert find_stale(tmp_path) == (first,)


def test_the_published_schema_is_a_json_schema() -> None:
    """Editors and validators other than ours must be able to read it."""
    schema = json.loads(view_spec_document())
    jsonschema.validators.validator_for(schema).check_schema(schema)
    assert schema["type"] == "object"
