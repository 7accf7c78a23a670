"""The rulebook parses a rule once and forgets the oldest."""

from __future__ import annotations

from typing import Any

import stillframe.flows.rulebook as module
from stillframe.flows.rulebook import Rulebook
from stillframe.model.subscription import RuleGroup
from stillframe.rules import parse_rule


def group(number: int, rule: Any) -> RuleGroup:
    """Return a group with this rule."""
    return RuleGroup(baseline="previous", baseline_snapshot_id=None, rule_id=number, rule=rule, subscribers=1)


def test_a_rule_is_parsed_once_for_its_number() -> None:
    """An interned rule never changes, so the second question gets the same object."""
    book, document = Rulebook(), {"set_added_min": 2}
    first = book.rule(group(7, document))
    assert first == parse_rule(document)
    assert book.rule(group(7, document)) is first
    assert book.rule(group(8, {"set_added_min": 3})) != first


def test_whoever_has_the_number_and_the_json_gets_the_same_rule() -> None:
    """A subscription that is judged by itself shares what its group would have had."""
    book, document = Rulebook(), {"set_added_min": 2}
    assert book.of(7, document) is book.rule(group(7, document))


def test_the_book_does_not_grow_for_ever() -> None:
    """Beyond its bound the oldest rule goes, and is parsed again when asked for."""
    book = Rulebook()
    first = book.rule(group(0, {"set_added_min": 1}))
    for number in range(1, module._KEPT_RULES + 1):
        book.rule(group(number, {"set_added_min": 1}))
    assert len(book._rules) == module._KEPT_RULES
    assert book.rule(group(0, {"set_added_min": 1})) == first
