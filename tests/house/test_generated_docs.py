"""What stands in docs/reference and is generated is what the code says now."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from stillframe.capture.summary import read_summary
from stillframe.errors import CaptureRefused
from tools.generate_docs import GENERATED, find_stale, summary_document, view_spec_document, write_all


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


@pytest.mark.parametrize("produce", [view_spec_document, summary_document])
def test_a_published_schema_is_a_json_schema(produce: Callable[[], str]) -> None:
    """Editors and validators other than ours must be able to read it."""
    schema = json.loads(produce())
    jsonschema.validators.validator_for(schema).check_schema(schema)
    assert schema["type"] == "object"


def test_the_schema_of_summaries_takes_what_is_taken_and_refuses_what_is_refused() -> None:
    """Whoever checks a summary before it is sent is not surprised by the answer."""
    schema = json.loads(summary_document())
    taken = {"schema": "stillframe.summary/1", "summaries": {"sca": {"score": 92, "measures": [{"id": "critical"}]}}}
    jsonschema.validate(taken, schema)
    read_summary(taken)
    for member, wrong in (
        ("schema", "stillframe.summary/2"),
        ("summaries", {"planet": {}}),
        ("summaries", {"sca": {"score": 101}}),
        ("findings", [{"id": "f-1", "dimension": "sca", "severity": "awful"}]),
        ("extra", 1),
    ):
        refused = {**taken, member: wrong}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(refused, schema)
        with pytest.raises(CaptureRefused):
            read_summary(refused)
