"""A verdict as JSON."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.errors import InvalidInput
from stillframe.model.verdict import Verdict

LEAF = Verdict(path="$.AND[0]", outcome="true", limit=1, observed=2, witnesses=({"id": 1},), sentence="it did")
TREE = Verdict(path="$", outcome="unknown", sentence="who knows", children=(LEAF,))


def test_a_verdict_reads_back_what_it_wrote() -> None:
    """The reason travels to the log, the message and the page."""
    assert Verdict.from_dict(TREE.as_dict()) == TREE
    assert (LEAF.met, TREE.met) == (True, False)


@pytest.mark.parametrize(
    "document", [{}, {**TREE.as_dict(), "outcome": "maybe"}, {**TREE.as_dict(), "children": [3]}, 3]
)
def test_what_is_no_verdict_is_refused(document: Any) -> None:
    """An outcome is true, false or unknown, and nothing else."""
    with pytest.raises(InvalidInput):
        Verdict.from_dict(document)
