"""The rules of a SARIF run: how bad what they find is, whether it is about security, and how results name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from stillframe.capture.reports.loose import loose_members, loose_texts
from stillframe.capture.reports.ruff import part_of_rule, severity_of_rule
from stillframe.capture.reports.severities import severity_of_score
from stillframe.capture.reports.walking import NOTHING, Name, Version, Walk
from stillframe.model.facts import Part, Severity

Level: TypeAlias = Literal["none", "note", "warning", "error"]
RuleId: TypeAlias = Annotated[str, msgspec.Meta(max_length=1_000)]
SECURITY_TOOLS: Final = (
    "bandit", "bearer", "brakeman", "checkov", "detect-secrets", "devskim", "find security bugs", "flawfinder",
    "gitleaks", "gosec", "grype", "horusec", "kics", "mobsfscan", "njsscan", "opengrep", "osv-scanner", "semgrep",
    "checkmarx", "dependency-check", "psalm", "snyk", "snykcode", "terrascan", "tfsec", "trivy", "trufflehog", "zizmor",
)  # fmt: skip
"""Whose findings are about security whatever their rules say; names as tools write them, in small letters."""
_FOLLOWS_TAINT: Final = ("opengrep", "semgrep")
_TELLS_BY_LEVEL: Final = ("opengrep", "semgrep")
_OF_LEVEL: Final[dict[str, Severity]] = {"error": "high", "warning": "medium", "note": "low", "none": "info"}
_WEAKNESS: Final = re.compile(r"(?:^|/)cwe[-/]?", re.IGNORECASE)


class _Configuration(msgspec.Struct):
    level: Level | None = None


class _Rule(msgspec.Struct, rename="camel"):
    id: RuleId = ""
    name: str | None = None
    default_configuration: _Configuration | None = None
    properties: msgspec.Raw = NOTHING
    message_strings: msgspec.Raw = NOTHING
    relationships: msgspec.Raw = NOTHING


class _Component(msgspec.Struct, rename="camel"):
    name: Name
    version: Version | None = None
    semantic_version: Version | None = None
    rules: msgspec.Raw = NOTHING
    global_message_strings: msgspec.Raw = NOTHING


class _Tool(msgspec.Struct):
    driver: msgspec.Raw
    extensions: msgspec.Raw = NOTHING


class ComponentReference(msgspec.Struct):
    """Which of a tool's extensions a rule belongs to."""

    index: int = -1


class RuleReference(msgspec.Struct, rename="camel"):
    """How a result names its rule, beside its `ruleId` and `ruleIndex`."""

    id: RuleId | None = None
    index: int = -1
    tool_component: ComponentReference | None = None


class Target(msgspec.Struct, rename="camel"):
    """What a rule or a result is related to: an entry of a taxonomy such as CWE."""

    id: str = ""
    tool_component: msgspec.Raw = NOTHING


class _Relationship(msgspec.Struct):
    target: Target | None = None


_TOOL: Final = msgspec.json.Decoder(_Tool)
_COMPONENT: Final = msgspec.json.Decoder(_Component)
_RULE: Final = msgspec.json.Decoder(_Rule)
_RELATIONSHIP: Final = msgspec.json.Decoder(_Relationship)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    What a rule says of all its results.

    Shape   `level`: None where it says nothing. `severity`: by its `security-severity`, None where it has none.
            `messages`: its texts by their ids, as they are in the report.
    """

    id: str = ""
    level: Level | None = None
    severity: Severity | None = None
    is_security: bool = False
    is_path: bool = False
    messages: msgspec.Raw = field(default_factory=lambda: NOTHING, repr=False)

    def severity_at(self, level: Level | None) -> Severity:
        """
        Return how bad a result is: one of level `none` is information, else the rule's own figure counts before words.

        >>> (
        ...     Rule().severity_at(None),
        ...     Rule(level="error").severity_at(None),
        ...     Rule(severity="critical").severity_at("note"),
        ... )
        ('medium', 'high', 'critical')
        """
        said = level or self.level or "warning"
        return "info" if said == "none" else self.severity or _OF_LEVEL[said]


NO_RULE: Final = Rule()


class Rules:
    """A run's tool with the rules of its driver and of its extensions."""

    def __init__(self, walk: Walk, tool: msgspec.Raw, *, path: str) -> None:
        size = len(walk.report.data)
        found = walk.part(tool, _TOOL, path=path, most_bytes=size)
        if found is None:
            raise walk.refused(path, "a run names its tool")
        driver = walk.part(found.driver, _COMPONENT, path=f"{path}.driver", most_bytes=size)
        if driver is None:
            raise walk.refused(f"{path}.driver", "a run names its tool")
        self.tool = driver.name
        self.version = driver.version or driver.semantic_version
        self._is_ruff = driver.name.lower() == "ruff"
        self._is_security = _is_one_of(driver.name, SECURITY_TOOLS)
        self._walk = walk
        self._messages = driver.global_message_strings
        self._lists = [list(self._read(driver, f"{path}.driver"))]
        for at, extension in walk.items(found.extensions, _COMPONENT, path=f"{path}.extensions", most_bytes=size):
            self._lists.append(list(self._read(extension, at)))
        self._by_id: dict[str, Rule] = {}
        for rule in (rule for rules in self._lists for rule in rules):
            self._by_id.setdefault(rule.id, rule)

    @property
    def tells_by_level(self) -> bool:
        """Whether the tool calls every run a success, and a failed one by the level of its notifications."""
        return _is_one_of(self.tool, _TELLS_BY_LEVEL)

    @property
    def follows_taint(self) -> bool:
        """Whether the tool looks for paths of tainted values: one of its rules is about such paths."""
        return _is_one_of(self.tool, _FOLLOWS_TAINT) or any(rule.is_path for rules in self._lists for rule in rules)

    @property
    def looks_for(self) -> tuple[Part, ...]:
        """What the tool's rules speak of; one that names no rules, and is not known, speaks of quality."""
        rules = [rule for rules in self._lists for rule in rules]
        parts = {self.part_of(rule, rule.id) for rule in rules} - ({"audit"} if self._is_ruff else set())
        empty: Part = "audit" if self._is_security else "quality"
        return tuple(sorted(parts)) or (empty,)

    def of(self, rule_id: str | None, index: int, reference: RuleReference | None) -> Rule:
        """Return the rule of a result: by its place in the driver or in an extension, else by its id."""
        named = rule_id or (reference.id if reference else None) or ""
        extension = reference.tool_component.index if reference and reference.tool_component else -1
        place = reference.index if reference and reference.index >= 0 else index
        rules = self._lists[extension + 1] if -1 <= extension < len(self._lists) - 1 else []
        if 0 <= place < len(rules) and _is_named(rules[place], named):
            return rules[place]
        while named and named not in self._by_id:
            named = named.rpartition("/")[0]
        return self._by_id.get(named, NO_RULE)

    def part_of(self, rule: Rule, rule_id: str, *, is_weakness: bool = False) -> Part:
        """Return what a result speaks of: security if its tool, its rule or the result itself says so."""
        if self._is_ruff:
            return part_of_rule(rule_id)
        return "audit" if rule.is_security or is_weakness or self._is_security else "quality"

    def severity_of(self, rule: Rule, rule_id: str, level: Level | None) -> Severity:
        """Return how bad a result is; to Ruff everything is an error, so there the rule says it, as in Ruff's JSON."""
        return severity_of_rule(rule_id) if self._is_ruff and level != "none" else rule.severity_at(level)

    def message(self, rule: Rule, name: str) -> str | None:
        """Return the text that a result names instead of saying it; of the rule, else of the driver."""
        for messages in (rule.messages, self._messages):
            found = loose_members(messages).get(name)
            text = found.get("text") if isinstance(found, dict) else None
            if isinstance(text, str):
                return text
        return None

    def _read(self, component: _Component, path: str) -> Iterator[Rule]:
        for at, rule in self._walk.items(
            component.rules, _RULE, path=f"{path}.rules", most_bytes=len(self._walk.report.data)
        ):
            properties = loose_members(rule.properties)
            self._walk.keep(rule.id)
            yield Rule(
                id=rule.id,
                level=rule.default_configuration.level if rule.default_configuration else None,
                severity=_figure(properties.get("security-severity")),
                is_security=_is_security(properties) or self._is_related(rule.relationships, at),
                is_path=properties.get("kind") == "path-problem",
                messages=rule.message_strings,
            )

    def _is_related(self, relationships: msgspec.Raw, path: str) -> bool:
        found = self._walk.items(relationships, _RELATIONSHIP, path=f"{path}.relationships")
        return any(is_weakness(one.target) for _, one in found if one.target)


def _is_one_of(name: str, tools: tuple[str, ...]) -> bool:
    return any(re.search(rf"(?<![a-z]){re.escape(tool)}(?![a-z])", name.lower()) for tool in tools)


def is_weakness(target: Target) -> bool:
    """Say whether an entry of a taxonomy is one of CWE's."""
    name = loose_members(target.tool_component).get("name")
    return bool(_WEAKNESS.search(target.id)) or (isinstance(name, str) and name.strip().lower() == "cwe")


def _is_named(rule: Rule, named: str) -> bool:
    """SARIF 2.1.0, 3.27.5: a result's id may go on, with a slash, where its rule's id ends."""
    return not named or rule.id == named or named.startswith(f"{rule.id}/")


def _is_security(properties: dict[str, Any]) -> bool:
    tags = [tag.lower() for tag in loose_texts(properties.get("tags"))]
    return (
        _figure(properties.get("security-severity")) is not None
        or any("security" in re.split(r"[/\s:_-]", tag) or _WEAKNESS.search(tag) for tag in tags)
        or bool(loose_texts(properties.get("cwe")))
    )


def _figure(said: object) -> Severity | None:
    """Return the severity that GitHub's `security-severity` means: 9.0 critical, 7.0 high, 4.0 medium, above 0 low."""
    try:
        score = float(said) if isinstance(said, (str, int, float)) and not isinstance(said, bool) else 0.0
    except (ValueError, OverflowError):
        return None
    if not 0 < score <= 10:
        return None
    found = severity_of_score(score)
    return "low" if found == "info" else found
