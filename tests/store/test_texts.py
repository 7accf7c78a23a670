"""Interned texts: one number for one text, for every process and for ever."""

from __future__ import annotations

import threading
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as some

from stillframe.store import Store
from stillframe.store.texts import Texts
from tests.store.cast import statements

WORDS = some.sets(
    some.text(some.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), max_size=6
)


def test_a_text_comes_back_by_its_number(store: Store, target: str) -> None:
    """Any text, in a process that remembers it and in one that does not."""
    another = Store.open(target, create=False)

    @settings(max_examples=25)
    @given(WORDS)
    def law(words: set[str]) -> None:
        with store.write() as unit:
            keys = Texts(unit._work).keys_of(words)
        assert keys.keys() == words
        assert len(set(keys.values())) == len(words)
        for one in (store, another):
            with one.read() as unit:
                assert Texts(unit._work).known_keys(words) == keys
                assert Texts(unit._work).texts_of(keys.values()) == {key: text for text, key in keys.items()}

    law()
    another.close()


def test_a_text_that_nobody_wrote_has_no_number(store: Store) -> None:
    """Asking does not intern: a reader writes nothing."""
    with store.read() as unit:
        assert Texts(unit._work).known_keys(["never"]) == {}
        assert Texts(unit._work).texts_of([404]) == {}


def test_what_is_remembered_is_not_asked_for_again(store: Store) -> None:
    """A capture names the same words every time, and reads none of them."""
    with store.write() as unit:
        Texts(unit._work).keys_of(["alice", "push"])
    with statements() as seen, store.write() as unit:
        Texts(unit._work).keys_of(["alice", "push"])
    assert seen == []


def test_a_number_that_was_taken_back_is_forgotten(store: Store, target: str) -> None:
    """A rolled back text may get another number, so none is remembered before its commit."""
    with suppress(RuntimeError), store.write() as unit:
        Texts(unit._work).keys_of(["taken back"])
        raise RuntimeError
    other = Store.open(target, create=False)
    with other.write() as unit:
        Texts(unit._work).keys_of(["in between"])
        wanted = Texts(unit._work).keys_of(["taken back"])
    other.close()
    with store.write() as unit:
        assert Texts(unit._work).keys_of(["taken back"]) == wanted


def test_two_that_intern_the_same_text_at_once_get_one_number(store: Store, target: str) -> None:
    """The second waits for the first and takes its number."""
    other, found = Store.open(target, create=False), []
    begin = threading.Barrier(2)

    def work(one: Store) -> None:
        begin.wait()
        with one.write() as unit:
            found.append(Texts(unit._work).keys_of(["push", "alice"]))

    threads = [threading.Thread(target=work, args=(one,)) for one in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert len(found) == 2
    assert found[0] == found[1]
