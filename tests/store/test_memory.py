"""Caches hold what was used last, and no more than they may."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from stillframe.store.memory import Recent


@given(some.lists(some.tuples(some.integers(0, 9), some.integers(1, 6))))
def test_a_cache_holds_at_most_its_capacity(puts: list[tuple[int, int]]) -> None:
    """The newest value is always there; the total stays in bounds unless one value alone is larger."""
    recent: Recent[int, int] = Recent(8)
    weights: dict[int, int] = {}
    for key, weight in puts:
        recent.put(key, weight, weight=weight)
        weights[key] = weight
        assert recent.get(key) == weight
        assert sum(weight for key, weight in weights.items() if recent.get(key) is not None) <= 8
        recent.get(key)


def test_what_is_asked_for_stays() -> None:
    """The one that nobody asks for goes first."""
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.get("a")
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)
    recent.forget("a")
    recent.forget("a")
    assert recent.get("a") is None
