"""The cache of results: bounded in bytes, and nothing is taken for something else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stillframe.render.cache import BytesCache, digest_of_parts


@given(puts=st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.binary(max_size=30)), max_size=40))
def test_it_never_holds_more_than_it_may_and_never_a_stale_result(puts: list[tuple[bytes, bytes]]) -> None:
    """What it gives back is what was put last under that key, or nothing."""
    cache, last = BytesCache(bytes_most=50), dict[bytes, bytes]()
    for key, made in puts:
        cache.put(key, made)
        if len(made) <= 25:
            last[key] = made
        held = {name: cache.get(name) for name in last}
        assert sum(len(found) for found in held.values() if found) <= 50
        assert all(found in (None, last[name]) for name, found in held.items())


def test_what_was_not_asked_for_longest_goes_first() -> None:
    """A picture that is looked at all day stays."""
    cache = BytesCache(bytes_most=30)
    for name in (b"old", b"used", b"new"):
        cache.put(name, b"x" * 10)
        cache.get(b"used")
    cache.get(b"old")
    cache.get(b"used")
    cache.put(b"more", b"x" * 10)
    assert [cache.get(name) is not None for name in (b"old", b"used", b"new", b"more")] == [True, True, False, True]


def test_a_result_too_large_to_keep_pushes_nothing_out() -> None:
    """One poster does not cost a hundred small pictures."""
    cache = BytesCache(bytes_most=30)
    cache.put(b"small", b"x" * 10)
    cache.put(b"large", b"x" * 16)
    assert (cache.get(b"small"), cache.get(b"large")) == (b"x" * 10, None)


def test_inputs_that_are_cut_differently_have_different_names() -> None:
    """`ab` and `c` are not `a` and `bc`, nor is the same input of another job."""
    names = [
        digest_of_parts("svg", [b"ab", b"c"]),
        digest_of_parts("svg", [b"a", b"bc"]),
        digest_of_parts("svg", [b"abc"]),
        digest_of_parts("png", [b"abc"]),
        digest_of_parts("svg", []),
    ]
    assert len(set(names)) == len(names)
