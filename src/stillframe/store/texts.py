"""Interned texts: words that occur in many rows are kept once, and rows hold their number."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from stillframe.store.tables import TEXTS
from stillframe.store.work import Work

_BY_TEXT = select(TEXTS.c.key, TEXTS.c.text).where(TEXTS.c.text.in_(bindparam("wanted", expanding=True)))
_BY_KEY = select(TEXTS.c.key, TEXTS.c.text).where(TEXTS.c.key.in_(bindparam("wanted", expanding=True)))


class Texts:
    """Texts by number and numbers by text, remembered between units."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def keys_of(self, texts: Iterable[str]) -> dict[str, int]:
        """Return the number of each text, interning those that are new."""
        found, missing = self._remembered(set(texts))
        if not missing:
            return found
        found |= self._read(missing)
        new = [{"text": text} for text in sorted(missing - found.keys())]
        if new:
            self._work.run(self._work.insert_once(TEXTS), new)
            found |= self._read({row["text"] for row in new})
        return found

    def known_keys(self, texts: Iterable[str]) -> dict[str, int]:
        """Return the number of each text that has one."""
        found, missing = self._remembered(set(texts))
        return found | self._read(missing) if missing else found

    def texts_of(self, keys: Iterable[int]) -> dict[int, str]:
        """Return the text of each number."""
        words, wanted = self._work.memory.words, set(keys)
        found = {key: text for key in wanted if (text := words.get(key)) is not None}
        missing = wanted - found.keys()
        if missing:
            rows = self._work.rows(_BY_KEY, {"wanted": list(missing)})
            found |= {row.key: self._learn(row.key, row.text) for row in rows}
        return found

    def _remembered(self, texts: set[str]) -> tuple[dict[str, int], set[str]]:
        known = self._work.memory.word_keys
        found = {text: key for text in texts if (key := known.get(text)) is not None}
        return found, texts - found.keys()

    def _read(self, texts: set[str]) -> dict[str, int]:
        rows = self._work.rows(_BY_TEXT, {"wanted": list(texts)})
        for row in rows:
            self._learn(row.key, row.text)
        return {row.text: row.key for row in rows}

    def _learn(self, key: int, text: str) -> str:
        memory = self._work.memory

        def learn() -> None:
            memory.words.put(key, text)
            memory.word_keys.put(text, key)

        self._work.remember(learn)
        return text
