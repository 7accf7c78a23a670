"""Why somebody is told, as blocks of a mail: what held of the rule, with each limit and what was observed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from stillframe.model.payload import RowId
from stillframe.model.verdict import Observed, Verdict
from stillframe.report.figures import cell, figure, figures_apart, is_number, name, percent
from stillframe.report.mail.document import Block, Column, Grid, Paragraph, Said

SENTENCE_MOST: Final = 300
CONDITIONS_MOST: Final = 12
_CELL_MOST: Final = 24
_PER_CENT: Final = 100

EntryKey: TypeAlias = tuple[str, RowId | None, str]
"""What finds an entry of a diff again: `row` with id and field, or `metric` with a name."""


def reason_blocks(verdict: Verdict) -> Iterator[Block]:
    """
    Return the reason: the sentence of a combinator, and a line for each condition that decided it.

    Shape   Of a verdict that is true the conditions that are true, of another one those that are not.
    """
    decided = list(_conditions(verdict, outcome=verdict.outcome))
    if decided != [verdict]:
        # What follows the colon is the sentence of one of its conditions, and those come next.
        yield Paragraph(text=_opened(_sentence(verdict).partition(": ")[0]) + ".")
    if all(node.limit is None for node in decided):
        for node in decided[:CONDITIONS_MOST]:
            yield Paragraph(text=_opened(_sentence(node)) + ".")
        return
    columns = (Column(title="Condition"), Column(title="Limit", right=True), Column(title="Observed", right=True))
    rows = tuple(
        (Said(_sentence(node)), Said(limit_of(node)), Said(_observed(node), "strong"))
        for node in decided[:CONDITIONS_MOST]
    )
    left = len(decided) - len(rows)
    more = f"and {left} more that decided it" if left else ""
    yield Grid(title="Why you are told" if verdict.met else "What decided it", columns=columns, rows=rows, more=more)


def limits_of(verdict: Verdict) -> dict[EntryKey, str]:
    """Return the limit that each entry of the diff has met, as people wrote it; of several the last."""
    found: dict[EntryKey, str] = {}
    for node in _conditions(verdict, outcome="true"):
        for witness in node.witnesses:
            key = entry_key(witness)
            if key is not None and node.limit is not None:
                found[key] = limit_of(node)
    return found


def entry_key(entry: Mapping[str, Any]) -> EntryKey | None:
    """Return what finds this entry again; None for one that is no value and no metric."""
    if "field" in entry and "old" in entry:
        return "row", entry.get("id"), str(entry["field"])
    return ("metric", None, str(entry["name"])) if "name" in entry and "old" in entry else None


def limit_of(node: Verdict) -> str:
    """Return a condition's limit as its owner wrote it, or nothing where it has none."""
    if node.limit is None:
        return ""
    if _is_share(node) and is_number(node.limit):
        return f"{node.limit * _PER_CENT:.12g} %"
    return _apart(node)[0]


def _conditions(verdict: Verdict, *, outcome: str) -> Iterator[Verdict]:
    """Give the nodes without children that have this outcome; below a `NOT` nothing holds that a reader could see."""
    if verdict.outcome != outcome:
        return
    inner = [child for child in verdict.children if child.outcome == outcome]
    if not inner:
        yield verdict
    for child in inner:
        yield from _conditions(child, outcome=outcome)


def _observed(node: Verdict) -> str:
    if node.observed is None:
        return ""
    if _is_share(node) and is_number(node.observed):
        return f"{'+' if node.observed > 0 else '-'}{percent(node.observed)}"
    return _apart(node)[1]


def _apart(node: Verdict) -> tuple[str, str]:
    limit, observed = node.limit, node.observed
    if is_number(limit) and is_number(observed):
        return figures_apart(limit, observed)
    return _alone(limit), _alone(observed)


def _alone(value: Observed) -> str:
    return figure(value) if is_number(value) else cell(value, most=_CELL_MOST)


def _is_share(node: Verdict) -> bool:
    """
    Say whether a limit is a fraction of the old value: its own sentence writes it in per cent.

    The tree of a verdict does not name the kind of condition, and 0.1 alone could be either.
    """
    return is_number(node.limit) and f"limit {node.limit * _PER_CENT:.12g} %" in node.sentence


def _sentence(node: Verdict) -> str:
    return name(node.sentence, most=SENTENCE_MOST)


def _opened(sentence: str) -> str:
    """Return a sentence with a capital, unless it begins with a name such as `on_time`."""
    return sentence[:1].upper() + sentence[1:] if sentence.partition(" ")[0].isalpha() else sentence
