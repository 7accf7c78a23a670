"""Rules parsed once a process: an interned rule never changes, so its number is enough to find it again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from stillframe.model.subscription import RuleGroup
from stillframe.rules import Rule, parse_rule

_KEPT_RULES = 20_000


class Rulebook:
    """A bounded map from a rule's number in the store to its parsed form."""

    def __init__(self) -> None:
        self._rules: OrderedDict[int, Rule] = OrderedDict()
        self._lock = Lock()

    def rule(self, group: RuleGroup) -> Rule:
        """Return the parsed rule of a group."""
        return self.of(group.rule_id, group.rule)

    def of(self, rule_id: int, document: Mapping[str, Any]) -> Rule:
        """Return a rule by its number, parsed from its JSON the first time."""
        with self._lock:
            found = self._rules.get(rule_id)
        return found if found is not None else self._parsed(rule_id, document)

    def _parsed(self, rule_id: int, document: Mapping[str, Any]) -> Rule:
        rule = parse_rule(document)
        with self._lock:
            self._rules[rule_id] = rule
            if len(self._rules) > _KEPT_RULES:
                self._rules.popitem(last=False)
        return rule
