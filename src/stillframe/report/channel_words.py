"""What a chat service or a pager is told: a title, a short text, and the same as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stillframe.model.diff import Diff
from stillframe.model.payload import RowId
from stillframe.model.verdict import Observed, Verdict
from stillframe.report.figures import cell, figures_apart, is_number, name
from stillframe.report.gate_words import Answer, CheckJson, adoption_text, called, in_order, score_text, tally
from stillframe.report.lines import plain_lines
from stillframe.report.link import SnapshotLink
from stillframe.report.markdown import link
from stillframe.report.message import Message
from stillframe.report.release_notice import gate_headline
from stillframe.report.words import headline

TITLE_MOST: Final = 200
ENTRIES_MOST: Final = 10
"""How many changes, or checks, are listed where the subscription does not say."""
_NAME_MOST: Final = 80
_SENTENCE_MOST: Final = 300
_CELL_MOST: Final = 60
_WEB: Final = ("http://", "https://")
_LINKED: Final = {
    "diff": "What changed",
    "decision": "The decision",
    "compare": "What changed",
    "dashboard": "Dashboard",
}
_BEGINNINGS: Final = {"resolved": "Resolved: ", "digest": "Digest: "}
_APART: Final = "\u200b"
_MENTION: Final = re.compile(r"@(?=\S)|<(?=[!@#])")
_SPECIAL: Final = re.compile(
    r"[\\`*_\[\]<>~|]|&(?=#?\w+;)|^[-+#=](?=[-+#= ]|$)|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=www)\.|:(?=//)", re.IGNORECASE
)
"""What formats anywhere, what does so at the beginning of a line, and what makes an address of bare text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """
    One message in words, which hold no control character and mention nobody.

    Shape   `why`, `entries` (a list) and `frames` are lines of plain text. `links`: what is behind each, and its
            absolute address.
    """

    title: str
    why: tuple[str, ...]
    entries: tuple[str, ...]
    frames: tuple[str, ...]
    links: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """All but the title as plain text."""
        links = [f"{said}: {url}" for said, url in self.links]
        return _paragraphs(self.why, [f"- {entry}" for entry in self.entries], self.frames, links)

    @property
    def markdown(self) -> str:
        """The same as Markdown, in which nothing that the data holds formats or links."""
        links = [" · ".join(link(said, url) for said, url in self.links)] if self.links else []
        return _paragraphs(
            map(escaped, self.why), [f"- {escaped(entry)}" for entry in self.entries], map(escaped, self.frames), links
        )


def words_of(message: Message, *, titles: Mapping[RowId, str]) -> Words:
    """
    Return what a message says.

    Shape   `titles`: what people call the rows of its two snapshots.
    """
    if message.gate is not None:
        return _of_decision(message, message.gate)
    diff = Diff.from_dict(json.loads(message.diff_json))
    said = headline(diff, titles=titles) if not diff.is_empty else "changed and came back"
    begin = _BEGINNINGS.get(message.kind, "")
    return Words(
        title=_title(message, f"{begin}{name(message.dashboard_title, most=_NAME_MOST)}: {said}"),
        why=_unmentioned(_why(message, Verdict.from_dict(message.reason))),
        entries=_unmentioned(_unsigned(plain_lines(diff, titles=titles, limit=message.max_items or ENTRIES_MOST))),
        frames=tuple(_frames(message)),
        links=_links(message),
    )


def escaped(line: str) -> str:
    """
    Return a line as Markdown that shows it as it is; without entities, since chat services know Markdown in part.

    >>> escaped("- *x* <b> 1_000")
    '\\\\- \\\\*x\\\\* \\\\<b\\\\> 1\\\\_000'
    """
    return _SPECIAL.sub(r"\\\g<0>", line)


def _of_decision(message: Message, answer: Answer) -> Words:
    checks = [check for check in in_order(answer["checks"]) if check["status"] != "pass"]
    most = message.max_items or ENTRIES_MOST
    left = len(checks) - most
    told = [*map(_check_line, checks[:most]), *([f"and {left:,} more"] if left > 0 else [])]
    why = [tally(answer["checks"]), score_text(answer), adoption_text(answer)]
    return Words(
        title=_title(message, gate_headline(answer)),
        why=_unmentioned(filter(None, why)),
        entries=_unmentioned(told),
        frames=(),
        links=_links(message),
    )


def _check_line(check: CheckJson) -> str:
    return f"{check['severity']} {called(check)} {check['status']}: {check['message']}"


def _title(message: Message, said: str) -> str:
    marked = f"Test: {said}" if message.test else said
    return _MENTION.sub(rf"\g<0>{_APART}", name(marked, most=TITLE_MOST))


def _why(message: Message, verdict: Verdict) -> Iterator[str]:
    said = message.said
    if message.kind == "digest":
        yield from _counted(said)
    elif message.kind == "resolved":
        yield "The rule is no longer true" + (f"; it was told at {said['told_at']}." if said.get("told_at") else ".")
    elif said.get("held_because"):
        yield f"Told only now: it was held back ({said['held_because']})."
    yield reason_text(verdict)


def _counted(said: Mapping[str, Any]) -> Iterator[str]:
    times, since = said.get("times"), said.get("since")
    if times is not None:
        span = f" since {since}" if since else ""
        yield f"The rule was true at {times:,} {'snapshot' if times == 1 else 'snapshots'}{span}."
    back = said.get("came_back")
    if isinstance(back, list | tuple):
        if back:
            yield f"Changed and came back: {', '.join(name(str(found), most=_CELL_MOST) for found in back)}."
    elif back:
        yield "What changed has come back: nothing differs now."


def reason_text(verdict: Verdict) -> str:
    """Return why a rule is true or not: its sentence, with limit and observed where there are any."""
    if verdict.limit is None:
        return verdict.sentence
    limit, observed = _apart(verdict.limit, verdict.observed)
    return f"{verdict.sentence} (limit {limit}, observed {observed})"


def _apart(limit: Observed, observed: Observed) -> tuple[str, str]:
    if is_number(limit) and is_number(observed):
        return figures_apart(limit, observed)
    return cell(limit, most=_CELL_MOST), cell(observed, most=_CELL_MOST)


def _frames(message: Message) -> Iterator[str]:
    if message.snapshot_a is not None and message.snapshot_b is not None:
        yield f"{_frame(message.snapshot_a)} → {_frame(message.snapshot_b)}"


def _frame(snapshot: SnapshotLink) -> str:
    return f"frame {snapshot.sequence} of {snapshot.timestamp_text}"


def _links(message: Message) -> tuple[tuple[str, str], ...]:
    """Return the links that lead somewhere: without a public address they are paths, which a chat cannot follow."""
    return tuple(
        (said, message.links[found]) for found, said in _LINKED.items() if message.links.get(found, "").startswith(_WEB)
    )


def _unsigned(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines without the sign of what came or went, which in a list would begin another one; words say it too."""
    return (line[2:] if line.startswith(("+ ", "- ")) else line for line in lines)


def _unmentioned(lines: Iterable[str]) -> tuple[str, ...]:
    """Return each line without what a chat service would take for a mention, whatever the data holds."""
    return tuple(_MENTION.sub(rf"\g<0>{_APART}", name(line.strip(), most=_SENTENCE_MOST)) for line in lines)


def _paragraphs(*found: Iterable[str]) -> str:
    return "\n\n".join(filter(None, ("\n".join(lines) for lines in found)))
