"""What the sections are written with: cells in a language, tables that are cut and say so, differences with a tone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from stillframe.model.delta import MetricDelta, ValueDelta
from stillframe.model.payload import Better, Cell
from stillframe.report.export.document import CELL_MOST, ROWS_MOST, Column, Grid, Said, Tone
from stillframe.report.figures import is_number
from stillframe.report.languages import Language

EMPTY = Said("")
_NARROW = 22
"""Characters: a column that needs no more takes what it needs; the others share the rest of the page."""
_WIDE_MOST = 4
"""So many columns can share what is left and still show a word whole."""
_NARROW_TOGETHER = 66
"""Beyond, nothing would be left of the page, and all columns share it."""
_WEIGHT_MOST = 3
_TONES: dict[str, Tone] = {"improved": "up", "regressed": "down", "unchanged": "muted", "missing": "muted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes in one language."""

    language: Language

    def say(self, key: str, **values: str) -> str:
        return self.language.say(key, **values)

    def head(self, word: str, *, right: bool = False, weight: int = 0) -> Column:
        """Return the head of a column whose name is ours."""
        return Column(title=self.say(f"column.{word}"), align="right" if right else "left", weight=weight)

    def text(self, value: str | None, tone: Tone = "plain") -> Said:
        """Return text from outside on one line, nothing where there is none."""
        return EMPTY if value is None else Said(self.language.name(value, most=CELL_MOST), tone)

    def code(self, value: str | None) -> Said:
        return self.text(value, "code")

    def cell(self, value: Cell) -> Said:
        """Return any cell of a table; what is absent is muted, and an empty text is empty."""
        if value == "":
            return EMPTY
        return Said(self.language.cell(value, most=CELL_MOST), "muted" if value is None else "plain")

    def whole(self, number: int | None) -> Said:
        return EMPTY if number is None else Said(self.language.whole(number))

    def state(self, state: str) -> Said:
        """Return the state of a metric or dimension in words."""
        return Said(self.language.known("state", state), _TONES.get(state, "plain"))

    def old_and_new(self, change: ValueDelta | MetricDelta) -> tuple[Said, Said]:
        """Return what was and what is, rounded alike."""
        old, new = self.language.cells_apart(change.old, change.new, most=CELL_MOST)
        return Said(old, "muted"), Said(new)

    def difference(self, change: ValueDelta | MetricDelta, *, better: Better) -> tuple[Said, Said]:
        """Return the difference and its share, toned by which way is better."""
        if change.overflow:
            return Said(self.say("delta.overflow")), EMPTY
        if change.delta is None or not is_number(change.delta):
            return EMPTY, EMPTY
        tone = self._tone(change.delta > 0, better=better) if change.delta else "plain"
        share = change.delta_pct
        if share is None:
            return Said(self.language.signed(change.delta), tone), Said(self.say("delta.from_zero"), "muted")
        return Said(self.language.signed(change.delta), tone), Said(self.language.signed_percent(share), tone)

    def move(self, rank_a: int | None, rank_b: int | None) -> Said:
        """Return which way a row went, by how many places."""
        if rank_a is None:
            return Said(self.say("move.new"), "up")
        if rank_b is None:
            return Said(self.say("move.gone"), "down")
        if rank_a == rank_b:
            return Said("–", "muted")
        up = rank_b < rank_a
        return Said(
            self.say("move.up" if up else "move.down", n=self.language.whole(abs(rank_a - rank_b))),
            "up" if up else "down",
        )

    def grid(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Said]],
        *,
        total: int,
        notes: Iterable[str] = (),
        sparse: bool = False,
    ) -> Grid:
        """
        Return a table of the first rows, which says so when there are more.

        Shape   `sparse`: a column in which no row says anything is left out.
        """
        shown = tuple(tuple(row) for row in islice(rows, ROWS_MOST))
        if sparse:
            kept = [place for place in range(len(columns)) if any(row[place].text for row in shown)]
            columns = [columns[place] for place in kept]
            shown = tuple(tuple(row[place] for place in kept) for row in shown)
        said = tuple(notes)
        if total > len(shown):
            said = (self.language.count("cut.rows", total, shown=self.language.whole(len(shown))), *said)
        widths = [
            max(map(len, (column.title, *(row[place].text for row in shown)))) for place, column in enumerate(columns)
        ]
        narrow = [width for width in widths if width <= _NARROW]
        tight = sum(narrow) > _NARROW_TOGETHER or len(widths) - len(narrow) > _WIDE_MOST
        weighed = (
            replace(column, weight=_weight(column.weight, width, tight=tight))
            for column, width in zip(columns, widths, strict=True)
        )
        return Grid(columns=tuple(weighed), rows=shown, notes=said, tight=tight)

    @staticmethod
    def _tone(up: bool, *, better: Better) -> Tone:
        if better == "none":
            return "plain"
        return "up" if up == (better == "higher") else "down"


def _weight(asked: int, width: int, *, tight: bool) -> int:
    if width <= _NARROW and not tight:
        return asked
    return min(max(asked, width // _NARROW, 1), _WEIGHT_MOST)
