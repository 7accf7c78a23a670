"""SARIF 2.1.0: what any analyser found, by the rules that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

from stillframe.capture.reports.gathering import Gathered
from stillframe.capture.reports.identity import Place, content_of, title_of
from stillframe.capture.reports.interface import Look, Report
from stillframe.capture.reports.loose import loose_members
from stillframe.capture.reports.sarif_places import Files, Spot, folder_of
from stillframe.capture.reports.sarif_rules import Level, Rule, RuleId, RuleReference, Rules, Target, is_weakness
from stillframe.capture.reports.semgrep import NEEDS_LOGIN
from stillframe.capture.reports.walking import NOTHING, Walk, is_there
from stillframe.model.facts import ReportFacts

FORMAT: Final = "sarif"
VERSION: Final = "2.1.0"
_MOST_ITEM_BYTES: Final = 8 * 1024 * 1024
_LINE_HASH: Final = "primaryLocationLineHash"
_LINK: Final = re.compile(r"\[([^\[\]\\]{1,500})\]\([^()\s]{1,500}\)")
_ARGUMENT: Final = re.compile(r"\{(\d{1,3})\}")
_DIGITS: Final = re.compile(r"(\d+)")


class _Log(msgspec.Struct):
    runs: msgspec.Raw
    version: msgspec.Raw = NOTHING


class _Run(msgspec.Struct, rename="camel"):
    tool: msgspec.Raw
    results: msgspec.Raw = NOTHING
    invocations: msgspec.Raw = NOTHING
    artifacts: msgspec.Raw = NOTHING
    original_uri_base_ids: msgspec.Raw = NOTHING
    external_property_file_references: msgspec.Raw = NOTHING


class _Message(msgspec.Struct):
    text: str | None = None
    markdown: str | None = None
    id: str | None = None
    arguments: msgspec.Raw = NOTHING


class _Notification(msgspec.Struct):
    message: _Message | None = None
    level: str = "warning"


class _Invocation(msgspec.Struct, rename="camel"):
    execution_successful: bool = True
    exit_code_description: str | None = None
    tool_execution_notifications: msgspec.Raw = NOTHING
    tool_configuration_notifications: msgspec.Raw = NOTHING
    working_directory: msgspec.Raw = NOTHING


class _Suppression(msgspec.Struct):
    status: Literal["accepted", "underReview", "rejected"] | None = None


class _Result(msgspec.Struct, rename="camel"):
    message: _Message
    rule_id: RuleId | None = None
    rule_index: int = -1
    rule: RuleReference | None = None
    kind: Literal["notApplicable", "pass", "fail", "review", "open", "informational"] = "fail"
    level: Level | None = None
    baseline_state: Literal["new", "unchanged", "updated", "absent"] | None = None
    locations: msgspec.Raw = NOTHING
    fingerprints: msgspec.Raw = NOTHING
    partial_fingerprints: msgspec.Raw = NOTHING
    suppressions: msgspec.Raw = NOTHING
    code_flows: msgspec.Raw = NOTHING
    taxa: msgspec.Raw = NOTHING


class _Anything(msgspec.Struct, gc=False):
    """A JSON object whatever is in it."""


_LOG: Final = msgspec.json.Decoder(_Log)
_RUN: Final = msgspec.json.Decoder(_Run)
_RESULT: Final = msgspec.json.Decoder(_Result)
_INVOCATION: Final = msgspec.json.Decoder(_Invocation)
_NOTIFICATION: Final = msgspec.json.Decoder(_Notification)
_SUPPRESSION: Final = msgspec.json.Decoder(_Suppression)
_TARGET: Final = msgspec.json.Decoder(Target)
_FLOW: Final = msgspec.json.Decoder(_Anything)
_TEXTS: Final = msgspec.json.Decoder(list[str])


class Sarif:
    """Reads the OASIS Static Analysis Results Interchange Format."""

    format = FORMAT
    title = "SARIF 2.1.0"
    version = 1

    def recognises(self, look: Look) -> bool:
        """Say whether it has runs, or names the schema of SARIF."""
        return look.syntax == "json" and not look.is_list and ("runs" in look.keys or "sarif" in _schema(look))

    def read(self, report: Report) -> ReportFacts:
        """
        Read the findings of all runs; if one of the runs failed, so did the report.

        Errors  CaptureRefused naming file, format and position.
        """
        walk = Walk(report, of=FORMAT)
        log = walk.top(_LOG)
        if bytes(memoryview(log.version)[:40]) != b'"%s"' % VERSION.encode():
            said = bytes(memoryview(log.version)[:40]).decode(errors="replace")
            raise walk.refused("$.version", f"version {VERSION} is read, this one says {said}")
        gathered = Gathered(walk)
        runs = [
            _Reading(walk, run, gathered, path=path)
            for path, run in walk.items(log.runs, _RUN, path="$.runs", most_bytes=len(report.data))
        ]
        if not runs:
            raise walk.refused("$.runs", "there is no run in it")
        for run in runs:
            run.read()
        failed = "; ".join(dict.fromkeys(run.failed for run in runs if run.failed is not None))[:1_000] or None
        versions = [run.rules.version for run in runs]
        return ReportFacts(
            format=FORMAT,
            reader=self.version,
            tool=_joined(run.rules.tool for run in runs),
            version=_joined(version for version in versions if version) if all(versions) else None,
            looks_for=tuple(sorted({part for run in runs for part in run.rules.looks_for})),
            failed=failed,
            findings=None if failed else gathered.findings(),
            taint_paths=not failed and any(run.follows_taint for run in runs),
        )


class _Reading:
    """One run on its way into the findings."""

    def __init__(self, walk: Walk, run: _Run, gathered: Gathered, *, path: str) -> None:
        self._walk = walk
        self._run = run
        self._gathered = gathered
        self._path = path
        self.rules = Rules(walk, run.tool, path=f"{path}.tool")
        self._invocations = list(walk.items(run.invocations, _INVOCATION, path=f"{path}.invocations"))
        folders = (folder_of(one.working_directory) for _, one in self._invocations)
        self._files = Files(
            walk,
            bases=run.original_uri_base_ids,
            artifacts=run.artifacts,
            folder=next((found for found in folders if found), None),
            path=path,
        )
        self.follows_taint = self.rules.follows_taint
        self.failed = next(self._failures(), None)

    def read(self) -> None:
        """Take the results that are failures, and neither gone nor of another kind."""
        if "results" in loose_members(self._run.external_property_file_references):
            where = f"{self._path}.externalPropertyFileReferences.results"
            raise self._walk.refused(where, "the results are in other files; put them into this one")
        path = f"{self._path}.results"
        for at, result in self._walk.items(self._run.results, _RESULT, path=path, most_bytes=_MOST_ITEM_BYTES):
            if result.kind == "fail" and result.baseline_state != "absent":
                self._take(result, at)

    def _take(self, result: _Result, path: str) -> None:
        rule = self.rules.of(result.rule_id, result.rule_index, result.rule)
        rule_id = result.rule_id or (result.rule.id if result.rule else None) or rule.id
        spot = self._files.spot(result.locations, path=path)
        message = self._message(result.message, rule, path) or rule_id or "a finding without a message"
        weakness = any(is_weakness(target) for _, target in self._walk.items(result.taxa, _TARGET, path=f"{path}.taxa"))
        flows = self._walk.items(result.code_flows, _FLOW, path=f"{path}.codeFlows", most_bytes=_MOST_ITEM_BYTES)
        tainted = next(flows, None) is not None
        self.follows_taint |= tainted
        self._gathered.add(
            _place(result, rule_id, spot=spot, message=message),
            part=self.rules.part_of(rule, rule_id, is_weakness=weakness),
            severity=self.rules.severity_of(rule, rule_id, result.level),
            message=message,
            file=spot.file,
            suppressed=self._is_suppressed(result.suppressions, path),
            tainted=tainted,
        )

    def _message(self, message: _Message, rule: Rule, path: str) -> str | None:
        """SARIF 2.1.0, 3.11: a message says its text, or names one of the rule's and what to put into it."""
        text = message.text or message.markdown
        if text is None and message.id is not None:
            text = self.rules.message(rule, message.id)
        if text and is_there(message.arguments):
            arguments = self._walk.part(message.arguments, _TEXTS, path=f"{path}.message.arguments") or []
            text = _ARGUMENT.sub(lambda found: _argument(arguments, int(found[1]), found[0]), text[:10_000])
        return _LINK.sub(r"\1", text[:10_000]) if text else None

    def _is_suppressed(self, suppressions: msgspec.Raw, path: str) -> bool:
        found = self._walk.items(suppressions, _SUPPRESSION, path=f"{path}.suppressions", most_bytes=_MOST_ITEM_BYTES)
        return any(one.status in (None, "accepted") for _, one in found)

    def _failures(self) -> Iterator[str]:
        for path, one in self._invocations:
            if not one.execution_successful:
                why = self._told(one, path) or one.exit_code_description or "it does not say why"
                yield f"{self.rules.tool}'s run failed: {title_of(why)}"
            if self.rules.tells_by_level:
                yield from self._errors(one, path)
        if not is_there(self._run.results) and not is_there(self._run.external_property_file_references):
            yield f"{self.rules.tool}'s run has no list of results: it did not look for any"

    def _errors(self, one: _Invocation, path: str) -> Iterator[str]:
        """Of a tool that always calls its run a success, and says what went wrong by the level of a notification."""
        for name, raw in _notifications(one):
            for at, found in self._walk.items(raw, _NOTIFICATION, path=f"{path}.{name}"):
                if found.level == "error":
                    text = self._message(found.message, Rule(), at) if found.message else None
                    yield f"{self.rules.tool}'s run failed: {title_of(text or 'it does not say why')}"

    def _told(self, one: _Invocation, path: str) -> str | None:
        for name, raw in _notifications(one):
            for at, found in self._walk.items(raw, _NOTIFICATION, path=f"{path}.{name}"):
                text = self._message(found.message, Rule(), at) if found.message else None
                if text:
                    return text
        return None


def _notifications(one: _Invocation) -> tuple[tuple[str, msgspec.Raw], ...]:
    return (
        ("toolExecutionNotifications", one.tool_execution_notifications),
        ("toolConfigurationNotifications", one.tool_configuration_notifications),
    )


def _place(result: _Result, rule_id: str, *, spot: Spot, message: str) -> Place:
    """Return what a result is known by: its fingerprint, else a part of one and its file, else its line."""
    whole = _prints(result.fingerprints)
    if whole:
        return Place(rule=rule_id, file="", content=f"fingerprint {whole[-1]}", line=spot.line)
    parts = _prints(result.partial_fingerprints)
    hashes = [found for found in parts if found.startswith(_LINE_HASH)]
    content = "; ".join(hashes or parts) or content_of(spot.code, message)
    return Place(rule=rule_id, file=spot.file, content=content, line=spot.line)


def _prints(raw: msgspec.Raw) -> list[str]:
    """Return a result's fingerprints, `NAME/v1=VALUE`, the highest version of the last name at the end."""
    found = loose_members(raw).items() if is_there(raw) else ()
    real = [(name, text) for name, text in found if isinstance(text, str) and text.strip() not in ("", NEEDS_LOGIN)]
    if len(real) > 1:
        real.sort(key=lambda pair: (_natural(pair[0]), pair[1]))
    return [f"{name}={text}" for name, text in real]


def _natural(name: str) -> list[tuple[int, str]]:
    return [
        (int(piece), "") if piece.isascii() and piece.isdigit() else (-1, piece) for piece in _DIGITS.split(name[:200])
    ]


def _argument(arguments: list[str], index: int, otherwise: str) -> str:
    return arguments[index][:500] if index < len(arguments) else otherwise


def _schema(look: Look) -> str:
    return look.marks.get("$schema", "").lower()


def _joined(names: Any) -> str:  # noqa: ANN401  # because any iterable of names does
    return ", ".join(dict.fromkeys(names))[:500]
