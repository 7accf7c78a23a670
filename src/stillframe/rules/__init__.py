"""
A Diff and a rule in, a Verdict with its reason out; the gate,
who may do what, what is due, when to retry (quiet).
"""

from stillframe.rules.conditions import Rule
from stillframe.rules.explain import explain_many, explain_threshold
from stillframe.rules.grammar import parse_rule, rule_document
from stillframe.rules.judge import judge, judge_many, meets_threshold
from stillframe.rules.names import KnownNames, RuleNames, known_names, missing_names, names_in

__all__ = [
    "KnownNames",
    "Rule",
    "RuleNames",
    "explain_many",
    "explain_threshold",
    "judge",
    "judge_many",
    "known_names",
    "meets_threshold",
    "missing_names",
    "names_in",
    "parse_rule",
    "rule_document",
]
