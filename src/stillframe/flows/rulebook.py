"""Rules parsed once a process: an interned rule never changes, so its number is enough to find it again."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

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
        with self._lock:
            found = self._rules.get(group.rule_id)
        return found if found is not None else self._parsed(group)

    def _parsed(self, group: RuleGroup) -> Rule:
        rule = parse_rule(group.rule)
        with self._lock:
            self._rules[group.rule_id] = rule
            if len(self._rules) > _KEPT_RULES:
                self._rules.popitem(last=False)
        return rule
