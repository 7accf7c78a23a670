"""Scopes: what a reference names, and which names a project and a group may have."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import InvalidInput
from stillframe.model.scope import DIMENSIONS, SCOPE_KINDS, Scope, group_id, project_name, scope_of

NAMES = st.text(st.characters(codec="utf8", exclude_categories=("Cc",)), min_size=1, max_size=30)


@given(kind=st.sampled_from(SCOPE_KINDS), name=NAMES)
def test_a_reference_names_its_scope_again(kind: str, name: str) -> None:
    """Whatever is in the name: the first colon divides, and only that."""
    scope = Scope(kind=kind, name=name)  # type: ignore[arg-type]  # because the strategy draws from the kinds
    assert scope_of(scope.ref) == scope


@pytest.mark.parametrize("text", ["", "project", "project:", "board:x", "01a1fd10-ec4f-775a-a9c1-4b01af26775c", ":x"])
def test_what_is_no_reference_names_no_scope(text: str) -> None:
    """The id of a live dashboard is none."""
    assert scope_of(text) is None


@given(first=NAMES, second=NAMES)
def test_a_slug_is_one_segment_of_a_path_and_nobody_elses(first: str, second: str) -> None:
    """Two names never share one, and none is divided or decoded on the way."""
    one, other = Scope(kind="project", name=first), Scope(kind="project", name=second)
    assert re.fullmatch(r"project:[A-Za-z0-9._@+:~-]+", one.slug)
    assert (one.slug == other.slug) is (first == second)


def test_a_plain_name_is_its_own_slug() -> None:
    """People read it in addresses; a slash is written `~2F`."""
    assert Scope(kind="project", name="my-service").slug == "project:my-service"
    assert Scope(kind="project", name="a/b").slug == "project:a~2Fb"


@pytest.mark.parametrize(
    "name", ["a", "policy", "compare", "a/b", "a.b", "..a", "v1.0 beta", "x~y@z+w", "команда", "x" * 200]
)
def test_a_project_may_have_any_name_that_a_build_has(name: str) -> None:
    """Words that are part of paths are names like others."""
    assert project_name(name) == name


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "/a", "a/", ":a", "a:", "a//b", ".", "..", "a/./b", "a/../b", "a?b", "a#b", "a%b",
             "a\\b", "a\nb", "a\n", "a\x00", "x" * 201]
)  # fmt: skip
def test_a_name_that_would_not_survive_an_address_is_refused(name: str) -> None:
    """With its path, and what is allowed there."""
    with pytest.raises(InvalidInput, match=r"\$\.project_name: a project's name is"):
        project_name(name, path="$.project_name")


@given(NAMES)
def test_a_name_has_one_spelling(name: str) -> None:
    """What is accepted is accepted again as itself."""
    try:
        known = project_name(name)
    except InvalidInput:
        return
    assert project_name(known) == known


def test_two_ways_to_compose_a_letter_are_one_name() -> None:
    """Unicode Standard Annex 15: normalization form C."""
    assert project_name("e\N{COMBINING ACUTE ACCENT}") == "\N{LATIN SMALL LETTER E WITH ACUTE}"


@pytest.mark.parametrize("text", ["a", "team-a", "a.b_c", "0", "a" * 64])
def test_a_groups_id_is_plain(text: str) -> None:
    """It stands in addresses, in files' names and in the configuration."""
    assert group_id(text) == text


@pytest.mark.parametrize("text", ["", "A", "-a", "a-", "a b", "a/b", "ä", "a\n", "a" * 65])
def test_a_groups_id_that_is_not_plain_is_refused(text: str) -> None:
    """With its path, and what is allowed there."""
    with pytest.raises(InvalidInput, match=r"\$\.group_id: a group's id is 1 to 64"):
        group_id(text, path="$.group_id")


def test_the_six_dimensions_keep_their_order() -> None:
    """Tables, pictures and documents show them in it."""
    assert DIMENSIONS == ("health", "audit", "compliance", "release", "sca", "quality")
